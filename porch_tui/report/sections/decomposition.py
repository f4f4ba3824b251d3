"""How a plan was cut into tasks and what is known of them beforehand, as blocks of a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from porch_tui.core.analysis import graph
from porch_tui.core.analysis.pairs import pairs, silent, unknown_pairs
from porch_tui.core.analysis.relations import Pair, Relation
from porch_tui.core.analysis.shared_state import shared_by
from porch_tui.core.model.events import SoftOrder
from porch_tui.core.model.plan import Plan, TaskId
from porch_tui.core.model.wording import counted, listed
from porch_tui.present.amounts import offset
from porch_tui.present.summary import Summary
from porch_tui.report.forms.page import (
    Align,
    Block,
    Column,
    Item,
    Listing,
    Paragraph,
    Section,
    listed_or,
    table,
)

PAIRS_SHOWN = 40
"""More pairs than this are counted; the JSON lists them all."""
ADDED_SHOWN = 20
COMPARED_AT_THE_END = 300
"""Larger plans are compared by `porch check` only."""


def decomposition_section(summary: Summary) -> Section:
    """Return the tasks of a run's plan, and how they relate to each other."""
    plan, opened = summary.state.plan, summary.started_with
    why = opened.verdict or "No reason was recorded for running it in parallel or one by one."
    columns = [Column("task"), Column("kind"), Column("after"), Column("what it is")]
    rows = (
        (one.id, f"{one.kind}{f' by {one.agent}' if one.agent else ''}", ", ".join(one.after), one.title)
        for one in plan.tasks
    )
    return Section(
        "Decomposition",
        (
            Paragraph(why),
            *_added_later(summary),
            table(columns, rows, "The plan has no tasks."),
            waves_block(graph.waves(plan)),
            *pairs_blocks(related(plan), plan),
            orders_block(opened.soft_orders),
            locks_block(plan),
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


def related(plan: Plan) -> tuple[Pair, ...] | None:
    """Return how the tasks relate to each other; None: too many to compare."""
    # comparing 2,000 tasks takes half a minute, too long at the end of a run
    return pairs(plan) if len(plan.tasks) <= COMPARED_AT_THE_END else None


def is_related(pair: Pair) -> bool:
    """Say whether two tasks are known to have to do with each other."""
    return pair.relation in (Relation.ORDERED, Relation.CONFLICTING)


def pairs_blocks(found: Sequence[Pair] | None, plan: Plan) -> tuple[Block, ...]:
    """Return how the tasks relate to each other: what matters in full, the others counted."""
    if found is None:
        return (Listing((Item("So many tasks are compared by the check alone", "porch check"),)),)
    related_pairs = [pair for pair in found if is_related(pair)]
    # a large plan's analysis leaves the independent pairs out
    tasks = len(plan.tasks)
    total = max(len(found), tasks * (tasks - 1) // 2)
    unknown = unknown_pairs(plan, related_pairs)
    clear = total - len(related_pairs) - unknown
    free = [Paragraph(f"{clear} of {counted(total, 'pair')} of tasks are independent.")]
    if unknown:
        quiet = [spec.id for spec in plan.tasks if silent(spec)]
        what = f"{listed(quiet)} {'declares' if len(quiet) == 1 else 'declare'} no paths"
        free.append(Paragraph(f"{counted(unknown, 'pair')}: not known to be independent; {what}."))
    points = [
        Item(f"{pair.a} + {pair.b} ({_how(pair)}): {'; '.join(pair.reasons)}")
        for pair in related_pairs[:PAIRS_SHOWN]
    ]
    if len(related_pairs) > PAIRS_SHOWN:
        points.append(Item(f"and {len(related_pairs) - PAIRS_SHOWN} more pairs", "porch check --json"))
    return (*free, Listing(tuple(points))) if points else tuple(free)


def _how(pair: Pair) -> str:
    """Return how two tasks are related, and by what, in as few words as possible."""
    causes = dict.fromkeys(one.cause.value for one in pair.evidence if not one.is_caution)
    is_ordered = pair.relation is Relation.ORDERED
    return pair.relation.value if is_ordered else f"{pair.relation.value}: {', '.join(causes)}"


def orders_block(orders: Iterable[SoftOrder]) -> Block:
    """Return which tasks wait for others although they need not."""
    points = (f"{order.later} starts when {order.earlier} is decided: {order.reason}" for order in orders)
    return listed_or(points, "No task waits for another because of the paths they declare.")


def locks_block(plan: Plan) -> Block:
    """Return who takes turns for which lock, and who shares what worktrees do not separate."""
    locks: dict[str, list[TaskId]] = {}
    shared: dict[str, list[TaskId]] = {}
    for spec in plan.tasks:
        for lock in spec.locks:
            locks.setdefault(lock, []).append(spec.id)
        for thing in sorted(shared_by(spec)):
            shared.setdefault(thing, []).append(spec.id)
    points = [f"lock {lock}: {', '.join(holders)} take turns" for lock, holders in locks.items()]
    points += [
        f"{thing}: {', '.join(users)} use it, and worktrees do not separate it; consider a lock"
        for thing, users in shared.items()
        if len(users) > 1
    ]
    return listed_or(points, "No locks, and no trace in the commands of anything else that tasks share.")
