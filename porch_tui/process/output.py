"""Read the log of an attempt while it grows: a range, the last lines, everything as it comes.

Bytes, not text: a log may hold anything, and a range may begin within a character. Who reads never holds up
who writes, for the steps write into the file themselves.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

BLOCK_BYTES = 64 * 1024
POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Extract:
    """A part of a log and where it was found."""

    start: int
    """Offset of the first byte."""
    content: bytes

    @property
    def end(self) -> int:
        """Offset behind the last byte: where to go on reading."""
        return self.start + len(self.content)


def size(path: Path) -> int:
    """Return the length in bytes; 0 for a log that does not exist yet."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def read_range(path: Path, start: int, end: int) -> bytes:
    """Return the bytes from `start` up to `end`, fewer where the log is shorter or does not exist yet."""
    try:
        with path.open("rb") as log:
            log.seek(max(start, 0))
            return log.read(max(end - max(start, 0), 0))
    except FileNotFoundError:
        return b""


def tail(path: Path, lines: int, limit_bytes: int = 1024 * 1024) -> Extract:
    """Return the last `lines` lines, an unfinished one included, but never more than `limit_bytes`.

    At the limit the first line is cut on its left.
    """
    end = size(path)
    start, lowest, content = end, max(end - limit_bytes, 0), b""
    while start > lowest and content[:-1].count(b"\n") < lines:
        start, after = max(start - BLOCK_BYTES, lowest), start
        content = read_range(path, start, after) + content
    kept = _last_lines(content, lines)
    return Extract(end - len(kept), kept)


def _last_lines(content: bytes, lines: int) -> bytes:
    # Not splitlines(): the carriage returns of a progress bar do not make lines.
    cut = len(content) - 1  # whether the last byte ends a line or not, it belongs to the last one
    for _ in range(lines):
        cut = content.rfind(b"\n", 0, max(cut, 0))
        if cut < 0:
            return content
    return content[cut + 1 :]


def follow(path: Path, is_done: Callable[[], bool], start: int = 0) -> Iterator[bytes]:
    """Yield what the log holds from `start` on, and what is added, until `is_done` and all is read.

    A log that has become shorter (a step emptied it through /dev/stdout) is read from its beginning.
    """
    while True:
        is_last = is_done()  # asked before reading: what is written until then is not missed
        if size(path) < start:
            start = 0
        while chunk := read_range(path, start, start + BLOCK_BYTES):
            start += len(chunk)
            yield chunk
        if is_last:
            return
        time.sleep(POLL_S)
