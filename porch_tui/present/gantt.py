"""The timeline of a run: one lane a task, and one for each validation that ran beside others.

These are the facts; the screen, the report and the trace each draw them in
their own way. Times are seconds since the run was opened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum, auto

from msgspec import Struct

from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.wording import one_line
from porch_tui.core.tasks import graph
from porch_tui.present.amounts import short
from porch_tui.present.explain import taken_out_reason
from porch_tui.present.outcome import Outcome, outcome
from porch_tui.present.spans import LIMITED, Gap, Span
from porch_tui.present.summary import Review, Summary


class Part(Enum):
    """What a bar stands for."""

    WORK = auto()
    QUEUE = auto()
    """Done, and not landed yet."""
    VALIDATION = auto()
    REVIEW = auto()
    """Done, and waits for a person's approval."""
    WAIT = auto()
    """Waits for a person: to answer what it asks, or to resolve its conflict."""


class Mark(Enum):
    """What happened at one moment."""

    LANDED = auto()
    CONFLICT = auto()
    REJECTED = auto()
    TAKEN_OUT = auto()
    """By a person."""
    BLOCKED = auto()
    HELD = auto()
    FAILED = auto()
    STOPPED = auto()
    NOTHING_TO_LAND = auto()
    UNDER_WAY = auto()
    """Not over when the run was last looked at."""
    APPROVED = auto()
    SENT_BACK = auto()
    DROPPED = auto()
    """Its result was not needed any more."""


WORDS = {
    Mark.LANDED: "landed",
    Mark.CONFLICT: "conflict",
    Mark.REJECTED: "rejected",
    Mark.TAKEN_OUT: "taken out",
    Mark.BLOCKED: "blocked",
    Mark.HELD: "held",
    Mark.FAILED: "failed",
    Mark.STOPPED: "stopped",
    Mark.NOTHING_TO_LAND: "nothing to land",
    Mark.UNDER_WAY: "under way",
    Mark.APPROVED: "approved",
    Mark.SENT_BACK: "sent back",
    Mark.DROPPED: "result not needed",
}
"""What marks are called in a legend."""


class Bar(Struct, frozen=True):
    """Something that took time."""

    part: Part
    name: str
    start_s: float
    end_s: float
    how: str
    """In words: how it ended, or that it has not."""


class Flag(Struct, frozen=True):
    """One moment of a lane."""

    mark: Mark
    at_s: float
    text: str


class Lane(Struct, frozen=True):
    """One row of a chart; what comes later is drawn over what comes before."""

    task: TaskId | None
    """None: of validations."""
    bars: tuple[Bar, ...]
    flags: tuple[Flag, ...]
    is_critical: bool = False


class Chart(Struct, frozen=True):
    """The lanes, tasks first in the order they began, and the chain of tasks that took longest."""

    lanes: tuple[Lane, ...]
    until_s: float
    """Where the time axis ends."""
    path: tuple[TaskId, ...]
    path_s: float
    gaps: tuple[Gap, ...] = ()
    """When no engine ran."""


LEFT = {
    Outcome.REJECTED: Mark.REJECTED,
    Outcome.WITHDRAWN: Mark.TAKEN_OUT,
    Outcome.VALIDATION_STOPPED: Mark.TAKEN_OUT,
    Outcome.UNDONE: Mark.TAKEN_OUT,
    Outcome.BLOCKED: Mark.BLOCKED,
    Outcome.HELD: Mark.HELD,
    Outcome.NOTHING_TO_LAND: Mark.NOTHING_TO_LAND,
}
"""How an entry ends besides landing; a conflict is marked wherever it was met."""
ENDS = {
    "under way": Mark.UNDER_WAY,
    "stopped": Mark.STOPPED,
    "dropped": Mark.DROPPED,
    LIMITED: Mark.STOPPED,
}
"""How a span ends besides well; all else has failed."""
STILL = frozenset({Outcome.BLOCKED, Outcome.HELD})
"""What may continue at any moment, so that it lasts until now."""


def chart(summary: Summary) -> Chart:
    """Return what ran when until the moment the summary speaks of; without lanes if nothing has begun."""
    took = took_s(summary)
    path = walked_path(summary.state, took)
    tasks = [_task_lane(summary, task, spans, task in path) for task, spans in _by_task(summary).items()]
    validations = _side_by_side([span for span in summary.spans if span.what == "validation"])
    lanes = (*tasks, *(_validation_lane(lane, summary.wall_s) for lane in validations))
    return Chart(lanes, summary.wall_s, path, sum(took[task] for task in path), summary.gaps)


def took_s(summary: Summary) -> dict[TaskId, float]:
    """Return the seconds from each begun task's first start to its landing, or to what ended it."""
    return {
        task: max(_end_s(span, summary.wall_s) for span in spans) - spans[0].start_s
        for task, spans in _by_task(summary).items()
    }


def walked_path(state: RunState, took: Mapping[TaskId, float]) -> tuple[TaskId, ...]:
    """Return the chain of tasks that took longest as it went; only what has begun can be on it."""
    cost = {task: took.get(task, 0.0) for task in state.tasks}
    return tuple(task for task in graph.critical_path(state.plan, cost) if task in took)


def _by_task(summary: Summary) -> dict[TaskId, list[Span]]:
    """Return the attempts and landings of each begun task, in the order they began."""
    found: dict[TaskId, list[Span]] = {}
    for span in summary.spans:
        if span.what != "validation":
            name = span.name.rpartition(".")[0] if span.what == "attempt" else span.name
            found.setdefault(TaskId(name), []).append(span)
    return found


def _end_s(span: Span, until_s: float) -> float:
    return until_s if span.end_s is None else span.end_s


def _task_lane(summary: Summary, task: TaskId, spans: Sequence[Span], is_critical: bool) -> Lane:
    landings = [span for span in spans if span.what == "landing"]
    attempts = [span for span in spans if span.what == "attempt"]
    ends: list[Flag] = []
    left = _left(summary, task)
    landed = [Flag(Mark.LANDED, span.start_s, f"landed as {span.how}") for span in landings]
    bars: list[Bar] = []
    reviews = [review for review in summary.reviews if review.task == task]
    for number, span in enumerate(attempts):
        end_s = begin_s = _end_s(span, summary.wall_s)
        until_s = attempts[number + 1].start_s if span is not attempts[-1] else summary.wall_s
        review = next((one for one in reviews if end_s <= one.at_s <= until_s), None)
        is_waiting = span is attempts[-1] and outcome(summary.state, task) is Outcome.REVIEW
        if review is not None or is_waiting:
            begin_s = review.at_s if review else summary.wall_s
            bars.append(Bar(Part.REVIEW, task, end_s, begin_s, "waits for review"))
        if review is not None:
            ends.append(_flag(review))
        if span.how == "succeeded" and span is attempts[-1] and task in summary.state.entries:
            # a conflict of an earlier attempt says nothing of this one
            ended = landed or left  # what was undone since is not in the queue from landing to that
            known = [flag.at_s for flag in ended if flag.at_s >= end_s]
            waits_until = max(known, default=summary.wall_s)
            bars.append(Bar(Part.QUEUE, task, begin_s, waits_until, "in the merge queue"))
        bars.append(Bar(Part.WORK, span.name, span.start_s, end_s, span.how))
        bars += [
            Bar(Part.WAIT, wait.name, wait.start_s, _end_s(wait, end_s), _waited(wait))
            for wait in summary.waits
            if wait.name == span.name
        ]
        if span.how != "succeeded":
            ends.append(Flag(ENDS.get(span.how, Mark.FAILED), end_s, span.how))
    for seen in summary.conflicts:
        if seen.task == task:
            until_s = summary.wall_s if seen.resolved_s is None else seen.resolved_s
            bars.append(Bar(Part.WAIT, task, seen.at_s, until_s, "its conflict waits for you"))
    return Lane(task, tuple(bars), (*ends, *left, *landed), is_critical)


def _waited(wait: Span) -> str:
    return f"waits for you: {one_line(wait.how)}" if wait.how else "waits for you"


def _flag(review: Review) -> Flag:
    if review.head is not None:
        return Flag(Mark.APPROVED, review.at_s, f"approved by {review.by} at {short(review.head)}")
    said = f": {one_line(review.said)}" if review.said else ""
    return Flag(Mark.SENT_BACK, review.at_s, f"sent back{said}")


def _left(summary: Summary, task: TaskId) -> list[Flag]:
    """Return when the task's work left the train without landing."""
    flags = [
        Flag(Mark.CONFLICT, seen.at_s, f"conflict in {', '.join(seen.paths)}" if seen.paths else "conflict")
        for seen in summary.conflicts
        if seen.task == task
    ]
    entry = summary.state.entries.get(task)
    how = outcome(summary.state, task)
    if how in LEFT and entry is not None and (entry.decided_at is not None or how in STILL):
        at_s = summary.wall_s if entry.decided_at is None else entry.decided_at - summary.state.opened_at
        flags.append(Flag(LEFT[how], at_s, taken_out_reason(entry) or how.replace("-", " ")))
    return flags


def _side_by_side(spans: Sequence[Span]) -> list[list[Span]]:
    """Return the spans in as few rows as keep those apart that ran side by side."""
    lanes: list[list[Span]] = []
    for span in spans:
        for lane in lanes:
            if (end_s := lane[-1].end_s) is not None and end_s <= span.start_s:
                lane.append(span)
                break
        else:
            lanes.append([span])
    return lanes


def _validation_lane(lane: Sequence[Span], until_s: float) -> Lane:
    bars = [Bar(Part.VALIDATION, span.name, span.start_s, _end_s(span, until_s), span.how) for span in lane]
    flags = [
        Flag(ENDS.get(span.how, Mark.FAILED), _end_s(span, until_s), span.how)
        for span in lane
        if span.how != "passed"
    ]
    return Lane(None, tuple(bars), tuple(flags))
