"""What a run used over its time: slots, processor, memory, landings. The screen and each form draw it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct

from porch_tui.core.model.copying import replace
from porch_tui.core.model.events import AttemptId
from porch_tui.core.model.telemetry import Sample
from porch_tui.present.amounts import size
from porch_tui.present.spans import Span
from porch_tui.present.summary import Summary
from porch_tui.present.time_axis import Fold, folds_of, real_at, shown_at

PIECES = 60
"""Of the time of a run: each has one amount."""
DIGITS = 9
"""Behind the point of an amount."""
STALE_S = 5.0
"""A sample speaks for what follows it until the next, but not for longer than this."""

Histories = Mapping[AttemptId, Sequence[Sample]]


class Plot(Struct, frozen=True):
    """One amount over the time of a run."""

    title: str
    amounts: tuple[float, ...]
    """One for each of as many pieces of the time, equal as it is shown, the first from the opening."""
    written: tuple[str, ...]
    """The same for people."""
    top: float
    """What the drawing is scaled to: the largest, or what there is of it."""
    top_written: str
    until_s: float
    """Where the time axis ends."""
    is_to_largest: bool = True
    """Whether it is scaled to its largest amount, for want of one that there is."""
    folds: tuple[Fold, ...] = ()
    """What of the time is folded, as in the timeline."""

    @property
    def piece_s(self) -> float:
        """How long each piece is, but for what is folded."""
        return shown_at(self.until_s, self.folds) / len(self.amounts)

    def piece(self, number: int) -> tuple[float, float]:
        """Return when a piece begins and ends, in seconds since the run was opened."""
        start_s, end_s = number * self.piece_s, (number + 1) * self.piece_s
        return real_at(start_s, self.folds), real_at(end_s, self.folds)


def plots(summary: Summary, histories: Histories) -> tuple[Plot, ...]:
    """Return what a run used over its time; without those of which nothing is known."""
    until_s = summary.wall_s
    if until_s <= 0 or not summary.spans:
        return ()
    state, zero = summary.state, summary.state.opened_at
    attempts = [span for span in summary.spans if span.what == "attempt"]
    landings = [span.start_s for span in summary.spans if span.what == "landing"]
    folds = folds_of(summary.gaps, until_s)
    shown_s = shown_at(until_s, folds)
    samples = [
        (
            shown_at(sample.at - zero, folds),
            min(following.at - sample.at, STALE_S) if following else 1.0,
            sample,
        )
        for history in histories.values()
        for sample, following in zip(history, [*history[1:], None], strict=True)
    ]
    busy = _means((_shown(span, until_s, folds) for span in attempts), shown_s)
    cores = _means(((at_s, for_s, one.cpu_percent / 100) for at_s, for_s, one in samples), shown_s)
    memory = _means(((at_s, for_s, float(one.rss_bytes)) for at_s, for_s, one in samples), shown_s)
    ends_s = [real_at(shown_s * (number + 1) / PIECES, folds) for number in range(PIECES - 1)]
    landed = [float(sum(at_s <= end_s for at_s in landings)) for end_s in (*ends_s, until_s)]
    scaled = _Scale(until_s, folds)
    found = [
        scaled.to_capacity("tasks at work", busy, state.slots.count, "slots"),
        scaled.to_capacity("cores busy", cores, state.machine.cores, "cores"),
        scaled.to_largest("memory", memory, lambda amount: size(round(amount))),
        scaled.to_largest("landed", landed, lambda amount: f"{amount:.0f}"),
    ]
    return tuple(one for one in found if any(one.amounts))


class _Scale(Struct, frozen=True):
    """Makes plots of amounts."""

    until_s: float
    folds: tuple[Fold, ...]

    def to_capacity(self, title: str, amounts: Sequence[float], capacity: int, unit: str) -> Plot:
        """Return a plot as high as what there is, or as its largest amount if that is more."""
        plot = self.to_largest(title, amounts, lambda amount: f"{amount:.1f}".removesuffix(".0"))
        if plot.top > capacity:
            return plot
        return replace(plot, top=float(capacity), top_written=f"{capacity} {unit}", is_to_largest=False)

    def to_largest(self, title: str, amounts: Sequence[float], write: Callable[[float], str]) -> Plot:
        """Return a plot as high as its largest amount."""
        largest = max(amounts)
        written = tuple(map(write, amounts))
        return Plot(title, tuple(amounts), written, largest, write(largest), self.until_s, folds=self.folds)


def _shown(span: Span, until_s: float, folds: Iterable[Fold]) -> tuple[float, float, float]:
    """Return when an attempt is shown to begin, and for how long, as one at work."""
    start_s = shown_at(span.start_s, folds)
    return start_s, shown_at(until_s if span.end_s is None else span.end_s, folds) - start_s, 1.0


def _means(amounts: Iterable[tuple[float, float, float]], until_s: float) -> list[float]:
    """Return the mean of each piece of the time. `amounts` begin, last so many seconds, and add up."""
    length_s = until_s / PIECES
    sums = [0.0] * PIECES
    for start_s, for_s, amount in amounts:
        end_s = min(start_s + for_s, until_s)
        first = min(max(int(start_s / length_s), 0), PIECES - 1)
        last = min(int(end_s / length_s), PIECES - 1)
        for piece in range(first, last + 1):
            share_s = min(end_s, (piece + 1) * length_s) - max(start_s, piece * length_s)
            sums[piece] += amount * max(share_s, 0.0)
    # the rest of a sum of fractions would be drawn as a step, and what is constant would not look so
    return [round(one / length_s, DIGITS) for one in sums]
