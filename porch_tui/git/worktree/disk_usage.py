"""What a folder takes on disk. Walks all of it, so it is only for people who asked, and has its patience."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from porch_tui.git.working_tree import CLONE_OF

_BLOCK = 512
"""What `st_blocks` counts, whatever the file system's own blocks are."""
PATIENCE_S = 2.0
"""For all that one command measures: some 100,000 files, and a build cache may have more."""


class DiskUsage(Struct, frozen=True):
    """Room that is taken on a disk."""

    allocated_bytes: int = 0
    """As allocated: a sparse file takes what is written of it, a hard link is counted once."""
    is_whole: bool = True
    """Whether everything was looked at, as far as it may be read; else it is more."""

    def __add__(self, other: DiskUsage) -> DiskUsage:
        return DiskUsage(self.allocated_bytes + other.allocated_bytes, self.is_whole and other.is_whole)


NOTHING = DiskUsage()


class DiskMeter:
    """Measures one folder after the other until its patience is at an end."""

    def __init__(self, timeout_s: float = PATIENCE_S) -> None:
        self._deadline = time.monotonic() + timeout_s
        self._linked: set[tuple[int, int]] = set()
        self._lent: tuple[str, ...] = ()
        """Where clones have what is the repository's too, as long as that keeps it."""

    def measure(self, folders: Iterable[Path]) -> DiskUsage:
        """Return what the folders take together. Links are not followed; what is not there takes nothing."""
        waiting, total = [os.fspath(folder) for folder in folders], 0
        while waiting:
            if time.monotonic() > self._deadline:
                return DiskUsage(total, is_whole=False)
            folder = waiting.pop()
            try:
                with os.scandir(folder) as entries:
                    found = [(entry.path, entry.stat(follow_symlinks=False)) for entry in entries]
            except OSError:  # not there, not to be read, or going away this moment
                continue
            if any(path.endswith(f"/{CLONE_OF}") for path, _ in found):
                self._lent = (*self._lent, f"{folder}/objects/")
            is_lent = f"{folder}/".startswith(self._lent)
            total += sum(self._room(status) for _, status in found if not (is_lent and status.st_nlink > 1))
            waiting += [path for path, status in found if stat.S_ISDIR(status.st_mode)]
        return DiskUsage(total)

    def _room(self, status: os.stat_result) -> int:
        if status.st_nlink > 1 and not stat.S_ISDIR(status.st_mode):
            key = (status.st_dev, status.st_ino)
            if key in self._linked:
                return 0
            self._linked.add(key)
        return status.st_blocks * _BLOCK
