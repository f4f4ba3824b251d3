"""The lines of a log that may be too large to read before showing it: its end first, all of it when read.

Where the window stands and what it looks like is `log_pane`'s business.
"""

from __future__ import annotations

from pathlib import Path

from porch_tui.tui.block_index import BlockIndex, Growth, Line


class LogLines:
    """Numbered lines of one file, read as far as `advance` came.

    While a large file is being read for the first time, the numbers are those of
    its last 64 KiB; `advance` says by how much they move once the whole is known.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._whole = BlockIndex(path)
        self._ending: BlockIndex | None = None
        self._whole.advance()
        self.is_read = self._whole.is_complete
        """Whether all of the file was read once, so that line numbers and counts are true."""
        self.look_at_end()

    @property
    def line_count(self) -> int:
        """Lines that can be shown now."""
        return self._shown.line_count

    @property
    def is_last_line_open(self) -> bool:
        """Whether the last line has no newline yet."""
        return self._shown.is_last_line_open

    @property
    def read_percent(self) -> int:
        """How much of the file was read."""
        return 100 * self._whole.read_bytes // max(1, self._whole.file_bytes)

    @property
    def trouble(self) -> str:
        """Why the file cannot be read; empty if it can, or is not there yet."""
        return self._whole.trouble

    def line(self, number: int) -> Line:
        """Return one line. Raises IndexError beyond `line_count`."""
        return self._shown.line(number)

    def advance(self) -> tuple[Growth, int | None]:
        """Look at the file and read 4 MB at most.

        The number is None but once, when all of a large file has been read: by
        so much all line numbers moved up then.
        """
        growth = self._whole.advance()
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

    def look_at_start(self) -> None:
        """Number the lines from the start of the file, read to the end or not."""
        if self._ending is not None:
            self._ending.close()
        self._ending = None

    def look_at_end(self) -> None:
        """Have the end of the file among the lines, whether it was read up to there or not."""
        if self._ending is None and not self.is_read:
            self._ending = self._whole.near_end()
            self._ending.advance()

    def close(self) -> None:
        """Let go of the file."""
        self.look_at_start()
        self._whole.close()

    @property
    def _shown(self) -> BlockIndex:
        return self._ending or self._whole
