"""Packs that arrive: indexed out of sight, looked at, and moved in only when all is well.

As `objects` does for what porch makes itself: into a folder of its own first, from there into the
repository as a pack that no gc deletes until the refs are there. What is refused leaves nothing; the death
of the process leaves that folder, which `objects.sweep` deletes.
"""

from __future__ import annotations

import mmap
import os
import signal
import struct
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from porch_tui.core.model.copying import replace
from porch_tui.git.objects import NewObjects, making_objects
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Git, GitError
from porch_tui.git.transfer.headers import TransferError, shown

MOST_OBJECTS = 5_000_000
"""In one pack; git needs about 100 bytes of memory for each while it makes the index."""
_LARGEST_ALLOCATION = "1g"
"""Of git's for one object: a small delta can stand for a huge one. Files above 512 MB are read in pieces."""
_CRASHES = frozenset({-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS, -signal.SIGFPE, -signal.SIGILL})
"""How git ends on some damaged packs: it does so each time, unlike when it is killed (found by mutation)."""


class Arrival(Struct, frozen=True):
    """A pack that was indexed, and is not in the repository yet."""

    made: NewObjects
    git: Git
    """Git in the repository, with the objects of the pack, and without replacements (`git replace`)."""

    def has_all(self, objects: Iterable[bytes]) -> bool:
        """Whether all these object ids, in hexadecimal, are in the pack itself."""
        indexes = [_Index(path) for path in (self.made.folder / "pack").glob("*.idx")]
        return all(any(one.has(bytes.fromhex(oid.decode())) for one in indexes) for oid in objects)

    @contextmanager
    def listed(self, *words: str) -> Iterator[Iterator[bytes]]:
        """Yield the lines of `git rev-list --objects`, ids alone. Raises `GitError` if one is missing."""
        with tempfile.TemporaryFile() as file:
            self.git.pour("rev-list", "--objects", "--no-object-names", *words, target=file)
            file.seek(0)
            yield (line.rstrip(b"\n") for line in file)


@contextmanager
def arriving(repository: Repository, file: BinaryIO, pack_at: int, *, is_strict: bool) -> Iterator[Arrival]:
    """Index the pack in a file from an offset on, and yield it; `made.publish()` moves it in.

    Strict: objects that git would not write itself, such as a file named `.git`, are refused. Raises
    `TransferError` when the pack is refused or damaged, or lacks what it builds on.
    """
    head = os.pread(file.fileno(), 12, pack_at)
    if len(head) < 12 or head[:4] != b"PACK":
        raise TransferError("there is no pack after its header")
    if (count := struct.unpack(">I", head[8:])[0]) > MOST_OBJECTS:
        raise TransferError(f"its pack has {count} objects, and at most {MOST_OBJECTS} are taken")
    with making_objects(repository.common_dir) as made:
        (made.folder / "pack").mkdir()
        # GIT_NO_REPLACE_OBJECTS: what is checked is what was sent, whatever the person shows in its place
        settings = {"GIT_NO_REPLACE_OBJECTS": "1", "GIT_ALLOC_LIMIT": _LARGEST_ALLOCATION}
        git = replace(repository, objects=made.folder).main.git_with(settings)
        os.lseek(file.fileno(), pack_at, os.SEEK_SET)
        try:
            # there: a core file of a git that crashes goes with the folder
            there = replace(git, cwd=made.folder)
            options = ("--strict", "--fix-thin") if is_strict else ("--fix-thin",)
            there.pour("index-pack", *options, "--index-version=2", "--stdin", source=file)
        except GitError as error:
            raise_if_crashed(error)
            if error.is_temporary:
                raise
            lines = error.stderr.strip().splitlines() or ["no reason"]
            raise TransferError(f"git refuses its pack: {shown(lines[0])}") from error
        yield Arrival(made, git)


def raise_if_crashed(error: GitError) -> None:
    """Raise `TransferError` if git ended in a way that only what was sent can explain."""
    if error.code in _CRASHES:
        name = signal.Signals(-error.code).name
        raise TransferError(f"git crashes on its objects ({name})") from error


class _Index:
    """The object ids in the index of a pack, version 2 (gitformat-pack)."""

    _FANOUT_AT, _IDS_AT = 8, 8 + 256 * 4

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._upto = struct.unpack_from(">256I", self._data, self._FANOUT_AT)

    def has(self, oid: bytes) -> bool:
        """Whether the pack has this object."""
        low, high = self._upto[oid[0] - 1] if oid[0] else 0, self._upto[oid[0]]
        while low < high:
            middle = (low + high) // 2
            at = self._IDS_AT + middle * len(oid)
            found = self._data[at : at + len(oid)]
            if found == oid:
                return True
            low, high = (middle + 1, high) if found < oid else (low, middle)
        return False
