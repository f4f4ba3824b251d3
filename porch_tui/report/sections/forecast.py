"""How long a plan is expected to take, as blocks of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from porch_tui.core.forecast.analysis import Analysis
from porch_tui.core.forecast.estimates import EstimateFrom
from porch_tui.core.model.plan import Plan, TaskId
from porch_tui.core.model.wording import counted
from porch_tui.present.amounts import between, duration
from porch_tui.report.forms.page import Align, Block, Column, Paragraph, Table, table

SOURCES: Mapping[EstimateFrom, str] = {
    EstimateFrom.PLAN: "the plan",
    EstimateFrom.HISTORY: "earlier runs",
    EstimateFrom.DEFAULT: "a guess",
}


def estimates_block(plan: Plan, analysis: Analysis) -> Block:
    """Return what each task is expected to take, how that is known, and when it would run."""
    titles = ("estimate", "starts", "done")
    columns = [Column("task"), Column("kind"), *(Column(title, Align.RIGHT) for title in titles)]
    is_guessed = any(one.low is not None for one in analysis.estimates.values())
    course = analysis.course
    rows = []
    for spec in plan.tasks:
        one = analysis.estimates[spec.id]
        landed_s = course.landed.get(spec.id)
        rows.append(
            (
                spec.id,
                spec.kind.value,
                duration(one.seconds),
                duration(course.starts.get(spec.id)),
                duration(landed_s),
                SOURCES[one.source],
                *([between(one.range_s)] if is_guessed else []),
            )
        )
    columns += [Column("known from"), *([Column("between")] if is_guessed else [])]
    return table(columns, rows, "The plan has no tasks.")


def forecast_blocks(analysis: Analysis) -> tuple[Block, ...]:
    """Return the predicted times, what is guessed in them, and what is not in them."""
    times = analysis.times
    faster = "how much faster is a guess" if analysis.is_guess else f"{times.speedup:.2f} times faster"
    faster += f", in {counted(times.slots, 'slot')}"
    ends_s = (between(times.serial_range_s), between(times.parallel_range_s))
    serial, parallel = (f"; {text}" if text else "" for text in ends_s)
    rows = [
        ("one by one", duration(times.serial_s), f"as porch run --serial has it{serial}"),
        ("side by side", duration(times.parallel_s), f"{faster}{parallel}"),
        ("overhead", duration(times.overhead_s), "worktrees, merging and landing, all tasks added up"),
    ]
    if times.validation_s is not None:
        count = counted(times.validations, "validation")
        rows.append(("validation", duration(times.validation_s), f"one; side by side there are {count}"))
    if times.judging_s is not None:
        rows.append(("judging", duration(times.judging_s), "the base and all theories, in turns"))
    blocks: list[Block] = [Table((Column("predicted"), Column("time", Align.RIGHT), Column("")), tuple(rows))]
    if times.best_slots is not None:
        compared = ", ".join(f"{slots}: {duration(took_s)}" for slots, took_s in times.by_slots)
        blocks.append(Paragraph(f"By slots: {compared}. {counted(times.best_slots, 'slot')} would do."))
    if times.guessed:
        blocks.append(Paragraph(f"Guessed: {'; '.join(times.guessed)}."))
    if times.not_counted:
        blocks.append(Paragraph(f"Not counted: {'; '.join(times.not_counted)}."))
    return tuple(blocks)


def path_block(path: Sequence[TaskId], cost: Mapping[TaskId, float]) -> Block:
    """Return the most expensive chain of tasks: no number of slots makes the plan shorter."""
    if not path:
        return Paragraph("No critical path: the plan has no tasks.")
    total = duration(sum(cost.get(task, 0.0) for task in path))
    return Paragraph(f"{' -> '.join(path)}: {total}, which more slots cannot shorten.")
