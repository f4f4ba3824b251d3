"""Finish a landing that was cut off in one of two ways: landed, or as if it had never begun.

A landing changes files and index first and refs last. What is found shows where it was cut off. Refs moved:
it is done. Index as in `new`: only the refs are missing. Anything else: the checkout was not finished, and
what git had written of it is undone.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from porch_tui.errors import RepositoryError
from porch_tui.git import locks, refs
from porch_tui.git.changes import Change, Version, changed_paths, changes
from porch_tui.git.landing.checkout import checkout_path, git_dir_of
from porch_tui.git.landing.obstacles import named_in
from porch_tui.git.landing.transaction import (
    Blocked,
    Intent,
    Landed,
    Moved,
    Recovery,
    RefTransaction,
    RolledBack,
    clear_intent,
    intent_written_at,
    read_intent,
)
from porch_tui.git.locks import exclusive
from porch_tui.git.refs import RunRefs
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Git
from porch_tui.git.worktree_list import find_worktree

_LOCK_WAIT_S = 3.0
"""A git that outlived porch releases its refs when it reads the end of its input."""

_ORPHAN_WAIT_S = 10.0
"""A checkout that outlived porch takes as long as a checkout takes; a lock older than this is left over."""


def recover(repository: Repository) -> Recovery | None:
    """Settle what an earlier process left of a landing; None if it left nothing. Safe to repeat."""
    with exclusive(landing_lock(repository), "finish a landing that was cut off"):
        return settle_leftover(repository)


def clear_ref_locks(
    repository: Repository, run: str, branches: Iterable[str], since: float
) -> tuple[Path, ...]:
    """Remove the locks that a killed git left on a run's refs and branches since it began; return the others.

    For the engine that has the run's lease. See `locks` for which locks stay.
    """
    common = repository.common_dir
    named = [*(f"refs/heads/{branch}" for branch in branches), "packed-refs"]
    candidates = [*(common / RunRefs(run).prefix).rglob("*.lock"), *(common / f"{one}.lock" for one in named)]
    there = [lock for lock in candidates if os.path.lexists(lock)]
    return locks.remove_stale(there, since, _LOCK_WAIT_S) if there else ()


def landing_lock(repository: Repository) -> Path:
    """Return the lock by which there is one landing at a time in a repository, across processes."""
    return repository.own_dir / "landing.lock"


def checkout_lock(repository: Repository) -> Path:
    """Return the lock that the `git read-tree` of a landing holds, so that an orphan of it can be awaited."""
    return repository.own_dir / "landing-checkout.lock"


def settle_leftover(repository: Repository) -> Recovery | None:
    """Do what `recover` does. The caller holds the landing lock and has not begun a landing."""
    try:
        intent = read_intent(repository)
    except RepositoryError as error:
        return Blocked((), str(error))
    if intent is None:
        return None
    _await_orphan(repository)
    since = intent_written_at(repository) if intent.locked_since is None else intent.locked_since
    left = locks.remove_stale(_locks(repository, intent), since, _LOCK_WAIT_S)
    if left:
        names = ", ".join(map(str, left))
        why = f"a landing that was cut off must be settled, but {names} exists; if no git runs, remove it"
        return Blocked((), why)
    return settle(repository)


def settle(repository: Repository) -> Recovery | None:
    """Do what `settle_leftover` does, for a landing whose locks are gone."""
    outcome = settle_files(repository)
    if not isinstance(outcome, Blocked):
        clear_intent(repository)
    return outcome


def settle_files(repository: Repository) -> Recovery | None:
    """Make refs and checkout agree again, for a caller that may have the refs locked itself."""
    intent = read_intent(repository)
    if intent is None:
        return None
    _await_orphan(repository)
    return _settle(repository, intent)


def moved(repository: Repository, old: str, tip: str | None) -> Moved:
    """Return the outcome for a target that is at `tip`, and not at the commit porch built on."""
    if tip is None:
        return Moved(None, False)
    contains = repository.git.run("merge-base", "--is-ancestor", old, tip, check=False)
    return Moved(tip, contains.code == 0)


def _await_orphan(repository: Repository) -> None:
    lock = checkout_lock(repository)
    # a daemon that a hook started may hold it; then only what is on disk counts
    with suppress(RepositoryError), exclusive(lock, "let a checkout end", _ORPHAN_WAIT_S):
        pass


def _locks(repository: Repository, intent: Intent) -> list[Path]:
    """Return where a landing puts lock files; others may use the same."""
    locked = [f"refs/heads/{branch}" for branch in (intent.target, *intent.verify)]
    common = [*locked, *([intent.landed_ref] if intent.landed_ref else []), "HEAD", "packed-refs"]
    files = [repository.common_dir / f"{name}.lock" for name in common]
    if _has_checkout(repository, intent):
        git_dir = git_dir_of(repository, Path(intent.worktree))
        files += [git_dir / "HEAD.lock", git_dir / "index.lock"]
    return list(dict.fromkeys(files))


def _has_checkout(repository: Repository, intent: Intent) -> bool:
    worktree = Path(intent.worktree)
    return worktree.is_dir() and find_worktree(repository, worktree) is not None


def _settle(repository: Repository, intent: Intent) -> Recovery:
    tip = refs.read(repository, f"refs/heads/{intent.target}")
    if tip != intent.new and intent.absent is not None and _has_checkout(repository, intent):
        worktree = Path(intent.worktree)
        if (git_dir_of(repository, worktree) / "index.lock").exists():
            why = f"another git command is at work in {worktree} (index.lock); if none is, remove that file"
            return Blocked((), why)
        blocked = _settle_files(repository, intent, tip)
        if blocked is not None:
            return blocked
        tip = refs.read(repository, f"refs/heads/{intent.target}")
    if tip == intent.new:
        return Landed(intent.target, intent.new)
    return RolledBack(intent.target) if tip == intent.old else moved(repository, intent.old, tip)


def _settle_files(repository: Repository, intent: Intent, tip: str | None) -> Blocked | None:
    """Make refs and checkout agree again, by finishing the landing where that is still possible."""
    git = repository.at(Path(intent.worktree)).git
    landing, index = changes(git, intent.old, intent.new), _index(git)
    if not landing or any(index.get(change.path) != change.after for change in landing):
        unfinished = [change for change in landing if index.get(change.path) == change.before]
        _undo_unfinished(git, unfinished, frozenset(intent.absent or ()))
        return None
    if tip == intent.old and checkout_path(repository, intent.target) == git.cwd:
        with RefTransaction(git, intent.message) as transaction:
            if transaction.prepare(intent.commands()) is None and transaction.commit() is None:
                return None
    if tip not in (None, intent.old):
        since = set(changed_paths(repository.git, intent.old, str(tip)))
        if any(change.path in since for change in landing):
            return None  # someone has committed on top of what was landed: it is theirs now
    git.run("update-index", "-q", "--refresh", check=False)
    done = git.run("read-tree", "-m", "-u", intent.new, intent.old, check=False, is_repeatable=False)
    if done.code == 0:
        return None
    return Blocked(
        named_in(done.stderr),
        f"a landing on {intent.target} was cut off after it had written its files to {git.cwd}, and they "
        f"cannot be taken back over changes made since: commit or stash those. {done.stderr.strip()}",
    )


def _index(git: Git) -> dict[str, Version]:
    index: dict[str, Version] = {}
    for record in git.lines_z("ls-files", "-s", "-z"):
        entry, _, path = record.partition(b"\t")
        mode, oid, stage = entry.decode().split(" ")
        index[os.fsdecode(path)] = Version(mode if stage == "0" else "unmerged", oid)
    return index


def _undo_unfinished(git: Git, landing: Sequence[Change], absent: frozenset[str]) -> None:
    """Undo what a killed `git read-tree` wrote before it got to its index.

    Only files that are exactly as in `new` while the index has them as in `old`: the landing had made sure
    that the person had changed none of them before. `absent` are those it would have deleted, but that the
    person had deleted before.
    """
    differing = set(git.paths("diff-files", "-z", "--name-only"))
    deleted = _deleted_by_git(git, [change for change in landing if change.after is None], absent)
    for change in landing:
        if change.before is None:
            if _is_as_in_new(git, change):
                (git.cwd / change.path).unlink()
        elif change.after is None:
            if change.path in deleted and change.path in differing:
                # never over anything; where a folder above it is a file now, it stays away
                git.run("checkout-index", "-q", "--", change.path, check=False)
        elif change.path in differing and _is_as_in_new(git, change):
            git.run("checkout-index", "-f", "-q", "--", change.path)


def _deleted_by_git(git: Git, leaving: Sequence[Change], absent: frozenset[str]) -> set[str]:
    """Return the files among `leaving` that a killed `git read-tree` deleted.

    It deletes before anything else, in the order of the index. So after the first file that is still there
    it has deleted none, and what is gone there was deleted by the person, before or since.
    """
    deleted = set()
    for change in sorted(leaving, key=lambda one: os.fsencode(one.path)):
        if change.path in absent:
            continue
        if not _is_as_in_new(git, change):
            break
        deleted.add(change.path)
    return deleted


def _is_as_in_new(git: Git, change: Change) -> bool:
    place = git.cwd / change.path
    if change.after is None:
        return not os.path.lexists(place)
    if place.is_symlink():
        link = os.fsencode(place.readlink())
        return git.run("hash-object", "--stdin", stdin=link).stdout.decode().strip() == change.after.oid
    return place.is_file() and git.text("hash-object", "--", change.path) == change.after.oid
