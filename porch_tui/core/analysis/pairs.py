"""What is known of each pair of a plan's tasks, compared by what the plan says and what its commands use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations, product
from math import comb

from porch_tui.core.analysis import graph
from porch_tui.core.analysis.globs import literal_folders, may_meet
from porch_tui.core.analysis.relations import Cause, Evidence, Level, Pair, Quote, Relation
from porch_tui.core.analysis.shared_state import shared_by
from porch_tui.core.model.plan import Kind, Plan, TaskId, TaskSpec, shown

LISTED_IN_FULL = 60
"""Plans of more tasks list only the pairs that are ordered or conflicting: 300 tasks have 45,000, which
take a second to compare, and 10,000 have 50 million."""


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
    """Return the relation of each pair of tasks, with all evidence, strongest first.

    A plan of more than `LISTED_IN_FULL` tasks lists only the pairs that are
    conflicting, and of the ordered ones those that name each other.
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
    return tuple(pair for pair in found if pair.relation in (Relation.ORDERED, Relation.CONFLICTING))


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


def _pair(
    a: TaskSpec,
    b: TaskSpec,
    behind: Mapping[TaskId, frozenset[TaskId]],
    shared: Mapping[TaskId, frozenset[str]],
) -> Pair:
    found: list[Evidence] = []
    for earlier, later in ((a, b), (b, a)):
        if later.id in behind[earlier.id]:
            text = f"{later.id} comes after {earlier.id}"
            quote = _quote(later, "after", ", ".join(later.after))
            found.append(Evidence(Level.DECLARED, Cause.ORDER, text, quotes=(quote,)))
    # nothing of a check is merged, so it can write what it likes
    for mine, theirs in product(a.paths, b.paths) if Kind.CHECK not in (a.kind, b.kind) else ():
        if may_meet(mine, theirs):
            both, each = f"both say they write {mine}", f"{a.id} writes {mine}, {b.id} writes {theirs}"
            quotes = _quote(a, "paths", mine), _quote(b, "paths", theirs)
            text = both if mine == theirs else each
            found.append(Evidence(Level.DECLARED, Cause.OVERLAP, text, mine, quotes))
    for lock in sorted(set(a.locks) & set(b.locks)):
        quotes = _quote(a, "locks", lock), _quote(b, "locks", lock)
        found.append(Evidence(Level.DECLARED, Cause.LOCK, f"both hold the lock {lock}", lock, quotes))
    for thing in sorted(shared[a.id] & shared[b.id]):
        quotes = _quote(a, "run", shown(a.command)), _quote(b, "run", shown(b.command))
        found.append(Evidence(Level.TEXT, Cause.SHARED_STATE, f"both use {thing}", thing, quotes))
    if found:
        is_ordered = found[0].cause is Cause.ORDER
        return Pair(a.id, b.id, Relation.ORDERED if is_ordered else Relation.CONFLICTING, tuple(found))
    return _unrelated(a, b)


def _quote(spec: TaskSpec, key: str, text: str) -> Quote:
    return Quote(spec.id, text, key, line=spec.line)


def _unrelated(a: TaskSpec, b: TaskSpec) -> Pair:
    if Kind.CHECK in (a.kind, b.kind):
        known = Evidence(Level.DECLARED, Cause.CHECK, "a check merges nothing")
        return Pair(a.id, b.id, Relation.INDEPENDENT, (known,))
    if quiet := [spec.id for spec in (a, b) if not spec.paths]:
        declare = "declare" if len(quiet) > 1 else "declares"
        text = f"not known: {' and '.join(quiet)} {declare} no paths; only the merge will tell"
        return Pair(a.id, b.id, Relation.UNKNOWN, (Evidence(Level.DECLARED, Cause.NOTHING_KNOWN, text),))
    quotes = tuple(_quote(spec, "paths", ", ".join(spec.paths)) for spec in (a, b))
    known = Evidence(Level.DECLARED, Cause.DISJOINT, "the paths they declare do not meet", quotes=quotes)
    return Pair(a.id, b.id, Relation.INDEPENDENT, (known,))
