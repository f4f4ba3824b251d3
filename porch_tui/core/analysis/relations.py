"""How each pair of tasks is related, and why: the plan's declared facts, compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from itertools import combinations, product
from math import comb

from msgspec import Struct

from porch_tui.core.analysis import graph
from porch_tui.core.analysis.globs import literal_folders, may_meet
from porch_tui.core.analysis.shared_state import shared_by
from porch_tui.core.model.events import SoftOrder
from porch_tui.core.model.plan import Kind, Plan, TaskId, TaskSpec

LISTED_IN_FULL = 60
"""Plans of more tasks list only the pairs that are not independent: 300 tasks have 45,000, which take a
second to compare, and 10,000 have 50 million."""

PERSON_S = 300.0
"""What a conflict is assumed to cost beyond running one of the tasks again: a person's attention."""

CONFLICT_CHANCE = 0.1
"""Chance that two tasks which say they write the same paths conflict. (Of the merges in four real
histories 5 % conflicted; declaring one path makes it likelier.)"""


class Relation(StrEnum):
    """The strongest thing known about two tasks."""

    ORDERED = "ordered"
    OVERLAP = "overlap"
    LOCK = "lock"
    SHARED_STATE = "shared-state"
    INDEPENDENT = "independent"


class Pair(Struct, frozen=True):
    """Two tasks, in plan order, and how they are related."""

    a: TaskId
    b: TaskId
    relation: Relation
    reasons: tuple[str, ...]
    is_known: bool = True
    """False: not known to be independent; one of them declares no paths."""


def silent(spec: TaskSpec) -> bool:
    """Say whether nothing is known of what a task will write."""
    return spec.kind is Kind.CHANGE and not spec.paths


def unknown_pairs(plan: Plan, related: Iterable[Pair]) -> int:
    """Count the pairs of which nothing is known: both merge, and one of them declares no paths.

    `related` are the pairs of which something else is known.
    """
    changes = {spec.id for spec in plan.tasks if spec.kind is Kind.CHANGE}
    quiet = {spec.id for spec in plan.tasks if silent(spec)}
    known = sum({pair.a, pair.b} <= changes and not quiet.isdisjoint((pair.a, pair.b)) for pair in related)
    return comb(len(changes), 2) - comb(len(changes) - len(quiet), 2) - known


def pairs(plan: Plan) -> tuple[Pair, ...]:
    """Return the relation of each pair of tasks, with every reason known, strongest first.

    A plan of more than `LISTED_IN_FULL` tasks lists only the pairs that are not
    independent, and of the ordered ones those that name each other.
    """
    shared = {spec.id: shared_by(spec) for spec in plan.tasks}
    if len(plan.tasks) <= LISTED_IN_FULL:
        behind = graph.all_dependents(plan)
        return tuple(_pair(a, b, behind, shared) for a, b in combinations(plan.tasks, 2))
    behind = {spec.id: frozenset[TaskId]() for spec in plan.tasks}
    for spec in plan.tasks:
        for earlier in spec.after:
            behind[earlier] |= {spec.id}
    found = (_pair(a, b, behind, shared) for a, b in _meeting(plan, shared))
    return tuple(pair for pair in found if pair.relation is not Relation.INDEPENDENT)


def _meeting(plan: Plan, shared: Mapping[TaskId, frozenset[str]]) -> list[tuple[TaskSpec, TaskSpec]]:
    """Return the pairs that may be more than independent, in plan order, without looking at every pair."""
    place = {spec.id: number for number, spec in enumerate(plan.tasks)}
    groups: dict[str, list[int]] = {}
    folders: dict[tuple[str, ...], list[int]] = {}
    for number, spec in enumerate(plan.tasks):
        for mark in [f"lock {lock}" for lock in spec.locks] + [f"thing {thing}" for thing in shared[spec.id]]:
            groups.setdefault(mark, []).append(number)
        for pattern in spec.paths:
            folders.setdefault(literal_folders(pattern), []).append(number)
    met = {pair for group in groups.values() for pair in combinations(group, 2)}
    for folder, number in ((folder, number) for folder, numbers in folders.items() for number in numbers):
        # two patterns can only meet if one's literal folders begin the other's
        above = (folders.get(folder[:depth], ()) for depth in range(len(folder) + 1))
        met.update(_ordered(number, other) for others in above for other in others if other != number)
    met.update(_ordered(place[earlier], place[spec.id]) for spec in plan.tasks for earlier in spec.after)
    return [(plan.tasks[a], plan.tasks[b]) for a, b in sorted(met)]


def _ordered(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


def soft_orders(plan: Plan, related: tuple[Pair, ...], cost: Mapping[TaskId, float]) -> tuple[SoftOrder, ...]:
    """Return which overlapping tasks should go one after the other, and why.

    Waiting costs the earlier task's time; running both risks a conflict, and
    with it the later task's time once more and a person's attention. All orders
    follow one order of the plan, so together with `after` they make no cycle.
    """
    rank = {task: number for number, task in enumerate(graph.topological(plan))}
    orders = []
    for pair in related:
        if pair.relation is not Relation.OVERLAP:
            continue
        earlier, later = sorted((pair.a, pair.b), key=lambda task: rank[task])
        waiting = cost.get(earlier, graph.DEFAULT_ESTIMATE_S)
        risk = CONFLICT_CHANCE * (cost.get(later, graph.DEFAULT_ESTIMATE_S) + PERSON_S)
        if waiting <= risk:
            text = f"{pair.reasons[0]}; waiting {waiting:.0f} s is cheaper than the risk of a conflict"
            orders.append(SoftOrder(later, earlier, text))
    return tuple(orders)


def _pair(
    a: TaskSpec,
    b: TaskSpec,
    behind: Mapping[TaskId, frozenset[TaskId]],
    shared: Mapping[TaskId, frozenset[str]],
) -> Pair:
    found: list[tuple[Relation, str]] = []
    if b.id in behind[a.id]:
        found.append((Relation.ORDERED, f"{b.id} comes after {a.id}"))
    if a.id in behind[b.id]:
        found.append((Relation.ORDERED, f"{a.id} comes after {b.id}"))
    # nothing of a check is merged, so it can write what it likes
    for mine, theirs in product(a.paths, b.paths) if Kind.CHECK not in (a.kind, b.kind) else ():
        if may_meet(mine, theirs):
            both, each = f"both say they write {mine}", f"{a.id} writes {mine}, {b.id} writes {theirs}"
            found.append((Relation.OVERLAP, both if mine == theirs else each))
    found += [(Relation.LOCK, f"both hold the lock {lock}") for lock in sorted(set(a.locks) & set(b.locks))]
    found += [(Relation.SHARED_STATE, f"both use {thing}") for thing in sorted(shared[a.id] & shared[b.id])]
    relation = found[0][0] if found else Relation.INDEPENDENT
    is_known = bool(found) or Kind.CHECK in (a.kind, b.kind) or not (silent(a) or silent(b))
    return Pair(a.id, b.id, relation, tuple(text for _, text in found) or (_nothing_shared(a, b),), is_known)


def _nothing_shared(a: TaskSpec, b: TaskSpec) -> str:
    if Kind.CHECK in (a.kind, b.kind):
        return "a check merges nothing"
    if quiet := [spec.id for spec in (a, b) if not spec.paths]:
        declare = "declare" if len(quiet) > 1 else "declares"
        return (
            f"not known to be independent: {' and '.join(quiet)} {declare} no paths; only the merge will tell"
        )
    return "the paths they declare do not meet"
