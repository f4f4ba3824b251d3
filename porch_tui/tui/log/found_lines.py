"""Only those lines of a log that were found: what the filter shows, numbered like any lines."""

from __future__ import annotations

import os
from io import FileIO
from pathlib import Path

from porch_tui.tui.log.block_index import Line
from porch_tui.tui.log.finder import PIECE_BYTES, Finder
from porch_tui.tui.log.hits import Hits
from porch_tui.tui.terminal.ansi import HEAD_BYTES, TAIL_BYTES


class FoundLines:
    """The hits of a search, as of the last `advance`."""

    def __init__(self, path: Path, finder: Finder) -> None:
        self.finder = finder
        self.hits = Hits()
        try:
            self._file: FileIO | None = FileIO(
                path, "r", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)
            )
        except OSError:
            self._file = None

    @property
    def line_count(self) -> int:
        """Lines that can be shown now."""
        return len(self.hits)

    @property
    def is_last_line_open(self) -> bool:
        """Whether the last line has no newline yet."""
        return self.hits.unended is not None

    def advance(self) -> int:
        """Take in what was found since, and return how many of those lines stand above the others."""
        before, self.hits = self.hits, self.finder.hits
        return self.hits.above_count - before.above_count

    def start(self, number: int) -> int:
        """Return the byte offset of a line in the file."""
        return self.hits[number]

    def line(self, number: int) -> Line:
        """Return one line. Raises IndexError beyond `line_count`."""
        start = self.hits[number]
        head = self._pread(start, HEAD_BYTES + 1)
        end = head.find(b"\n")
        if end >= 0 or len(head) <= HEAD_BYTES:
            line = head if end < 0 else head[:end]
            return Line(line, b"", len(line))
        rest = self._pread(start, PIECE_BYTES)  # the search has looked no further either
        length = end if (end := rest.find(b"\n")) >= 0 else len(rest)
        return Line(head[:HEAD_BYTES], rest[max(0, length - TAIL_BYTES) : length], length)

    def close(self) -> None:
        """Let go of the file and end the search."""
        self.finder.close()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _pread(self, offset: int, size: int) -> bytes:
        if self._file is None:
            return b""
        try:
            return os.pread(self._file.fileno(), size, offset)
        except OSError:
            return b""
