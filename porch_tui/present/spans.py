"""What took time in a run, and when no engine ran, folded from its records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from msgspec import Struct

from porch_tui.core.model import events as e

LIMITED = "its account must wait"
"""How an attempt ended that continues when its agent's account may be used again."""


class Span(Struct, frozen=True):
    """Something that took time, for a timeline. Times are seconds since the run was opened."""

    what: str
    """`attempt`, `validation` or `landing`."""
    name: str
    start_s: float
    end_s: float | None
    """None: it was under way when the records end."""
    how: str
    used: e.Used | None = None


class Gap(Struct, frozen=True):
    """A stretch without an engine, and in which nothing is known to have run."""

    start_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        """How long it took."""
        return self.end_s - self.start_s


def spans_of(records: Sequence[e.Record]) -> tuple[Span, ...]:
    """Return what took time, in the order it began."""
    zero = records[0].at
    begun: dict[object, tuple[str, str, float]] = {}
    """What is under way, by the attempt or by tree and number of the validation: what, name, start."""
    spans: list[Span] = []

    def end(key: object, at: float, how: str, used: e.Used | None = None) -> None:
        if key in begun:
            what, name, start = begun.pop(key)
            spans.append(Span(what, name, start - zero, at - zero, how, used))

    for record in records:
        match event := record.event:
            case e.AttemptScheduled():
                begun[event.attempt] = ("attempt", str(event.attempt), record.at)
            case e.AttemptSucceeded():
                end(event.attempt, record.at, "succeeded", event.used)
            case e.AttemptFailed():
                end(event.attempt, record.at, event.failure.text, event.used)
            case e.AttemptStopped():
                end(event.attempt, record.at, "stopped", event.used)
            case e.AttemptLimited():
                end(event.attempt, record.at, LIMITED, event.used)
            case e.AttemptLost():
                end(event.attempt, record.at, "lost")
            case e.ValidationScheduled():
                name = ", ".join(event.tasks) or "base"
                name += " alone" if event.is_probe and len(event.tasks) == 1 else ""
                begun[event.tree, event.number] = ("validation", name, record.at)
            case e.ValidationPassed():
                end((event.tree, event.number), record.at, "passed", event.used)
            case e.ValidationFailed():
                end((event.tree, event.number), record.at, event.text, event.used)
            case e.ValidationDropped():
                end((event.tree, event.number), record.at, "dropped")
            case e.ValidationStopped():
                end((event.tree, event.number), record.at, "stopped")
            case e.Landed():
                at = record.at - zero
                spans.append(Span("landing", event.task, at, at, event.commit[:10]))
            case _:
                pass
    open_ends = [Span(what, name, start - zero, None, "under way") for what, name, start in begun.values()]
    return tuple(sorted((*spans, *open_ends), key=lambda span: span.start_s))


def waits_of(records: Sequence[e.Record], spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return when attempts waited for a person, each with what it said, in the order that began."""
    zero = records[0].at
    ends = {span.name: span.end_s for span in spans if span.what == "attempt"}
    called: dict[e.AttemptId, str] = {}
    begun: dict[e.AttemptId, float] = {}
    found: list[Span] = []

    def end(attempt: e.AttemptId, at: float | None) -> None:
        if attempt in begun:
            end_s = ends.get(str(attempt)) if at is None else at - zero
            found.append(Span("wait", str(attempt), begun.pop(attempt) - zero, end_s, called[attempt]))

    for record in records:
        match event := record.event:
            case e.AttemptWaits():
                end(event.attempt, record.at)
                called[event.attempt] = event.text
                begun[event.attempt] = record.at
            case e.AttemptAnswered():
                end(event.attempt, record.at)
                called.pop(event.attempt, None)
            case e.AttemptPaused() | e.StopRequested():
                end(event.attempt, record.at)
            case e.AttemptResumed() if event.attempt in called:
                begun[event.attempt] = record.at
            case _:
                pass
    for attempt in [*begun]:
        end(attempt, None)
    return tuple(sorted(found, key=lambda span: span.start_s))


def gaps_of(records: Sequence[e.Record], spans: Iterable[Span]) -> tuple[Gap, ...]:
    """Return the stretches without an engine, from the last that one wrote to what the next began with.

    What ran on without it belongs to the run: a gap begins when that ended, and there
    is none if it has not.
    """
    zero = records[0].at
    attempts = [span for span in spans if span.what == "attempt"]
    found: list[Gap] = []
    for before, record in pairwise(records):
        if not isinstance(record.event, e.EngineTookOver):
            continue
        start_s, end_s = before.at - zero, record.at - zero
        for span in attempts:
            if span.start_s <= start_s and (span.end_s is None or span.end_s >= end_s):
                start_s = max(start_s, _worked_until(span))
        if start_s < end_s:
            found.append(Gap(start_s, end_s))
    return tuple(found)


def _worked_until(span: Span) -> float:
    """Return until when an attempt is known to have run; of a lost one nothing is known."""
    if span.end_s is None:
        return float("inf")
    return span.start_s + span.used.wall_s if span.used is not None else 0.0
