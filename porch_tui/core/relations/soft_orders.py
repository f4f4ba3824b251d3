"""Which tasks that overlap should go one after the other, though the plan does not say so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from porch_tui.core.model.events import SoftOrder
from porch_tui.core.model.plan import Plan, TaskId
from porch_tui.core.relations.relations import Cause, Level, Pair, Relation
from porch_tui.core.tasks import graph

PERSON_S = 300.0
"""What a conflict is assumed to cost beyond running one of the tasks again: a person's attention."""

CONFLICT_CHANCE = 0.1
"""Chance that two tasks which say they write the same paths conflict. (Of the merges in four real
histories 5 % conflicted; declaring one path makes it likelier.)"""


def soft_orders(plan: Plan, related: Iterable[Pair], cost: Mapping[TaskId, float]) -> tuple[SoftOrder, ...]:
    """Return which tasks that declare the same paths should go one after the other, and why.

    Waiting costs the earlier task's time; running both risks a conflict, and
    with it the later task's time once more and a person's attention. All orders
    follow one order of the plan, so together with `after` they make no cycle.
    What was only found in texts makes no order: porch does not reorder on a guess.
    """
    rank = {task: number for number, task in enumerate(graph.topological(plan))}
    orders = []
    for pair in related:
        why = _declared_overlap(pair)
        if not why:
            continue
        earlier, later = sorted((pair.a, pair.b), key=lambda task: rank[task])
        waiting = cost.get(earlier, graph.DEFAULT_ESTIMATE_S)
        risk = CONFLICT_CHANCE * (cost.get(later, graph.DEFAULT_ESTIMATE_S) + PERSON_S)
        if waiting <= risk:
            text = f"{why}; waiting {waiting:.0f} s is cheaper than the risk of a conflict"
            orders.append(SoftOrder(later, earlier, text))
    return tuple(orders)


def _declared_overlap(pair: Pair) -> str:
    """Return by which declared paths two tasks overlap, if nothing orders them; else nothing."""
    if pair.relation is not Relation.CONFLICTING:
        return ""
    declared = (one for one in pair.evidence if one.cause is Cause.OVERLAP and one.level is Level.DECLARED)
    return next((one.text for one in declared), "")
