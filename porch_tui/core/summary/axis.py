"""A stretch of time laid upon cells: which cell a moment falls into, and where marks on the axis stand."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from msgspec import Struct

STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200)
"""Distances of the marks on the axis that people read easily; beyond these, days."""
DAY_S = 86400.0
MARK_CELLS = 10
"""Marks on the axis stand at least this far apart, so that their times fit."""


class Axis(Struct, frozen=True):
    """Seconds from `start_s`, `length_s` of them, upon `room` cells, of which there is at least one."""

    start_s: float
    length_s: float
    room: int
    apart: int = MARK_CELLS
    """Least cells between two marks."""

    def cell(self, at_s: float) -> int:
        """Return the cell a moment falls into; what lies outside falls into the first or the last."""
        share = (at_s - self.start_s) / self.length_s if self.length_s else 0.0
        return min(max(int(share * self.room), 0), self.room - 1)

    def shows(self, start_s: float, end_s: float) -> bool:
        """Say whether any of a stretch is in view."""
        return end_s >= self.start_s and start_s <= self.start_s + self.length_s

    def marks(self) -> Iterator[float]:
        """Yield the moments that are marked, at even distances."""
        least_s = self.apart * self.length_s / self.room
        step_s = next((step_s for step_s in STEPS_S if step_s >= least_s), DAY_S * ceil(least_s / DAY_S))
        number = ceil(self.start_s / step_s)
        while number * step_s <= self.start_s + self.length_s:
            yield number * step_s
            number += 1
