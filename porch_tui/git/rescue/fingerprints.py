"""What is uncommitted in a worktree, in a form in which two looks can be compared. Reads only."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from porch_tui.git.runner import records
from porch_tui.git.working_tree import WorkingTree

Print = Mapping[str, tuple[str, int, int]]
"""By path: git's two letters for it, and its time and size; zeros where there is no file."""


def fingerprint(worktree: WorkingTree) -> Print:
    """Return one for all that differs from HEAD; a folder git does not know is one path. Raises GitError."""
    asked = ("status", "--porcelain", "-z", "--no-renames", "--untracked-files=normal")
    found = (os.fsdecode(record) for record in records(worktree.git.run(*asked).stdout))
    return {record[3:]: (record[:2], *_stat(worktree.path / record[3:])) for record in found}


def changed(before: Print, now: Print) -> tuple[str, ...]:
    """Return the paths that are uncommitted now and were not, or not so, before; sorted."""
    return tuple(sorted(path for path, look in now.items() if before.get(path) != look))


def _stat(path: Path) -> tuple[int, int]:
    try:
        found = path.lstat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
