"""Read what git knows of its worktrees. Reads only."""

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from porch_tui.git import refs
from porch_tui.git.git_files import recorded_path
from porch_tui.git.refs import PackedRefs
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Argument, Completed, Git

OURS = "porch "
"""What the lock reason of every worktree begins with that porch made."""

MADE_FOR = "porch-made-for"
"""In an admin folder: the lock reason once more, for other tools unlock what they find locked."""

_TRIES = 6
_RACES = re.compile(r"failed to read .*commondir|bad object worktrees/|unable to read .*gitdir")


class Worktree(Struct, frozen=True):
    """One entry of git's list; its folder may be gone."""

    path: Path
    head: str | None
    branch: str | None
    """Without `refs/heads/`; None when HEAD is detached."""
    lock_reason: str | None
    noted: str = ""
    """What porch wrote down of what it made this for, if no lock of porch's says so any more."""

    @property
    def made_for(self) -> str:
        """What porch made it for, such as `porch <run>/<task>`; empty: porch did not make it."""
        if self.lock_reason is not None and self.lock_reason.startswith(OURS):
            return self.lock_reason
        return self.noted

    @property
    def is_ours(self) -> bool:
        """Whether porch made it: only then may porch change or remove it."""
        return bool(self.made_for)

    @property
    def is_held_by_others(self) -> bool:
        """Whether porch made it, and somebody else has locked it since."""
        return bool(self.noted) and self.lock_reason is not None and self.made_for != self.lock_reason


def listing(repository: Repository) -> tuple[Worktree, ...]:
    """Every worktree git has a record of, the main one first.

    Read from git's own files where refs are files: that costs no process, and never fails over an entry
    that another git is just writing. Where refs are stored in another way, git is asked.
    """
    if (repository.common_dir / "reftable").exists():
        output = run_among_races(repository.git, "worktree", "list", "--porcelain", "-z").stdout
        return tuple(_worktree(block) for block in output.split(b"\0\0") if block)
    packed = PackedRefs(repository.common_dir)
    linked = linked_worktrees(repository.common_dir, packed)
    if repository.is_bare:
        return tuple(sorted(linked, key=lambda one: one.path.resolve() != repository.root))
    head, branch = refs.head(repository.common_dir, repository.common_dir, packed)
    return (Worktree(repository.root, head, branch, None), *linked)


def on_branch(repository: Repository, branch: str) -> tuple[Worktree, ...]:
    """Those of `listing` that have a branch checked out; of the others only the HEAD is read."""
    if (repository.common_dir / "reftable").exists() or repository.is_bare:
        return tuple(one for one in listing(repository) if one.branch == branch)
    packed = PackedRefs(repository.common_dir)
    linked = linked_worktrees(repository.common_dir, packed, branch)
    head, its_branch = refs.head(repository.common_dir, repository.common_dir, packed)
    main = Worktree(repository.root, head, its_branch, None)
    return tuple(one for one in (main, *linked) if one.branch == branch)


def find(repository: Repository, path: Path) -> Worktree | None:
    """The worktree git has on record at `path`."""
    wanted = path.resolve()
    return next((one for one in listing(repository) if one.path.resolve() == wanted), None)


def run_among_races(git: Git, *args: Argument) -> Completed:
    """Run a command that enumerates worktrees, again when another process was just adding one.

    Git reads the other worktrees' half-written files; six tries, 20 ms doubling, with jitter.
    """
    for attempt in range(_TRIES - 1):
        done = git.run(*args, check=False)
        if done.code == 0 or not _RACES.search(done.stderr):
            break
        time.sleep(0.02 * 2**attempt * random.uniform(0.5, 1.5))
    else:
        done = git.run(*args, check=False)
    if done.code != 0:
        raise git.failure(args, done)
    return done


def admin_dirs(common_dir: Path) -> list[str]:
    """The folders in which git keeps what belongs to one linked worktree each, by their names."""
    folder = str(common_dir / "worktrees")
    try:
        return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]  # noqa: PTH118, PTH208
    except OSError:
        return []


def linked_worktrees(common_dir: Path, packed: PackedRefs, wanted: str | None = None) -> Iterator[Worktree]:
    """Yield the linked worktrees in the order of their names, but those whose record is not whole.

    With a `wanted` branch, those whose HEAD certainly leads elsewhere may be left out.
    """
    for name in admin_dirs(common_dir):
        if wanted is not None and not refs.may_lead_to(name, common_dir, wanted):
            continue
        admin = Path(name)
        place = recorded_path(admin)
        try:
            head, its_branch = refs.head(admin, common_dir, packed)
        except OSError:
            place = None
        if place is None:  # it is being removed
            continue
        reason = _said(admin / "locked")
        is_said = reason is not None and reason.startswith(OURS)
        noted = "" if is_said else _said(admin / MADE_FOR) or ""
        yield Worktree(place, head, its_branch, reason, noted)


def _said(file: Path) -> str | None:
    try:
        return file.read_text("utf-8", "surrogateescape").strip()
    except OSError:
        return None


def _worktree(block: bytes) -> Worktree:
    fields: dict[str, str] = {}
    for line in block.split(b"\0"):
        key, _, value = os.fsdecode(line).partition(" ")
        fields[key] = value
    branch = fields.get("branch")
    lock = fields.get("locked")
    return Worktree(
        path=Path(fields["worktree"]),
        head=fields.get("HEAD"),
        branch=branch.removeprefix("refs/heads/") if branch else None,
        lock_reason=lock.strip() if lock is not None else None,
    )
