"""Whether something may have changed, by file times alone: cheap enough to ask every second. Runs no git."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from porch_tui.git.git_files import linked_git_dir
from porch_tui.git.repository import Repository
from porch_tui.git.runner import records
from porch_tui.git.working_tree import WorkingTree

Stamp = tuple[int, int, int, int] | None
"""Differs when the file does, as far as its times can tell; None: there is none."""


def stamp(path: Path, *, is_followed: bool = False) -> Stamp:
    """The stamp of one file: of itself if it is a link, or of what it leads to."""
    try:
        found = path.stat(follow_symlinks=is_followed)
    except OSError:
        return None
    return found.st_mode, found.st_size, found.st_mtime_ns, found.st_ino


def branch_stamps(repository: Repository, branch: str) -> tuple[Stamp, ...]:
    """Stamps that differ when a branch was moved."""
    loose = repository.common_dir / "refs" / "heads" / branch
    return stamp(loose), stamp(repository.common_dir / "packed-refs")


def worktree_stamps(worktree: Path) -> tuple[Stamp, ...]:
    """Stamps that differ when something was staged, committed or checked out in a linked worktree."""
    directory = linked_git_dir(worktree)
    if directory is None:
        return ()
    return stamp(directory / "HEAD"), stamp(directory / "index"), stamp(directory / "logs" / "HEAD")


Fingerprint = Mapping[str, tuple[str, int, int]]
"""By path: git's two letters for it, and its time and size; zeros where there is no file."""


def fingerprint(worktree: WorkingTree) -> Fingerprint:
    """Return one for all that differs from HEAD; a folder git does not know is one path. Raises GitError."""
    asked = ("status", "--porcelain", "-z", "--no-renames", "--untracked-files=normal")
    found = (os.fsdecode(record) for record in records(worktree.git.run(*asked).stdout))
    return {record[3:]: (record[:2], *_stat(worktree.path / record[3:])) for record in found}


def changed(before: Fingerprint, now: Fingerprint) -> tuple[str, ...]:
    """Return the paths that are uncommitted now and were not, or not so, before; sorted."""
    return tuple(sorted(path for path, look in now.items() if before.get(path) != look))


def _stat(path: Path) -> tuple[int, int]:
    try:
        found = path.lstat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
