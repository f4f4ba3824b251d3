"""When a line of a log was written, as nearly as that is known.

Tasks write their logs themselves, so no line has a time of its own. The engine
looks once a second how long the log has become: a line is as old as the first
look that found it there, a second late at most while the newest minutes are
kept whole, and less exact for what was thinned. Pure.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from enum import Enum

from msgspec import Struct

from porch_tui.core.model.telemetry import Sample
from porch_tui.present.amounts import elapsed


class Times(Enum):
    """What stands before each line."""

    NONE = ""
    OFFSET = "since start"
    CLOCK = "clock"

    @property
    def cells(self) -> int:
        """How much room it takes, a blank behind it included."""
        return {Times.NONE: 0, Times.OFFSET: 9, Times.CLOCK: 9}[self]

    def next(self) -> Times:
        """Return what comes after it when the key is pressed again."""
        order = list(Times)
        return order[(order.index(self) + 1) % len(order)]


class LineTimes(Struct, frozen=True):
    """What is known of one log."""

    began_at: float = 0.0
    """Seconds since the epoch."""
    ends: Sequence[int] = ()
    """How long the log was at each look, in bytes; never shrinking."""
    looks: Sequence[float] = ()
    """When each look was, in seconds since the epoch."""
    ended_at: float | None = None
    """When the attempt was over: what no look found was there by then."""

    def at(self, offset: int) -> float | None:
        """Return by when the line that starts at byte `offset` was there; None if that is not known yet."""
        found = bisect_right(self.ends, offset)
        return self.looks[found] if found < len(self.looks) else self.ended_at

    def text(self, offset: int, times: Times) -> str:
        """Return what to write before a line: blanks where nothing is known."""
        at = self.at(offset) if times is not Times.NONE else None
        if at is None:
            return " " * times.cells
        if times is Times.CLOCK:
            return f"{time.strftime('%H:%M:%S', time.localtime(at)):<{times.cells}}"
        return f"{elapsed(at - self.began_at):>{times.cells - 1}.{times.cells - 1}} "


def line_times(began_at: float, samples: Iterable[Sample], ended_at: float | None) -> LineTimes:
    """Return what samples tell. Those of an older porch do not say how long the log was."""
    ends: list[int] = []
    looks: list[float] = []
    for sample in samples:
        if sample.log_bytes > (ends[-1] if ends else 0):
            ends.append(sample.log_bytes)
            looks.append(sample.at)
    return LineTimes(began_at, ends, looks, ended_at if ends else None)
