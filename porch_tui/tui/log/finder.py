"""Finds the lines of a growing log that match patterns, from one place upwards and downwards at once.

A `Finder` reads the file piece by piece in whatever thread calls `step`; its hits may be read from another.
"""

from __future__ import annotations

import os
import re
import time
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from enum import Enum, auto
from io import FileIO
from pathlib import Path
from threading import Lock

from msgspec import Struct, field

from porch_tui.tui.log.block_index import Line, opened, pread
from porch_tui.tui.log.pattern import Pattern, lines_with
from porch_tui.tui.terminal.ansi import HEAD_BYTES, TAIL_BYTES

PIECE_BYTES = 262_144
"""A piece of this size keeps a busy event loop waiting for at most 5 ms (99 of 100 times)."""
HOLE_BYTES = 4096
"""The dropped middle of a log reads as whole blocks of zeros; fewer zeros were written by the task."""
_NEWLINE = re.compile(b"\n")


class Hits(Struct, frozen=True):
    """Byte offsets of the lines found so far, in file order. The arrays keep growing; this does not."""

    above: array[int] = field(default_factory=lambda: array("Q"))
    """Upwards from where the search began: each lower than the previous one."""
    below: array[int] = field(default_factory=lambda: array("Q"))
    """Downwards from there."""
    above_count: int = 0
    below_count: int = 0
    unended: int | None = None
    """A last line without a newline, whose text may still change."""

    def __len__(self) -> int:
        return self.above_count + self.below_count + (self.unended is not None)

    def __getitem__(self, number: int) -> int:
        if not 0 <= number < len(self):
            raise IndexError(number)
        if number < self.above_count:
            return self.above[self.above_count - 1 - number]
        if number - self.above_count < self.below_count:
            return self.below[number - self.above_count]
        assert self.unended is not None  # it is the one that is left
        return self.unended

    def first_from(self, offset: int) -> int:
        """Return the number of the first hit at or after `offset`; the count of hits if there is none."""
        return bisect_left(self, offset)

    def count_up_to(self, offset: int) -> int:
        """Return how many hits are at or before `offset`."""
        return bisect_right(self, offset)


class Finder:
    """One search in one file. A line longer than a piece is searched in pieces."""

    def __init__(self, path: Path, patterns: Sequence[Pattern], begin: int, limit: int) -> None:
        """Begin at byte `begin`, where a line starts; stop after `limit` hits in either direction."""
        self.path, self.patterns, self.begin, self.limit = path, tuple(patterns), begin, limit
        self._above, self._below = array("Q"), array("Q")
        self._unended: tuple[int, bytes, bool] | None = None
        """Start and text of a last line without newline, and whether it is a hit."""
        self.low = self.high = begin
        """The bytes from `low` up to `high` were searched."""
        self._lock = Lock()
        """Keeps the file open while a piece is read."""
        self._file = _opened(path)

    @property
    def hits(self) -> Hits:
        """What was found so far."""
        above, below, unended = self._above, self._below, self._unended
        last = unended[0] if unended is not None and unended[2] else None
        return Hits(above, below, len(above), len(below), last)

    @property
    def is_cut(self) -> bool:
        """Whether the search has stopped at its limit, so that there may be more hits."""
        return len(self._above) >= self.limit or len(self._below) >= self.limit

    @property
    def has_seen_above(self) -> bool:
        """Whether nothing is left to search above."""
        return self.low == 0 or len(self._above) >= self.limit

    @property
    def left_bytes(self) -> int:
        """How many bytes are left to search in the file as it is now."""
        return self.left_below + (0 if self.has_seen_above else self.low)

    def step(self) -> bool:
        """Search a piece in each direction, and return whether more is left."""
        with self._lock:
            if self._file is None:
                return False
            if not self.has_seen_above:
                start = max(0, self.low - PIECE_BYTES)
                piece = pread(self._file, start, self.low - start)
                cut = piece.find(b"\n", 0, len(piece) - 1) + 1 if start else 0
                self._above.extend(reversed(self._found(piece[cut:].removesuffix(b"\n"), start + cut)))
                self.low = start + cut if piece else 0
            if self.left_below:
                self._look_below()
            return self.left_bytes > 0

    def look_through(self) -> None:
        """Search all there is, in a thread, in pieces between which others may run."""
        while self.step():
            time.sleep(0)

    def close(self) -> None:
        """Stop: a `step` in another thread ends with its piece."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    @property
    def left_below(self) -> int:
        """How many bytes are left to search below."""
        if self._file is None or len(self._below) >= self.limit:
            return 0
        try:
            size = os.fstat(self._file.fileno()).st_size
        except (OSError, ValueError):  # ValueError: closed just now
            return 0
        known = len(self._unended[1]) if self._unended else 0
        return max(0, size - self.high - known)

    def _look_below(self) -> None:
        piece = pread(self._file, self.high, PIECE_BYTES)
        stop = piece.rfind(b"\n") + 1
        if not stop and len(piece) == PIECE_BYTES:
            stop = len(piece)  # a piece of a very long line
        whole, rest = piece[:stop], piece[stop:]
        if whole:
            self._below.extend(self._found(whole.removesuffix(b"\n"), self.high))
            self.high += stop
        if len(piece) < PIECE_BYTES:
            is_hit = bool(rest) and bool(self._found(rest, 0))
            self._unended = (self.high, rest, is_hit) if rest else None
        elif whole:
            self._unended = None

    def _found(self, text: bytes, start: int) -> list[int]:
        """Return the offsets of the lines with all patterns; `text` ends without its newline."""
        zeros = len(text) - len(text.lstrip(b"\0"))
        gap = zeros if zeros >= HOLE_BYTES else 0
        numbers = list(lines_with(self.patterns, text[gap:]))
        if not numbers:
            return []
        starts = [0, *(match.end() for match in _NEWLINE.finditer(text, gap))]
        return [start + starts[number] for number in numbers]


class FoundLines:
    """The lines that a search has found, numbered like those of a log; what the filter shows."""

    def __init__(self, path: Path, finder: Finder) -> None:
        self.finder = finder
        self.hits = Hits()
        self._file = _opened(path)

    @property
    def line_count(self) -> int:
        """Lines that can be shown now."""
        return len(self.hits)

    @property
    def is_last_line_open(self) -> bool:
        """Whether the last line has no newline yet."""
        return self.hits.unended is not None

    def advance(self) -> int:
        """Add what was found since, and return how many of those lines are above the others."""
        before, self.hits = self.hits, self.finder.hits
        return self.hits.above_count - before.above_count

    def start(self, number: int) -> int:
        """Return the byte offset of a line in the file."""
        return self.hits[number]

    def line(self, number: int) -> Line:
        """Return one line. Raises IndexError beyond `line_count`."""
        start = self.hits[number]
        head = pread(self._file, start, HEAD_BYTES + 1)
        end = head.find(b"\n")
        if end >= 0 or len(head) <= HEAD_BYTES:
            line = head if end < 0 else head[:end]
            return Line(line, b"", len(line))
        rest = pread(self._file, start, PIECE_BYTES)  # the search reads no further either
        length = end if (end := rest.find(b"\n")) >= 0 else len(rest)
        return Line(head[:HEAD_BYTES], rest[max(0, length - TAIL_BYTES) : length], length)

    def close(self) -> None:
        """Close the file and end the search."""
        self.finder.close()
        if self._file is not None:
            self._file.close()
            self._file = None


class Outlook(Enum):
    """Why the next hit is not known."""

    UNKNOWN = auto()
    """The search has not come so far yet."""
    NONE = auto()
    """There is none on that side."""
    CUT = auto()
    """The search has stopped at its limit."""


class Jump(Struct, frozen=True):
    """A move from byte `origin` to the next hit below or above it."""

    origin: int
    is_down: bool
    turns: bool = False
    """Whether to go the other way if there is none on that side."""

    def target(self, finder: Finder) -> int | Outlook:
        """Return the offset of the next hit, or why it is not known."""
        hits = finder.hits
        if self.is_down:
            number = hits.count_up_to(self.origin)
            is_sure = finder.low <= max(0, self.origin)
            is_over, is_cut = finder.left_below == 0, len(hits.below) >= finder.limit
        else:
            number = hits.first_from(self.origin) - 1
            is_sure = self.origin <= finder.high or finder.left_below == 0
            is_over, is_cut = finder.has_seen_above, len(hits.above) >= finder.limit
        if is_sure and 0 <= number < len(hits):
            return hits[number]
        if not is_sure:
            return Outlook.CUT if finder.is_cut and finder.left_bytes == 0 else Outlook.UNKNOWN
        if is_cut:
            return Outlook.CUT
        return Outlook.NONE if is_over else Outlook.UNKNOWN


def _opened(path: Path) -> FileIO | None:
    """Return the log, or None if it cannot be opened."""
    try:
        return opened(path)
    except OSError:
        return None
