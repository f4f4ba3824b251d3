"""What is known of each pair of a plan's tasks, compared by what the plan says and what its commands use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
    return spec.kind is not Kind.CHECK and not spec.paths


def rivals(a: TaskSpec, b: TaskSpec) -> bool:
    """Say whether the two answer one hypothesis: then at most one of them is merged."""
    return a.of is not None and a.of == b.of


def unknown_pairs(plan: Plan, related: Iterable[Pair]) -> int:
    """Count the pairs of which nothing is known: both merge, and one of them declares no paths.

    `related` are the pairs of which something else is known.
    """
    merging = {spec.id: spec for spec in plan.tasks if spec.kind is not Kind.CHECK}
    quiet = {task for task, spec in merging.items() if silent(spec)}
    known = sum(
        {pair.a, pair.b} <= merging.keys()
        and not quiet.isdisjoint((pair.a, pair.b))
        and not rivals(merging[pair.a], merging[pair.b])
        for pair in related
    )
    theories = (
        [spec for spec in merging.values() if spec.of == hypothesis.name] for hypothesis in plan.hypotheses
    )
    of_rivals = sum(_with_a_silent_one(group) for group in theories)
    return _with_a_silent_one(list(merging.values())) - of_rivals - known


def _with_a_silent_one(specs: Sequence[TaskSpec]) -> int:
    """Count the pairs of these tasks in which nothing is known of what one of them will write."""
    return comb(len(specs), 2) - comb(sum(not silent(spec) for spec in specs), 2)


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
    for task, after in graph.after_of(plan.tasks).items():
        for earlier in after:
            behind[earlier] |= {task}
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
    after_of = graph.after_of(plan.tasks)
    met.update(_ordered(place[earlier], place[task]) for task in after_of for earlier in after_of[task])
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
            quote = _quote(later, "after", ", ".join((*later.after, *later.after_hypotheses)))
            found.append(Evidence(Level.DECLARED, Cause.ORDER, text, quotes=(quote,)))
    # nothing of a check is merged, so it can write what it likes
    is_clear = Kind.CHECK in (a.kind, b.kind) or rivals(a, b)
    for mine, theirs in product(a.paths, b.paths) if not is_clear else ():
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
    if rivals(a, b):
        known = Evidence(Level.DECLARED, Cause.RIVALS, f"at most one theory of {a.of} is merged")
        return Pair(a.id, b.id, Relation.INDEPENDENT, (known,))
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
