"""Bring a landing that was cut off to one of its two ends: landed, or as if it had never begun.

A landing changes files and index first and refs last. What is found tells where it was cut off:
refs moved: done. Index as in `new`: only the refs are missing. Anything else: the checkout was not
finished, and what git had written of it is taken back.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from porch_tui.errors import RepositoryError
from porch_tui.git import locks, refs
from porch_tui.git.landing import transaction
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
)
from porch_tui.git.locks import exclusive
from porch_tui.git.refs import RunRefs
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Git
from porch_tui.git.worktree.task_result import changed_paths
from porch_tui.git.worktree_list import find_worktree

_LOCK_WAIT_S = 3.0
"""A git that outlived porch gives its refs up when it reads the end of its input."""

_ORPHAN_WAIT_S = 10.0
"""A checkout that outlived porch takes as long as a checkout takes; a lock older than this is a leftover."""

Entry = tuple[str, str] | None
"""Mode and object id of a path, or None where there is none."""


class _Change(Struct, frozen=True):
    path: str
    old: Entry
    new: Entry


def recover(repository: Repository) -> Recovery | None:
    """Settle what an earlier process left of a landing; None if it left nothing. Safe to repeat."""
    with exclusive(landing_lock(repository), "finish a landing that was cut off"):
        return settle_leftover(repository)


def clear_ref_locks(
    repository: Repository, run: str, branches: Iterable[str], since: float
) -> tuple[Path, ...]:
    """Remove the locks that a killed git has left on the refs and branches of a run, made since it began.

    For the engine that has the run's lease. What may be somebody's stays: see `locks`. Returns what
    stays.
    """
    common = repository.common_dir
    named = [*(f"refs/heads/{branch}" for branch in branches), "packed-refs"]
    candidates = [*(common / RunRefs(run).prefix).rglob("*.lock"), *(common / f"{one}.lock" for one in named)]
    there = [lock for lock in candidates if os.path.lexists(lock)]
    return locks.remove_stale(there, since, _LOCK_WAIT_S) if there else ()


def landing_lock(repository: Repository) -> Path:
    """One landing at a time in a repository, across processes."""
    return repository.own_dir / "landing.lock"


def checkout_lock(repository: Repository) -> Path:
    """Held by the `git read-tree` of a landing itself, so that an orphan of it can be waited for."""
    return repository.own_dir / "landing-checkout.lock"


def settle_leftover(repository: Repository) -> Recovery | None:
    """`recover`, for one who holds the landing lock and has begun no landing yet."""
    try:
        intent = transaction.read_intent(repository)
    except RepositoryError as error:
        return Blocked((), str(error))
    if intent is None:
        return None
    _await_orphan(repository)
    left = locks.remove_stale(
        _locks(repository, intent), transaction.intent_written_at(repository), _LOCK_WAIT_S
    )
    if left:
        names = ", ".join(map(str, left))
        return Blocked(
            (),
            f"a landing that was cut off is to be settled, but {names} is there; if no git runs, remove it",
        )
    return settle(repository)


def settle(repository: Repository) -> Recovery | None:
    """`settle_leftover`, also for one who has the refs locked himself."""
    intent = transaction.read_intent(repository)
    if intent is None:
        return None
    _await_orphan(repository)
    outcome = _settle(repository, intent)
    if not isinstance(outcome, Blocked):
        transaction.clear_intent(repository)
    return outcome


def _locks(repository: Repository, intent: Intent) -> list[Path]:
    """Where a landing puts lock files; those that are there may be of others."""
    refs_locked = [f"refs/heads/{branch}" for branch in (intent.target, *intent.verify)]
    common = [*refs_locked, *([intent.landed_ref] if intent.landed_ref else []), "HEAD", "packed-refs"]
    locks = [repository.common_dir / f"{name}.lock" for name in common]
    worktree = Path(intent.worktree)
    if worktree.is_dir() and find_worktree(repository, worktree) is not None:
        locks += [git_dir_of(repository, worktree) / f"{name}.lock" for name in ("HEAD", "index")]
    return list(dict.fromkeys(locks))


def _settle(repository: Repository, intent: Intent) -> Recovery:
    tip = refs.read(repository, f"refs/heads/{intent.target}")
    if tip == intent.new:
        return Landed(intent.target, intent.new)
    worktree = Path(intent.worktree)
    if intent.absent is not None and worktree.is_dir() and find_worktree(repository, worktree) is not None:
        if (git_dir_of(repository, worktree) / "index.lock").exists():
            return Blocked(
                (), f"another git command is at work in {worktree} (index.lock); if none is, remove that file"
            )
        blocked = _settle_files(repository, intent, tip)
        if blocked is not None:
            return blocked
    tip = refs.read(repository, f"refs/heads/{intent.target}")
    if tip == intent.new:
        return Landed(intent.target, intent.new)
    return RolledBack(intent.target) if tip == intent.old else moved(repository, intent.old, tip)


def _settle_files(repository: Repository, intent: Intent, tip: str | None) -> Blocked | None:
    """Make refs and checkout agree again, forward where that is still possible."""
    git = repository.at(Path(intent.worktree)).git
    changes, index = _changes(git, intent), _index(git)
    if not changes or any(index.get(change.path) != change.new for change in changes):
        unfinished = [change for change in changes if index.get(change.path) == change.old]
        _take_back_unfinished(git, unfinished, frozenset(intent.absent or ()))
        return None
    if tip == intent.old and checkout_path(repository, intent.target) == git.cwd and _move_refs(git, intent):
        return None
    if tip not in (None, intent.old) and not _is_untouched(repository, intent, changes, str(tip)):
        return None  # somebody has committed upon what was landed: it is theirs now
    return _roll_back(git, intent)


def _move_refs(git: Git, intent: Intent) -> bool:
    with RefTransaction(git, intent.message) as transaction:
        return transaction.prepare(intent.commands()) is None and transaction.commit() is None


def _is_untouched(repository: Repository, intent: Intent, changes: Sequence[_Change], tip: str) -> bool:
    since = set(changed_paths(repository.git, intent.old, tip))
    return not any(change.path in since for change in changes)


def _roll_back(git: Git, intent: Intent) -> Blocked | None:
    git.run("update-index", "-q", "--refresh", check=False)
    words = ("read-tree", "-m", "-u", intent.new, intent.old)
    done = git.run(*words, check=False, is_repeatable=False)
    if done.code == 0:
        return None
    return Blocked(
        named_in(done.stderr),
        f"a landing on {intent.target} was cut off after it had written its files to {git.cwd}, and they "
        f"cannot be taken back over changes made since: commit or stash those. {done.stderr.strip()}",
    )


def moved(repository: Repository, old: str, tip: str | None) -> Moved:
    """What to say when the target is at `tip` and not where porch built on."""
    if tip is None:
        return Moved(None, False)
    asked = repository.git.run("merge-base", "--is-ancestor", old, tip, check=False)
    return Moved(tip, asked.code == 0)


def _await_orphan(repository: Repository) -> None:
    try:
        with exclusive(checkout_lock(repository), "let a checkout end", _ORPHAN_WAIT_S):
            pass
    except RepositoryError:  # a daemon some hook started holds it; what is on disk decides then
        return


def _changes(git: Git, intent: Intent) -> list[_Change]:
    fields = git.lines_z("diff-tree", "-r", "-z", "--raw", "--no-renames", intent.old, intent.new)
    found = []
    for raw, path in zip(fields[::2], fields[1::2], strict=True):
        old_mode, new_mode, old, new, _ = raw.decode().removeprefix(":").split(" ")
        found.append(_Change(os.fsdecode(path), _entry(old_mode, old), _entry(new_mode, new)))
    return found


def _index(git: Git) -> dict[str, Entry]:
    index: dict[str, Entry] = {}
    for record in git.lines_z("ls-files", "-s", "-z"):
        entry, _, path = record.partition(b"\t")
        mode, oid, stage = entry.decode().split(" ")
        index[os.fsdecode(path)] = (mode, oid) if stage == "0" else ("unmerged", oid)
    return index


def _entry(mode: str, oid: str) -> Entry:
    return None if mode == "000000" else (mode, oid)


def _take_back_unfinished(git: Git, changes: Sequence[_Change], absent: frozenset[str]) -> None:
    """Undo what a killed `git read-tree` wrote before it came to its index.

    Only files that are exactly as in `new` while the index has them as in `old`: the landing had
    made sure that the person had changed none of them before. `absent` are those it was to delete
    that the person had deleted before.
    """
    differing = set(git.paths("diff-files", "-z", "--name-only"))
    deleted = _deleted_by_git(git, [change for change in changes if change.new is None], absent)
    for change in changes:
        if change.old is None:
            if _is_as_in_new(git, change):
                (git.cwd / change.path).unlink()
        elif change.new is None:
            if change.path in deleted and change.path in differing:
                # never over anything; where a folder above it is a file now, it stays away
                git.run("checkout-index", "-q", "--", change.path, check=False)
        elif change.path in differing and _is_as_in_new(git, change):
            git.run("checkout-index", "-f", "-q", "--", change.path)


def _deleted_by_git(git: Git, leaving: Sequence[_Change], absent: frozenset[str]) -> set[str]:
    """The files among `leaving` that a killed `git read-tree` deleted.

    It deletes first of all, in the order of the index. So behind the first file that is still there
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


def _is_as_in_new(git: Git, change: _Change) -> bool:
    place = git.cwd / change.path
    if change.new is None:
        return not os.path.lexists(place)
    if place.is_symlink():
        link = os.fsencode(place.readlink())
        return git.run("hash-object", "--stdin", stdin=link).stdout.decode().strip() == change.new[1]
    return place.is_file() and git.text("hash-object", "--", change.path) == change.new[1]
