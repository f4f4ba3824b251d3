"""Looks through a log for patterns, piece by piece, from where a person looks upwards and downwards at once.

It reads the file by itself and owns no thread: whoever wants the hits calls
`step`, from one thread at a time. `hits` and the rest may be read from another.
"""

from __future__ import annotations

import os
import re
import time
from array import array
from collections.abc import Sequence
from io import FileIO
from pathlib import Path
from threading import Lock

from porch_tui.tui.log.hits import Hits
from porch_tui.tui.log.pattern import Pattern, lines_with

PIECE_BYTES = 262_144
"""Of this size, pieces keep a busy event loop waiting for 5 ms at most (99 of 100 times)."""
HOLE_BYTES = 4096
"""What was dropped from the middle of a log reads as whole blocks of zeros; fewer a task has written."""
_NEWLINE = re.compile(b"\n")


class Finder:
    """One search in one file. A line longer than a piece is looked at in pieces."""

    def __init__(self, path: Path, patterns: Sequence[Pattern], begin: int, limit: int) -> None:
        """Begin at byte `begin`, where a line starts; stop after `limit` hits in either direction."""
        self.path, self.patterns, self.begin, self.limit = path, tuple(patterns), begin, limit
        self._above, self._below = array("Q"), array("Q")
        self._unended: tuple[int, bytes, bool] | None = None
        """Start and text of a last line without newline, and whether it is a hit."""
        self.low = self.high = begin
        """What lies from `low` up to `high` was looked through."""
        self._lock = Lock()
        """Held for a piece, so that the file is not closed while it is read."""
        try:
            self._file: FileIO | None = FileIO(
                path, "r", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)
            )
        except OSError:
            self._file = None  # not there yet: the log is shown anew once it is

    @property
    def hits(self) -> Hits:
        """What was found by now."""
        unended = self._unended
        return Hits(
            self._above,
            self._below,
            len(self._above),
            len(self._below),
            unended[0] if unended is not None and unended[2] else None,
        )

    @property
    def is_cut(self) -> bool:
        """Whether there may be more hits than were looked for."""
        return len(self._above) >= self.limit or len(self._below) >= self.limit

    @property
    def has_seen_above(self) -> bool:
        """Whether nothing is left to look through above."""
        return self.low == 0 or len(self._above) >= self.limit

    @property
    def left_bytes(self) -> int:
        """What is still to be looked through, as far as the file has grown."""
        above = 0 if self.has_seen_above else self.low
        return above + self.left_below

    def step(self) -> bool:
        """Look through a piece in each direction, and say whether there is more."""
        with self._lock:
            if self._file is None:
                return False
            if not self.has_seen_above:
                self._look_above()
            if self.left_below:
                self._look_below()
            return self.left_bytes > 0

    def look_through(self) -> None:
        """Look through all there is, in pieces between which others may do something. For a thread."""
        while self.step():
            time.sleep(0)

    def close(self) -> None:
        """Look no further: a `step` in another thread ends with its piece."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    @property
    def left_below(self) -> int:
        """How many bytes below are still to be looked through."""
        if self._file is None or len(self._below) >= self.limit:
            return 0
        try:
            size = os.fstat(self._file.fileno()).st_size
        except (OSError, ValueError):  # ValueError: closed just now
            return 0
        known = len(self._unended[1]) if self._unended else 0
        return max(0, size - self.high - known)

    def _look_above(self) -> None:
        start = max(0, self.low - PIECE_BYTES)
        piece = self._pread(start, self.low - start)
        cut = piece.find(b"\n", 0, len(piece) - 1) + 1 if start else 0
        self._above.extend(reversed(self._found(piece[cut:].removesuffix(b"\n"), start + cut)))
        self.low = start + cut if piece else 0

    def _look_below(self) -> None:
        piece = self._pread(self.high, PIECE_BYTES)
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

    def _pread(self, offset: int, size: int) -> bytes:
        assert self._file is not None
        try:
            return os.pread(self._file.fileno(), size, offset)
        except OSError:
            return b""
