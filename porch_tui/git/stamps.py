"""Whether something may have changed, by file times alone: cheap enough to ask every second. Runs no git."""

from __future__ import annotations

from pathlib import Path

from porch_tui.git.configuration import files
from porch_tui.git.repository import Repository
from porch_tui.git.small_files import linked_git_dir

Stamp = tuple[int, int, int, int] | None
"""Differs when the file does, as far as its times can tell; None: there is none."""


def stamp(path: Path, *, is_followed: bool = False) -> Stamp:
    """The stamp of one file: of itself if it is a link, or of what it leads to."""
    try:
        found = path.stat(follow_symlinks=is_followed)
    except OSError:
        return None
    return found.st_mode, found.st_size, found.st_mtime_ns, found.st_ino


def configuration_stamps(repository: Repository) -> tuple[Stamp, ...]:
    """Stamps that differ when git may be configured in another way: the repository's own, and the person's.

    What those files include, and the system's, counts as it was first read.
    """
    return tuple(stamp(repository.common_dir / name) for name in files())


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
