"""The time axis of a run: which cell a moment falls into, where marks stand, and what of the time is folded.

Times are seconds since the run was opened. A fold is a stretch in which nothing
happened; it is shown as if it took `shown_s`, whatever it took.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import ceil

from msgspec import Struct

from porch_tui.present.spans import Gap

STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200)
"""Distances of the marks on the axis that people read easily; beyond these, days."""
DAY_S = 86400.0
MARK_CELLS = 10
"""Marks on the axis are at least this far apart, so that their times fit."""
FOLD_SHARE = 1 / 24
"""Of the axis: what a fold takes of it."""
LEAST_FOLDED_S, LEAST_FOLDED_SHARE = 5.0, 1 / 8
"""A gap that is shorter, or a smaller share of the time without gaps, is shown as it is.

A fold that saves so little is one more mark to understand.
"""
MOST_FOLDED = 1 / 3
"""Of the axis: what all folds take at most."""


class Fold(Struct, frozen=True):
    """A gap that takes less room than it took time."""

    gap: Gap
    shown_s: float
    """For how long it is shown; less than it took."""

    def before(self, at_s: float) -> float:
        """Return how many of its seconds are cut out before a moment."""
        share = (at_s - self.gap.start_s) / self.gap.length_s
        return (self.gap.length_s - self.shown_s) * min(max(share, 0.0), 1.0)


class Axis(Struct, frozen=True):
    """`length_s` seconds on `room` cells, of which there is at least one.

    With folds `start_s` and `length_s` count the time as it is shown, see `shown_at`.
    """

    start_s: float
    length_s: float
    room: int
    folds: tuple[Fold, ...] = ()

    def shown_at(self, at_s: float) -> float:
        """Return a moment in the time as it is shown: without what is folded before it."""
        return shown_at(at_s, self.folds)

    def cell(self, at_s: float) -> int:
        """Return the cell a moment falls into; what is outside falls into the first or the last."""
        share = (self.shown_at(at_s) - self.start_s) / self.length_s if self.length_s else 0.0
        return min(max(int(share * self.room), 0), self.room - 1)

    def shows(self, start_s: float, end_s: float) -> bool:
        """Say whether any of a stretch is in view."""
        return self.shown_at(end_s) >= self.start_s and self.shown_at(start_s) <= self.start_s + self.length_s

    def marks(self) -> Iterator[float]:
        """Yield the moments that are marked, at even distances where nothing is folded."""
        least_s = MARK_CELLS * self.length_s / self.room
        step_s = next((step_s for step_s in STEPS_S if step_s >= least_s), DAY_S * ceil(least_s / DAY_S))
        end_s = self.start_s + self.length_s
        edges = [0.0, *(edge for fold in self.folds for edge in (fold.gap.start_s, fold.gap.end_s))]
        cut_s = sum(fold.gap.length_s - fold.shown_s for fold in self.folds)
        for start_s, stop_s in list(pairwise([*edges, end_s + cut_s]))[::2]:
            hidden_s = start_s - self.shown_at(start_s)
            number = ceil(max(start_s, self.start_s + hidden_s) / step_s)
            while number * step_s <= min(stop_s, end_s + hidden_s):
                yield number * step_s
                number += 1

    def creases(self) -> Iterator[tuple[int, Gap]]:
        """Yield the cell of each fold in view, between what was before and what came after."""
        for fold in self.folds:
            middle_s = (fold.gap.start_s + fold.gap.end_s) / 2
            if self.shows(middle_s, middle_s):
                yield self.cell(middle_s), fold.gap


def shown_at(at_s: float, folds: Iterable[Fold]) -> float:
    """Return a moment in the time as it is shown: without what is folded before it."""
    return at_s - sum(fold.before(at_s) for fold in folds)


def real_at(shown_s: float, folds: Iterable[Fold]) -> float:
    """Return the moment that is shown there: the inverse of `shown_at`."""
    at_s = shown_s
    for fold in folds:  # in order, so that what is folded before one is in `at_s` already
        if at_s > fold.gap.start_s:
            into_s = min(at_s - fold.gap.start_s, fold.shown_s)
            at_s += into_s / fold.shown_s * (fold.gap.length_s - fold.shown_s)
    return at_s


def extent_s(until_s: float) -> float:
    """Return the length of an axis: a little more than the run so far, so that it rarely changes."""
    step_s = next((step_s for step_s in STEPS_S if step_s * 20 >= until_s), STEPS_S[-1])
    return max(step_s, (int(until_s / step_s) + 1) * step_s)


def folds_of(gaps: Sequence[Gap], until_s: float) -> tuple[Fold, ...]:
    """Return how the gaps of a run that has lasted until then are folded: those worth it."""
    busy_s = extent_s(until_s - sum(gap.length_s for gap in gaps))
    folded = [gap for gap in gaps if gap.length_s >= max(LEAST_FOLDED_S, busy_s * LEAST_FOLDED_SHARE)]
    shown_s = busy_s * min(FOLD_SHARE, MOST_FOLDED / max(1, len(folded)))
    return tuple(Fold(gap, shown_s) for gap in folded)
