"""What ran when, drawn in characters: one row a task, one for each validation that ran beside others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from porch_tui.core import graph
from porch_tui.core.outcome import Outcome, outcome
from porch_tui.core.plan import TaskId
from porch_tui.core.state import RunState
from porch_tui.core.summary import Span, Summary
from porch_tui.report.amounts import duration
from porch_tui.report.blocks import Block, Figure, Paragraph, Section
from porch_tui.report.clean import clean
from porch_tui.report.columns import WIDTH, cells, left, squeezed

NAME_CELLS = 20
LEGEND = (
    "# at work    - in the merge queue    v validation    * critical path",
    "L landed    ! conflict    R rejected    B blocked    x failed    s stopped",
    "n nothing to land    > under way    . nobody wanted to know any more",
)
STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200)
"""Distances of the marks on the axis that people read easily; beyond these, days."""
DAY_S = 86400.0
MARK_CELLS = 10
"""Marks on the axis stand at least this far apart, so that their times fit."""

MARKS = {Outcome.REJECTED: "R", Outcome.BLOCKED: "B", Outcome.NOTHING_TO_LAND: "n"}
"""Of the ends an entry takes besides landing; a conflict is marked wherever it was met."""


def timeline_section(summary: Summary) -> Section:
    """Return the timeline, what the critical path was, and what never began."""
    state = summary.state
    took = took_s(summary)
    if not took:
        return Section("Timeline", (Paragraph("Nothing has begun."),))
    path = walked_path(state, took)
    idle = [task for task in state.tasks if task not in took]
    blocks: list[Block] = [Figure(gantt(summary, path)), _path_told(summary, path, took)]
    if idle:
        blocks.append(Paragraph(f"Not begun: {', '.join(idle)}."))
    return Section("Timeline", tuple(blocks))


def took_s(summary: Summary) -> dict[TaskId, float]:
    """Return the seconds from each begun task's first start to its landing, or to what ended it."""
    first: dict[TaskId, float] = {}
    last: dict[TaskId, float] = {}
    for span in summary.spans:
        if span.what != "validation":
            task = task_of(span)
            first.setdefault(task, span.start_s)
            end_s = summary.wall_s if span.end_s is None else span.end_s
            last[task] = max(last.get(task, 0.0), end_s)
    return {task: last[task] - start_s for task, start_s in first.items()}


def walked_path(state: RunState, took: Mapping[TaskId, float]) -> tuple[TaskId, ...]:
    """Return the chain of tasks that took longest as it went; only what has begun can be on it."""
    cost = {task: took.get(task, 0.0) for task in state.tasks}
    return tuple(task for task in graph.critical_path(state.plan, cost) if task in took)


def task_of(span: Span) -> TaskId:
    """Return the task of an attempt's or a landing's span."""
    return TaskId(span.name.rpartition(".")[0] if span.what == "attempt" else span.name)


def gantt(summary: Summary, path: Sequence[TaskId], width: int = WIDTH) -> tuple[str, ...]:
    """Return the timeline as lines of at most `width` cells, tasks in the order they began."""
    spans: dict[TaskId, list[Span]] = {}
    for span in summary.spans:
        if span.what != "validation":
            spans.setdefault(task_of(span), []).append(span)
    lanes = _lanes([span for span in summary.spans if span.what == "validation"])
    names = [squeezed(clean(task), NAME_CELLS) for task in spans]
    label = max(map(cells, [*names, "validations" if lanes else ""])) + 2
    scale = _Scale(summary.wall_s, width - label - 1)
    lines = [" " * (label + 1) + line for line in scale.axis()]
    for task, name in zip(spans, names, strict=True):
        mark = "* " if task in path else "  "
        lines.append(f"{left(mark + name, label)} {_task_row(summary, task, spans[task], scale)}".rstrip())
    for number, lane in enumerate(lanes):
        name = "  validations" if number == 0 else ""
        lines.append(f"{left(name, label)} {_lane_row(lane, scale)}".rstrip())
    return (*lines, "", *LEGEND)


@dataclass(frozen=True, slots=True)
class _Scale:
    """Seconds of the run to cells of a row."""

    wall_s: float
    room: int

    def cell(self, at_s: float) -> int:
        """Return the cell a moment falls into."""
        share = at_s / self.wall_s if self.wall_s else 0.0
        return min(max(int(share * self.room), 0), self.room - 1)

    def axis(self) -> tuple[str, str]:
        """Return the times, and the rule with a mark below the first letter of each."""
        times, rule = "", ""
        at_s, step_s = 0.0, self._step_s()
        while at_s <= self.wall_s:
            cell, time = self.cell(at_s), _axis_time(at_s)
            if cell + cells(time) <= self.room:
                times, rule = left(times, cell) + time, rule.ljust(cell, "-") + "|"
            at_s += step_s
        return times, rule.ljust(self.room, "-")

    def _step_s(self) -> float:
        least_s = MARK_CELLS * self.wall_s / self.room
        return next((step_s for step_s in STEPS_S if step_s >= least_s), DAY_S * ceil(least_s / DAY_S))


def _axis_time(at_s: float) -> str:
    return "0s" if at_s == 0 else duration(at_s).replace(".0s", "s")


def _task_row(summary: Summary, task: TaskId, spans: Sequence[Span], scale: _Scale) -> str:
    state = summary.state
    row = [" "] * scale.room
    landed = [span for span in spans if span.what == "landing"]
    attempts = [span for span in spans if span.what == "attempt"]
    left_train = _left_at(summary, task)
    for span in attempts:
        if span.how == "succeeded" and span is attempts[-1]:
            ends = [one.start_s for one in landed] + [at_s for at_s, _ in left_train]
            waits_until = max(ends, default=summary.wall_s if task in state.entries else span.start_s)
            _fill(row, scale, span.end_s or 0.0, waits_until, "-")
        _fill(row, scale, span.start_s, summary.wall_s if span.end_s is None else span.end_s, "#")
    for span in attempts:
        if span.end_s is None:
            row[scale.cell(summary.wall_s)] = ">"
        elif span.how != "succeeded":
            row[scale.cell(span.end_s)] = "s" if span.how == "stopped" else "x"
    for at_s, mark in left_train:
        row[scale.cell(at_s)] = mark
    for span in landed:
        row[scale.cell(span.start_s)] = "L"
    return "".join(row)


def _left_at(summary: Summary, task: TaskId) -> list[tuple[float, str]]:
    """Return when the task's work left the train without landing, and the mark of it."""
    marks = [(seen.at_s, "!") for seen in summary.conflicts if seen.task == task]
    entry = summary.state.entries.get(task)
    how = outcome(summary.state, task)
    if entry is not None and entry.decided_at is not None and how in MARKS:
        marks.append((entry.decided_at - summary.state.opened_at, MARKS[how]))
    elif how is Outcome.BLOCKED:
        marks.append((summary.wall_s, MARKS[how]))
    return marks


def _lanes(spans: Sequence[Span]) -> list[list[Span]]:
    """Return the validations in as few rows as keep those apart that ran side by side."""
    lanes: list[list[Span]] = []
    for span in spans:
        free = next((lane for lane in lanes if _has_ended_by(lane[-1], span.start_s)), None)
        if free is None:
            lanes.append([span])
        else:
            free.append(span)
    return lanes


def _has_ended_by(span: Span, at_s: float) -> bool:
    return span.end_s is not None and span.end_s <= at_s


def _lane_row(lane: Sequence[Span], scale: _Scale) -> str:
    row = [" "] * scale.room
    for span in lane:
        end_s = scale.wall_s if span.end_s is None else span.end_s
        _fill(row, scale, span.start_s, end_s, "v")
        if span.how != "passed":
            row[scale.cell(end_s)] = {"dropped": ".", "under way": ">"}.get(span.how, "x")
    return "".join(row)


def _fill(row: list[str], scale: _Scale, start_s: float, end_s: float, mark: str) -> None:
    first, last = scale.cell(start_s), scale.cell(end_s)
    row[first : last + 1] = mark * (last + 1 - first)


def _path_told(summary: Summary, path: Sequence[TaskId], took: Mapping[TaskId, float]) -> Paragraph:
    total = sum(took[task] for task in path)
    return Paragraph(
        f"Critical path as it went: {' -> '.join(path)}, {duration(total)} of {duration(summary.wall_s)}."
    )
