"""The lines of a log that may be too large to read before showing it: its end first, then all of it."""

from __future__ import annotations

import time
from pathlib import Path
from threading import Lock

from porch_tui.tui.log.block_index import BlockIndex, Growth, Line

ASIDE_BYTES = 8_000_000
"""With more than this left to read, a thread is worth it."""
_PIECE_BYTES = 1_048_576


class LogLines:
    """Numbered lines of one file, as far as it was read.

    While a large file is being read for the first time, only its last 64 KiB are numbered; `advance`
    returns by how much the numbers move once all is read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._whole = BlockIndex(path)
        self._ending: BlockIndex | None = None
        self._lock = Lock()
        """For `_whole`, which `read_aside` fills in a thread."""
        self._is_closed = False
        self._is_another = False
        """Whether the thread found the file replaced; the next `advance` returns that."""
        self._whole.advance()
        self.is_read = self._whole.is_complete
        """Whether all of the file was read once, so that line numbers and counts are final."""
        self.look_at_end()

    @property
    def line_count(self) -> int:
        """Lines that can be shown now."""
        with self._lock:
            return self._shown.line_count

    @property
    def is_last_line_open(self) -> bool:
        """Whether the last line has no newline yet."""
        with self._lock:
            return self._shown.is_last_line_open

    @property
    def read_percent(self) -> int:
        """How much of the file was read."""
        return 100 * self._whole.read_bytes // max(1, self._whole.file_bytes)

    @property
    def left_bytes(self) -> int:
        """How much of the file is not read yet."""
        return max(0, self._whole.file_bytes - self._whole.read_bytes)

    @property
    def trouble(self) -> str:
        """Why the file cannot be read; empty if it can, or does not exist yet."""
        return self._whole.trouble

    def line(self, number: int) -> Line:
        """Return one line. Raises IndexError beyond `line_count`."""
        with self._lock:
            return self._shown.line(number)

    def start(self, number: int) -> int:
        """Return the byte offset of a line in the file."""
        with self._lock:
            return self._shown.start(number)

    def number_at(self, offset: int) -> int | None:
        """Return the number of the line with a byte; None while that part of the file is not numbered."""
        with self._lock:
            shown = self._shown
            if not shown.origin <= offset <= shown.read_bytes:
                return None
            return min(shown.lines_before(offset), max(0, shown.line_count - 1))

    def advance(self) -> tuple[Growth, int | None]:
        """Read at most 4 MB of what is new.

        The number is None except once, when all of a large file has been read: by so much all line
        numbers moved up.
        """
        with self._lock:
            growth = Growth.AGAIN if self._is_another else self._whole.advance()
        if self.is_read or growth is Growth.AGAIN:
            return growth, None
        ending = self._ending
        if ending is not None:
            growth = ending.advance()
        if growth is Growth.AGAIN or not self._whole.is_complete:
            return growth, None
        self.is_read = True
        moved = 0 if ending is None else self._whole.lines_before(ending.origin)
        self.look_at_start()
        return growth, moved

    def read_aside(self) -> None:
        """Read the file to its end, in a thread, in pieces between which others may use the lines."""
        while not self._is_closed and not self._whole.is_complete:
            with self._lock:
                growth = self._whole.advance(_PIECE_BYTES)
                self._is_another = growth is Growth.AGAIN
            if growth is not Growth.MORE:
                return
            time.sleep(0)  # lets the drawing thread have the lock

    def look_at_start(self) -> None:
        """Number the lines from the start of the file, whether it was read to the end or not."""
        if self._ending is not None:
            self._ending.close()
        self._ending = None

    def look_at_end(self) -> None:
        """Number the lines at the end of the file, whether it was read up to there or not."""
        if self._ending is None and not self.is_read:
            self._ending = self._whole.near_end()
            self._ending.advance()

    def close(self) -> None:
        """Close the file."""
        self._is_closed = True
        self.look_at_start()
        with self._lock:
            self._whole.close()

    @property
    def _shown(self) -> BlockIndex:
        return self._ending or self._whole
