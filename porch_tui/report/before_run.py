"""What a person sees before a run begins: the verdict, the waves, and which tasks get in each other's way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from porch_tui.core.forecast.analysis import Analysis, compared_slots
from porch_tui.core.forecast.verdict import Mode
from porch_tui.core.model.place import called
from porch_tui.core.model.plan import Plan, TaskId
from porch_tui.core.model.plan import shown as command_shown
from porch_tui.core.model.wording import counted, listed
from porch_tui.core.relations.relations import Relation
from porch_tui.present.amounts import between, duration
from porch_tui.present.cells import cells, cut
from porch_tui.present.clean import clean

REASONS_SHOWN = 5
WAVES_SHARE = 0.6
"""Of the rows that are left, at most so many are for waves; the rest is for relations."""


def before_run(
    plan: Plan, analysis: Analysis, mode: Mode, target: str, *, warnings: int = 0, width: int, rows: int
) -> list[str]:
    """Return the page as lines of at most `width` cells, no more than `rows` of them.

    `warnings` is how many were shown above. In the order of what one has to know.
    """
    head = [*_verdict(plan, analysis, mode, target), *_figures(analysis, mode, warnings), *_calls(plan)]
    room = max(0, rows - len(head) - 1)
    related = list(_relations(analysis))
    for_waves = room - min(len(related) + 2, int(room * (1 - WAVES_SHARE))) if related else room
    waves = _cut_off(list(_waves(analysis, width)), for_waves, "wave")
    lines = [*head, "", *waves]
    if related and (left := rows - len(lines) - 2) > 0:
        lines += ["", *_cut_off(related, left + 1, "pair")]
    return [cut(line, width) for line in lines[:rows]]


def _verdict(plan: Plan, analysis: Analysis, mode: Mode, target: str) -> Iterator[str]:
    how = "one by one" if mode is Mode.SERIAL else "side by side"
    yield f"{plan.name}: {counted(len(plan.tasks), 'task')} for {target}, {how}"
    if plan.runs_elsewhere:
        yield f"  on {listed([called(one.name) for one in plan.places])}; times are of this machine alone"
        return
    for reason in analysis.reasons[:REASONS_SHOWN]:
        yield f"  {reason}"


def _figures(analysis: Analysis, mode: Mode, warnings: int) -> Iterator[str]:
    times = analysis.times
    is_serial = mode is Mode.SERIAL
    ends_s = times.serial_range_s if is_serial else times.parallel_range_s
    took_s = times.serial_s if is_serial else times.parallel_s
    parts = [f"takes {between(ends_s) or f'about {duration(took_s)}'}"]
    best, _ = compared_slots(analysis)
    if best is not None and not is_serial:
        parts.append(f"{counted(best, 'slot')} would do")
    if warnings:
        parts.append(f"{counted(warnings, 'warning')} above")
    yield f"  {'; '.join(parts)}"


def _calls(plan: Plan) -> Iterator[str]:
    """Yield the commands that the plan has run beside its tasks."""
    for when, command in (("something needs you", plan.on_need), ("the run has ended", plan.on_end)):
        if command:
            yield clean(f"  runs when {when}: {command_shown(command)}")


def _waves(analysis: Analysis, width: int) -> Iterator[str]:
    label = len(f"wave {len(analysis.waves)}") + 2
    for number, wave in enumerate(analysis.waves, 1):
        yield f"wave {number}".ljust(label) + _listed([_task(analysis, task) for task in wave], width - label)


def _task(analysis: Analysis, task: TaskId) -> str:
    one = analysis.estimates[task]
    return f"{task} {duration(one.seconds)}{'?' if one.low is not None else ''}"


def _listed(parts: Sequence[str], width: int) -> str:
    """Return as many parts as fit, and how many more there are."""
    for shown in range(len(parts), 0, -1):
        left = len(parts) - shown
        text = ", ".join(parts[:shown]) + (f" and {left} more" if left else "")
        if cells(text) <= width or shown == 1:
            return text
    return ""


def _relations(analysis: Analysis) -> Iterator[str]:
    """Yield the pairs that get in each other's way."""
    for pair in analysis.pairs:
        if pair.relation is Relation.CONFLICTING:
            yield f"{pair.a} + {pair.b}: {'; '.join(pair.reasons)}"


def _cut_off(lines: Sequence[str], rows: int, what: str) -> list[str]:
    """Return as many lines as there are rows for; the last one says how many more there are."""
    if len(lines) <= rows:
        return list(lines)
    shown = max(0, rows - 1)
    return [*lines[:shown], f"and {counted(len(lines) - shown, f'more {what}')}"] if rows > 0 else []
