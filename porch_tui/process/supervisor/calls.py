"""What is said of a task by hooks inside it, with `porch notify`, and by its shim; an engine reads it.

    calls.jsonl   {"at": 1234, "time_ns": 1764500000000000000, "kind": "waiting", "text": "may I?"}

In the attempt's directory. `at` is the length of `output.log` then, which puts a call between what was
printed and what was typed. Each hook imports this file: nothing slow may be imported here.
"""

# pathlib takes longer to import than all the rest of `porch notify`:
# ruff: noqa: PTH116
from __future__ import annotations

import json
import os
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

CALLS, OUTPUT = "calls.jsonl", "output.log"
KINDS = ("waiting", "working", "done", "note")
LONGEST_TEXT = 500
"""Characters that are written; fewer are shown."""
_LARGEST_BYTES = 1024 * 1024
"""Of the file: what was said before the last call changes nothing any more."""
_READ_BYTES = 64 * 1024


class Said:
    """One call: where in the output, when, what kind, and a foreign text."""

    __slots__ = ("at", "kind", "text", "time_ns")

    def __init__(self, at: int, time_ns: int, kind: str, text: str) -> None:
        self.at, self.time_ns, self.kind, self.text = at, time_ns, kind, text


def append(directory: str, kind: str, text: str, time_ns: int) -> None:
    """Write a call into an attempt's directory, all of it or nothing. Raises OSError."""
    size = os.stat(f"{directory}/{OUTPUT}").st_size
    record = {"at": size, "time_ns": time_ns, "kind": kind, "text": text[:LONGEST_TEXT]}
    file = os.open(f"{directory}/{CALLS}", os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if os.fstat(file).st_size > _LARGEST_BYTES:
            os.ftruncate(file, 0)
        os.write(file, json.dumps(record).encode() + b"\n")
    finally:
        os.close(file)


class NewCalls:
    """Reads the calls of one attempt as they come."""

    def __init__(self, directory: str) -> None:
        self._path = f"{directory}/{CALLS}"
        self._read = 0
        """Bytes that were read, whole lines."""

    def take(self) -> list[Said]:
        """Return the calls since the last time, as far as they are ones; a long file in several pieces."""
        data = b""
        with suppress(OSError):
            if (size := os.stat(self._path).st_size) == self._read:
                return []
            if size < self._read:
                self._read = 0  # it was begun again
            data = self._next()
        end = data.rfind(b"\n") + 1
        if not end and len(data) == _READ_BYTES:
            end = len(data)  # no call is as long
        self._read += end
        return list(_calls(data[:end]))

    def _next(self) -> bytes:
        file = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            return os.pread(file, _READ_BYTES, self._read)
        finally:
            os.close(file)


def _calls(lines: bytes) -> Iterator[Said]:
    for line in lines.splitlines():
        try:
            record = json.loads(line)
            at, time_ns, kind, text = (record[key] for key in ("at", "time_ns", "kind", "text"))
        except (ValueError, RecursionError, TypeError, LookupError):
            continue  # the directory is the task's own as well: anything may be in there
        is_place = all(type(one) is int and 0 <= one < 1 << 63 for one in (at, time_ns))
        if is_place and kind in KINDS and isinstance(text, str):
            yield Said(at, time_ns, kind, text)
