"""Read the log of an attempt while it grows: a range, the last lines, everything as it comes.

Bytes, not text: a log may contain anything, and a range may begin within a character. Readers never delay
writers, because the steps write into the file themselves.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct

BLOCK_BYTES = 64 * 1024
POLL_S = 0.1


class Extract(Struct, frozen=True):
    """A part of a log and its place there."""

    start: int
    """Offset of the first byte."""
    content: bytes

    @property
    def end(self) -> int:
        """Offset behind the last byte, where reading continues."""
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
    # not splitlines(): the carriage returns of a progress bar do not end lines
    cut = len(content) - 1  # the last byte belongs to the last line, whether it ends it or not
    for _ in range(lines):
        cut = content.rfind(b"\n", 0, max(cut, 0))
    kept = content[cut + 1 :]
    return Extract(end - len(kept), kept)


def follow(path: Path, is_done: Callable[[], bool], start: int = 0) -> Iterator[bytes]:
    """Yield the log from `start` on, and what is added to it, until `is_done` and all is read.

    A log that has become shorter (a step emptied it through /dev/stdout) is read from its beginning. A gap in
    the middle of a long log is skipped, but for the line that reports it.
    """
    for content, _ in follow_pieces(path, is_done, start):
        yield content


def follow_pieces(path: Path, is_done: Callable[[], bool], start: int = 0) -> Iterator[tuple[bytes, int]]:
    """Yield what `follow` does, each piece with the offset behind it."""
    while True:
        is_last = is_done()  # before reading, so that nothing is missed
        for content, end in pieces(path, start):
            yield content, end
            start = end
        if is_last:
            return
        time.sleep(POLL_S)


def pieces(path: Path, start: int) -> Iterator[tuple[bytes, int]]:
    """Yield what the log has from `start` on, in pieces, each with the offset behind it. See `follow`."""
    if size(path) < start:
        start = 0
    while (piece := next_piece(path, start))[1] > start:
        yield piece
        start = piece[1]


def next_piece(path: Path, start: int) -> tuple[bytes, int]:
    """Return what follows `start`, without the gap (see `log_cap`) around it, and where to continue."""
    try:
        with path.open("rb", buffering=0) as log:
            first = log.seek(start, os.SEEK_DATA)
            hole = log.seek(first, os.SEEK_HOLE)
            content = os.pread(log.fileno(), min(BLOCK_BYTES, hole - first), first)
            end = first + len(content)
            if end == hole < os.fstat(log.fileno()).st_size:
                content = content.rstrip(b"\0")  # a gap does not end at a block boundary
            return content if first == start else content.lstrip(b"\0"), end
    except OSError:  # nothing follows `start`, or there is no log yet
        return b"", start
