"""When a line of a log was written, as exactly as that is known. Pure.

Tasks write their logs themselves, so lines have no times. The engine samples the length of the log once a
second: a line is as old as the first sample that includes it. That is at most a second late for the last
minutes, and less exact for older ones, whose samples are thinned out.
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
    """What is shown before each line."""

    NONE = ""
    OFFSET = "since start"
    CLOCK = "clock"

    @property
    def cells(self) -> int:
        """How many cells it takes, with the blank after it."""
        return 0 if self is Times.NONE else 9

    def next(self) -> Times:
        """Return what the key shows next."""
        order = list(Times)
        return order[(order.index(self) + 1) % len(order)]


class LineTimes(Struct, frozen=True):
    """When the lines of one log were written."""

    began_at: float = 0.0
    """Seconds since the epoch."""
    ends: Sequence[int] = ()
    """How long the log was at each sample, in bytes; never shrinking."""
    sampled_at: Sequence[float] = ()
    """When each sample was taken, in seconds since the epoch."""
    ended_at: float | None = None
    """When the attempt ended: lines after the last sample were there by then."""

    def at(self, offset: int) -> float | None:
        """Return when the line that starts at byte `offset` was written; None if that is not known yet."""
        found = bisect_right(self.ends, offset)
        return self.sampled_at[found] if found < len(self.sampled_at) else self.ended_at

    def text(self, offset: int, times: Times) -> str:
        """Return what to show before a line: blanks if its time is not known."""
        at = self.at(offset) if times is not Times.NONE else None
        if at is None:
            return " " * times.cells
        if times is Times.CLOCK:
            return f"{time.strftime('%H:%M:%S', time.localtime(at)):<{times.cells}}"
        return f"{elapsed(at - self.began_at):>{times.cells - 1}.{times.cells - 1}} "


def line_times(began_at: float, samples: Iterable[Sample], ended_at: float | None) -> LineTimes:
    """Return the times by samples. Those of an older porch have no length of the log."""
    ends: list[int] = []
    sampled_at: list[float] = []
    for sample in samples:
        if sample.log_bytes > (ends[-1] if ends else 0):
            ends.append(sample.log_bytes)
            sampled_at.append(sample.at)
    return LineTimes(began_at, ends, sampled_at, ended_at if ends else None)
