"""What the rows of the list show of files: the last line of a log, and what a task used last."""

from __future__ import annotations

from contextlib import suppress

from msgspec import Struct

from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.telemetry import Sample
from porch_tui.present.signs import Charset
from porch_tui.session.last_lines import LastLines
from porch_tui.session.session import Session
from porch_tui.tui.drawing.sparkline import sparkline
from porch_tui.tui.terminal.ansi import parse

CURVE_CELLS = 8
SLOW_S = 5.0
"""How long a line stays over a slow connection: it would take more bytes than all else."""


class _Line(Struct, frozen=True):
    """A last line, and when it was read of which attempt."""

    at: float
    attempt: int
    text: str


class RowFiles:
    """Reads them at most once a second, and only for rows in view."""

    def __init__(self, session: Session, *, is_low_bandwidth: bool) -> None:
        self._session, self._every_s = session, SLOW_S if is_low_bandwidth else 1.0
        self._last = LastLines(session)
        self._lines: dict[TaskId, _Line] = {}
        self._curves: dict[TaskId, tuple[float, str]] = {}
        """When the last sample of a curve was taken, and the curve."""

    def last_line(self, task: TaskId, now: float) -> str:
        """Return the last line that the newest attempt has put out, without its colors; empty without one.

        `now` is in seconds since the epoch.
        """
        known, attempt = self._lines.get(task), len(self._session.state.tasks[task].attempts)
        if known is None or known.attempt != attempt or abs(now - known.at) >= self._every_s:
            text = ""
            with suppress(OSError):
                text = "".join(segment.text for segment in parse(self._last.of(task))).strip()
            known = self._lines[task] = _Line(now, attempt, text)
        return known.text

    def curve(self, task: TaskId, usage: Sample, charset: Charset) -> str:
        """Return the curve of the processor that a task uses, of which `usage` is the last sample."""
        at, drawn = self._curves.get(task, (0.0, ""))
        if at != usage.at:
            samples = [one.cpu_percent for one in self._session.samples(task, CURVE_CELLS)]
            drawn = sparkline(samples, len(samples), 100.0, charset)
            self._curves[task] = usage.at, drawn
        return drawn
