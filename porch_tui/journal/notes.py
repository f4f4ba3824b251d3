"""A file of what earlier runs of a repository found out: a line of JSON per note, the newest last.

It is a convenience: what cannot be read is not known, what cannot be written is found out
again. Lines are only ever added, so no lock is needed; the oldest are forgotten when
there are too many. What the notes mean is known by those who write them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from porch_tui.journal.durable import PRIVATE_FILE, read_file, replace

Note = TypeVar("Note")


class Notes(Generic[Note]):
    """The notes of one kind, in `<common git dir>/porch/<file>`."""

    def __init__(self, file: str, kind: type[Note], *, most: int, kept: int) -> None:
        """With more than `most` notes the newest `kept` stay."""
        self.file = file
        self.most = most
        self.kept = kept
        self._decoder = msgspec.json.Decoder(kind)
        """Made at import: threads must not be the first to use a type of msgspec's."""

    def add(self, common_dir: Path, note: Note) -> None:
        """Add a note; the oldest are forgotten when there are too many. Never raises for the disk's sake."""
        self.add_all(common_dir, [note])

    def add_all(self, common_dir: Path, notes: Iterable[Note]) -> None:
        """Add several notes at once."""
        path = common_dir / "porch" / self.file
        added = b"".join(_line(note) + b"\n" for note in notes)
        if not added:
            return
        with suppress(OSError):
            descriptor = os.open(
                path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NONBLOCK, PRIVATE_FILE
            )
            try:
                os.write(descriptor, added)
            finally:
                os.close(descriptor)
            lines = read_file(path).splitlines()
            if len(lines) > self.most:
                replace(path, b"\n".join(lines[-self.kept :]) + b"\n")

    def newest_first(self, common_dir: Path) -> list[Note]:
        """Return the notes that can be read; none if there is no such file."""
        found = []
        with suppress(OSError):
            for line in reversed(read_file(common_dir / "porch" / self.file).splitlines()):
                # torn, or written by another porch
                with suppress(ValueError, RecursionError, msgspec.DecodeError):
                    try:
                        found.append(self._decoder.decode(line))
                    except msgspec.DecodeError:  # it knows no half of a pair, which Python does
                        found.append(msgspec.convert(json.loads(line), self._decoder.type))
        return found


def _line(note: object) -> bytes:
    try:
        return msgspec.json.encode(note)
    except UnicodeEncodeError:  # a byte of a path that is not UTF-8 is written `\\udce9`, as in a journal
        return json.dumps(msgspec.to_builtins(note)).encode()
