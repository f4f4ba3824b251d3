"""Which file a pane shows of a log: the log itself, or what makes an agent's records readable."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from porch_tui.core.model.copying import replace
from porch_tui.session.readable_log import ASIDE_BYTES, ReadableLog, Transcripts
from porch_tui.tui.log.line_times import LineTimes

_TICK_S = 0.01
"""For reading in the thread that draws."""


class LogSource:
    """The log that is open, and whether it is shown as the agent wrote it."""

    def __init__(self, background: Callable[[Callable[[], None]], bool]) -> None:
        self.log: Path | None = None
        self.is_raw = False
        """The person wants records as they are."""
        self._background = background
        self._transcripts: Transcripts | None = None
        self._readable: ReadableLog | None = None

    @property
    def has_records(self) -> bool:
        """Whether there is a choice of how to show it."""
        return self._transcripts is not None

    def open(self, log: Path, transcripts: Transcripts | None) -> Path:
        """Return the file to show for a log."""
        self.close()
        self.log, self._transcripts = log, transcripts
        if transcripts is None or self.is_raw:
            return log
        try:
            self._readable = ReadableLog(log, transcripts)
        except OSError:  # no room for another file
            return log
        self.advance()
        return self._readable.path

    def toggle(self) -> Path:
        """Show the records, or what they mean; return the file for that."""
        assert self.log is not None
        self.is_raw = not self.is_raw
        return self.open(self.log, self._transcripts)

    def advance(self) -> None:
        """Make readable what is new, in a thread if that is much."""
        readable = self._readable
        if readable is None or readable.is_busy:
            return
        with suppress(OSError):  # a full disk ends it where it is
            if readable.left_bytes <= ASIDE_BYTES or not self._background(readable.advance_aside):
                readable.advance(_TICK_S)

    def times(self, times: LineTimes) -> LineTimes:
        """Return the times of the log's lines as those of the lines that are shown."""
        if self._readable is None:
            return times
        return replace(times, ends=[*map(self._readable.shown_bytes, times.ends)])

    def close(self) -> None:
        """Delete what was made."""
        if self._readable is not None:
            self._readable.close()
        self._readable = None
