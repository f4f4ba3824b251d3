"""How a plan was cut into tasks and what is known of them beforehand, as blocks of a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from porch_tui.core.model.events import SoftOrder
from porch_tui.core.model.plan import Plan, TaskId
from porch_tui.core.relations.pairs import Relations, relations
from porch_tui.core.relations.relations import Pair, Relation
from porch_tui.core.tasks import graph
from porch_tui.present.amounts import offset
from porch_tui.present.summary import Summary
from porch_tui.report.forms.page import (
    Align,
    Block,
    Cell,
    Column,
    Paragraph,
    Section,
    listed_or,
    table,
)
from porch_tui.report.sections.related_tasks import pairs_blocks, some_of

ADDED_SHOWN = 20
COMPARED_AT_THE_END = 1000
"""Larger plans are compared by `porch check` only: to list what relates more tasks takes seconds."""


def decomposition_section(summary: Summary) -> Section:
    """Return the tasks of a run's plan, and how they relate to each other."""
    plan, opened = summary.state.plan, summary.started_with
    why = opened.verdict or "No reason was recorded for running it in parallel or one by one."
    columns = [Column("task"), Column("kind"), Column("after"), Column("what it is")]
    compared = related(plan)
    rows = (
        (
            Cell(one.id, task=one.id),
            f"{one.kind}{f' by {one.agent}' if one.agent else ''}",
            ", ".join((*one.after, *one.after_hypotheses)),
            one.own_title,
        )
        for one in plan.tasks
    )
    return Section(
        "Decomposition",
        (
            Paragraph(why),
            *_added_later(summary),
            table(columns, rows, "The plan has no tasks."),
            waves_block(graph.waves(plan)),
            *pairs_blocks(compared, plan, opened.plan_path),
            orders_block(opened.soft_orders),
            locks_block(plan, compared),
        ),
    )


def _added_later(summary: Summary) -> tuple[Block, ...]:
    """Return which tasks were not in the plan when the run began: what was forecast is without them."""
    state = summary.state
    times = {task: known.added_at for task, known in state.tasks.items() if known.added_at is not None}
    if not times:
        return ()
    shown = [f"{task} {offset(at - state.opened_at).replace(' ', '')}" for task, at in times.items()]
    rest = f" and {len(shown) - ADDED_SHOWN} more" if len(shown) > ADDED_SHOWN else ""
    return (Paragraph(f"Added later, and in no forecast: {', '.join(shown[:ADDED_SHOWN])}{rest}."),)


def waves_block(waves: Sequence[Sequence[TaskId]]) -> Block:
    """Return which tasks could run at once, were there slots for all."""
    rows = ((str(number), ", ".join(wave)) for number, wave in enumerate(waves, 1))
    return table([Column("wave", Align.RIGHT), Column("tasks")], rows, "No waves: the plan has no tasks.")


def related(plan: Plan) -> Relations | None:
    """Return how the tasks relate to each other, by the plan's text; None: too many to compare."""
    return relations(plan) if len(plan.tasks) <= COMPARED_AT_THE_END else None


def is_related(pair: Pair) -> bool:
    """Say whether two tasks are known to have to do with each other."""
    return pair.relation in (Relation.ORDERED, Relation.CONFLICTING)


def orders_block(orders: Iterable[SoftOrder]) -> Block:
    """Return which tasks wait for others although they need not."""
    points = (f"{order.later} starts when {order.earlier} is decided: {order.reason}" for order in orders)
    return listed_or(points, "No task waits for another because of the paths they declare.")


def locks_block(plan: Plan, found: Relations | None) -> Block:
    """Return who takes turns for which lock, and who shares what worktrees do not separate."""
    locks: dict[str, list[TaskId]] = {}
    for spec in plan.tasks:
        for lock in spec.locks:
            locks.setdefault(lock, []).append(spec.id)
    points = [f"lock {lock}: {some_of(holders)} take turns" for lock, holders in locks.items()]
    held = {spec.id: {*spec.locks} for spec in plan.tasks}
    for thing in found.shared if found is not None else ():
        advice = "" if set.intersection(*(held[task] for task in thing.tasks)) else "; consider a lock"
        points.append(
            f"{thing.name}: {some_of(thing.tasks)} use it, and worktrees do not separate it{advice}"
        )
    return listed_or(points, "No locks, and no trace in the commands of anything else that tasks share.")
