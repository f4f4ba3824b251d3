"""How much disk space folders take, and how much a checkout will take.

Measuring walks all of a folder, so it is only for commands that report it, and stops after a while.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections import Counter
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
                with os.scandir(folder) as entries:
                    found = [(entry.path, entry.stat(follow_symlinks=False)) for entry in entries]
            except OSError:  # missing, unreadable, or being deleted this moment
                continue
            if any(path.endswith(f"/{CLONE_OF}") for path, _ in found):
                self._shared = (*self._shared, f"{folder}/objects/")
            is_shared = f"{folder}/".startswith(self._shared)
            total += sum(
                self._allocated(status) for _, status in found if not (is_shared and status.st_nlink > 1)
            )
            waiting += [path for path, status in found if stat.S_ISDIR(status.st_mode)]
        return DiskUsage(total)

    def _allocated(self, status: os.stat_result) -> int:
        if status.st_nlink > 1 and not stat.S_ISDIR(status.st_mode):
            key = (status.st_dev, status.st_ino)
            if key in self._linked:
                return 0
            self._linked.add(key)
        return status.st_blocks * _BLOCK


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


def existing_parents(paths: Iterable[Path]) -> dict[Path, int]:
    """Return the nearest existing folders above the paths, and how many of the paths are below each."""
    counts: Counter[Path] = Counter()
    for folder, count in Counter(path.parent for path in paths).items():
        counts[existing_parent(folder / "any")] += count
    return counts


def existing_parent(path: Path) -> Path:
    """Return the nearest existing folder above a path."""
    return next(parent for parent in path.absolute().parents if parent.exists())
