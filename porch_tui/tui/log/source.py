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
_END_BYTES = 1024 * 1024
"""Of a large log, its end is shown until all of it is readable."""
_MOST_KEPT = 8
"""Logs that are ready when a person comes back to them."""


class LogSource:
    """The log that is open, and whether it is shown as the agent wrote it."""

    def __init__(self, background: Callable[[Callable[[], None]], bool]) -> None:
        self.log: Path | None = None
        self.is_raw = False
        """The person wants records as they are."""
        self._background = background
        self._transcripts: Transcripts | None = None
        self._kept: dict[Path, ReadableLog] = {}
        """Those opened last at the end."""
        self._whole: ReadableLog | None = None
        self._end: ReadableLog | None = None
        """The end of the log, while that is shown."""

    @property
    def has_records(self) -> bool:
        """Whether there is a choice of how to show it."""
        return self._transcripts is not None

    def open(self, log: Path, transcripts: Transcripts | None) -> Path:
        """Return the file to show for a log."""
        self._drop_end()
        self.log, self._transcripts, self._whole = log, transcripts, None
        if transcripts is None or self.is_raw:
            return log
        try:
            self._whole = self._kept.pop(log, None) or ReadableLog(log, transcripts)
            self._kept[log] = self._whole
            if (left := self._whole.left_bytes) > 2 * _END_BYTES:
                self._end = ReadableLog(log, transcripts, self._whole.read_bytes + left - _END_BYTES)
        except OSError:  # no room for another file
            return log
        if len(self._kept) > _MOST_KEPT:
            self._kept.pop(next(iter(self._kept))).close()
        self.advance()
        return (self._end or self._whole).path

    def toggle(self) -> Path:
        """Show the records, or what they mean; return the file for that."""
        assert self.log is not None
        self.is_raw = not self.is_raw
        return self.open(self.log, self._transcripts)

    def advance(self) -> bool:
        """Make readable what is new, in a thread if that is much; return whether all of it is."""
        whole = self._whole
        if whole is None:
            return False
        with suppress(OSError):  # a full disk ends it where it is
            if self._end is not None:
                self._end.advance(_TICK_S)
            if not whole.is_busy and not self._advance_aside(whole):
                whole.advance(_TICK_S)
        return not whole.is_busy and whole.left_bytes == 0

    def _advance_aside(self, whole: ReadableLog) -> bool:
        """Start a thread if that is worth it; return whether one reads now."""
        if whole.left_bytes > ASIDE_BYTES:
            whole.is_busy = True  # before the thread begins, which ends that
            if not self._background(whole.advance_aside):
                whole.is_busy = False
        return whole.is_busy

    def whole(self) -> Path | None:
        """Show all of the log from now on, of which only the end was shown; return the file for that."""
        if self._end is None or self._whole is None:
            return None
        self._drop_end()
        return self._whole.path

    def times(self, times: LineTimes) -> LineTimes:
        """Return the times of the log's lines as those of the lines that are shown."""
        shown = self._end or self._whole
        return replace(times, ends=[*map(shown.shown_bytes, times.ends)]) if shown else times

    def close(self) -> None:
        """Delete what was made."""
        self._drop_end()
        for one in self._kept.values():
            one.close()
        self._kept.clear()
        self._whole = None

    def _drop_end(self) -> None:
        if self._end is not None:
            self._end.close()
        self._end = None
