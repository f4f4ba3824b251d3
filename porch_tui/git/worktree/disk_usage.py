"""How much disk space folders take, and how much a checkout will take.

Measuring walks all of a folder, so it is only for commands that report it, and stops after a while.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from porch_tui.git.configuration import effective
from porch_tui.git.repository import Repository
from porch_tui.git.runner import records
from porch_tui.git.working_tree import CLONE_OF

_BLOCK = 512
"""The unit of `st_blocks`, whatever the file system's own blocks are."""
TIMEOUT_S = 2.0
"""For all that one command measures: some 100,000 files, and a build cache may have more."""
_PROMISOR = re.compile(r"remote\..*\.promisor", re.DOTALL)


class DiskUsage(Struct, frozen=True):
    """Space that is taken on a disk."""

    allocated_bytes: int = 0
    """Of a sparse file what is written of it; a hard link is counted once."""
    is_whole: bool = True
    """Whether everything readable was measured; else it is more."""

    def __add__(self, other: DiskUsage) -> DiskUsage:
        return DiskUsage(self.allocated_bytes + other.allocated_bytes, self.is_whole and other.is_whole)


NOTHING = DiskUsage()


class DiskMeter:
    """Measures one folder after the other until its time is up."""

    def __init__(self, timeout_s: float = TIMEOUT_S) -> None:
        self._deadline = time.monotonic() + timeout_s
        self._linked: set[tuple[int, int]] = set()
        self._shared: tuple[str, ...] = ()
        """Object stores of clones: files with several links in there are the repository's too."""

    def measure(self, folders: Iterable[Path]) -> DiskUsage:
        """Return what the folders take together. Links are not followed; a missing folder takes nothing."""
        waiting, total = [os.fspath(folder) for folder in folders], 0
        while waiting:
            if time.monotonic() > self._deadline:
                return DiskUsage(total, is_whole=False)
            folder = waiting.pop()
            try:
                inside = _inside(folder)
            except OSError:  # missing, unreadable, or being deleted this moment
                continue
            if CLONE_OF in inside:
                self._shared = (*self._shared, f"{folder}/objects/")
            is_shared = f"{folder}/".startswith(self._shared)
            for name, status in inside.items():
                if stat.S_ISDIR(status.st_mode):
                    waiting.append(f"{folder}/{name}")
                elif status.st_nlink > 1:
                    key = (status.st_dev, status.st_ino)
                    if is_shared or key in self._linked:
                        continue
                    self._linked.add(key)
                total += status.st_blocks * _BLOCK
        return DiskUsage(total)


def _inside(folder: str) -> dict[str, os.stat_result]:
    """Return what is in a folder by name. Raises OSError."""
    # by a descriptor: with whole paths the kernel takes half as long again
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with os.scandir(descriptor) as entries:
            return {entry.name: entry.stat(follow_symlinks=False) for entry in entries}
    finally:
        os.close(descriptor)


_sizes: dict[str, tuple[int, int]] = {}
"""By commit: what is in one never changes."""


def tree_size(repository: Repository, commit: str) -> tuple[int, int]:
    """Return the bytes and the number of files that are checked out of a commit, as far as known.

    Of a partial clone those of the main worktree: asking git for the size of what is missing fetches it, one
    file after the other.
    """
    keys = effective(repository).values()
    if "extensions.partialclone" in keys or any(_PROMISOR.fullmatch(key) for key in keys):
        listed = repository.git.run("ls-files", "--debug").stdout.splitlines()
        on_disk = [int(line.split()[1]) for line in listed if line.startswith(b"  size: ")]
        return sum(on_disk), sum(1 for size in on_disk if size)
    if commit not in _sizes:
        listed = records(repository.git.run("ls-tree", "-r", "-l", "-z", "--full-tree", commit).stdout)
        sizes = [record.partition(b"\t")[0].split()[3] for record in listed]
        _sizes[commit] = (sum(int(size) for size in sizes if size != b"-"), len(sizes))
    return _sizes[commit]


def existing_parent(path: Path) -> Path:
    """Return the nearest existing folder above a path."""
    return next(parent for parent in path.absolute().parents if parent.exists())
