"""Fingerprints that differ when files, refs or a worktree have changed: cheap enough to take every second."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from porch_tui.git.changes import uncommitted
from porch_tui.git.git_files import linked_git_dir
from porch_tui.git.repository import Repository
from porch_tui.git.working_tree import WorkingTree

Stamp = tuple[int, int, int, int] | None
"""Differs when the file does, as far as its times can tell; None if there is no file."""

Fingerprint = Mapping[str, tuple[str, Stamp]]
"""By path: git's two letters for it, and its stamp."""


def stamp(path: Path, *, is_followed: bool = False) -> Stamp:
    """Return the stamp of a file: of a link itself, or with `is_followed` of what it leads to."""
    try:
        status = path.stat(follow_symlinks=is_followed)
    except OSError:
        return None
    return status.st_mode, status.st_size, status.st_mtime_ns, status.st_ino


def branch_stamps(repository: Repository, branch: str) -> tuple[Stamp, ...]:
    """Return stamps that differ when a branch was moved."""
    loose = repository.common_dir / "refs" / "heads" / branch
    return stamp(loose), stamp(repository.common_dir / "packed-refs")


def worktree_stamps(worktree: Path) -> tuple[Stamp, ...]:
    """Return stamps that differ when something was staged, committed or checked out in a linked worktree."""
    directory = linked_git_dir(worktree)
    if directory is None:
        return ()
    return stamp(directory / "HEAD"), stamp(directory / "index"), stamp(directory / "logs" / "HEAD")


def fingerprint(worktree: WorkingTree) -> Fingerprint:
    """Return the fingerprint of all that differs from HEAD. Raises `GitError`."""
    return {path: (code, stamp(worktree.path / path)) for code, path in uncommitted(worktree.git)}


def changed(before: Fingerprint, now: Fingerprint) -> tuple[str, ...]:
    """Return the paths, sorted, that are uncommitted now and were not, or looked different, before."""
    return tuple(sorted(path for path, look in now.items() if before.get(path) != look))
