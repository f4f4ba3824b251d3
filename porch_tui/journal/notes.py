"""A file of what earlier runs found out: a line of JSON per note, the newest last.

It is a convenience: what cannot be read is not known, what cannot be written is found out
again. Lines are only ever added, so no lock is needed; the oldest are forgotten when
there are too many. What the notes mean is known by those who write them.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from porch_tui.journal.durable import PRIVATE_FILE, read_file, replace

Note = TypeVar("Note")


def add(path: Path, note: object, *, most: int, kept: int) -> None:
    """Add a note; of more than `most` the newest `kept` stay. Never raises for the disk's sake."""
    with suppress(OSError):
        descriptor = os.open(
            path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NONBLOCK, PRIVATE_FILE
        )
        try:
            os.write(descriptor, _line(note))
        finally:
            os.close(descriptor)
        lines = _lines(path)
        if len(lines) > most:
            replace(path, b"\n".join(lines[-kept:]) + b"\n")


def newest_first(path: Path, kind: type[Note]) -> list[Note]:
    """Return the notes that can be read; none if there is no such file."""
    found = []
    for line in reversed(_lines(path)):
        with suppress(ValueError, RecursionError, msgspec.DecodeError):  # torn, or written by another porch
            found.append(_note(line, kind))
    return found


def _line(note: object) -> bytes:
    """Return the note as a line; a byte of a path that is not UTF-8 is written `\\udce9`, as in a journal."""
    try:
        return msgspec.json.encode(note) + b"\n"
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(note)).encode() + b"\n"


def _note(line: bytes, kind: type[Note]) -> Note:
    try:
        return msgspec.json.decode(line, type=kind)
    except msgspec.DecodeError:  # it knows no half of a pair, which Python does
        return msgspec.convert(json.loads(line), type=kind)


def _lines(path: Path) -> list[bytes]:
    try:
        return read_file(path).splitlines()
    except OSError:
        return []
