"""Which pending tasks wait for no other task and have a budget left: what a free slot, a lock and room are
given to, in which order.

Tasks that need the same locks and as much room are interchangeable as far as `readiness` goes: if the
first of them may not start now, none may. So they are one group, in the order in which they start.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping

from porch_tui.core.model.derived import once
from porch_tui.core.model.hypothesis import rivals
from porch_tui.core.model.plan import TaskId, TaskSpec
from porch_tui.core.model.state import RunState, numbers
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.scheduling.budgets import exhausted
from porch_tui.core.scheduling.progress import is_answered, is_decided, is_satisfied
from porch_tui.core.tasks import graph

Demand = tuple[tuple[str, ...], float, int, str | None, str | None]
"""Locks, cores, bytes of memory, the agent, and the group with which it shares a worktree."""
Turn = tuple[int, float, int, TaskId]
"""Priority and urgency, highest first, then plan order."""
Startable = Mapping[Demand, tuple[Turn, ...]]


@once("tasks", "entries", "specs", "hypotheses", "soft_orders", "urgency")
def startable(state: RunState) -> Startable:
    """Return the tasks that wait for no other task, by what they need, first to start first.

    By looking at every task: what it is by definition.
    """
    groups: dict[Demand, list[Turn]] = {}
    for spec in state.specs.values():
        if _is_startable(state, spec):
            groups.setdefault(_demand(spec), []).append(_turn(state, spec))
    return {demand: tuple(sorted(turns)) for demand, turns in groups.items()}


def firsts(state: RunState) -> Iterator[TaskSpec]:
    """Yield the first task of each group."""
    return (state.specs[turns[0][-1]] for turns in startable(state).values())


def moved_on(groups: Startable, before: RunState, after: RunState, touched: Iterable[TaskId]) -> Startable:
    """Return the groups of a state from those of the previous one, which differs in these tasks only."""
    moved = dict(groups)
    for task in dict.fromkeys(one for each in touched for one in _affected(before, after, each)):
        spec = after.specs[task]
        turn, turns = _turn(after, spec), list(moved.get(_demand(spec), ()))
        at = bisect_left(turns, turn)
        is_there = at < len(turns) and turns[at] == turn
        if is_there == _is_startable(after, spec):
            continue
        if is_there:
            del turns[at]
        else:
            insort(turns, turn)
        moved[_demand(spec)] = tuple(turns)
        if not turns:
            del moved[_demand(spec)]
    return moved


def _is_startable(state: RunState, spec: TaskSpec) -> bool:
    return (
        state.tasks[spec.id].status is TaskStatus.PENDING
        and all(is_satisfied(state, earlier) for earlier in spec.after)
        and all(is_answered(state, name) for name in spec.after_hypotheses)
        and all(is_decided(state, order.earlier) for order in state.soft_orders.get(spec.id, ()))
        and not exhausted(state, spec.id)
    )


def _affected(before: RunState, after: RunState, task: TaskId) -> Iterator[TaskId]:
    """Yield the tasks that may have become startable, or not startable, by what happened to this one."""
    yield task
    hard, soft = _behind(after)
    touched = rivals(after, task)  # they share a fate: with the last of them a hypothesis may be over
    for one in touched:
        yield from hard.get(one, ())
        yield from soft.get(one, ())
    if all(_is_lost(before, one) == _is_lost(after, one) for one in touched):
        return
    # tasks after it, directly or not, will not land either: others no longer wait for them, or do again
    seen, ahead = {*touched}, [*touched]
    while ahead:
        for later in hard.get(ahead.pop(), ()):
            for one in rivals(after, later):
                if one not in seen and (one != later or after.tasks[one].status is TaskStatus.PENDING):
                    seen.add(one)
                    ahead.append(one)
                    yield from soft.get(one, ())


def _is_lost(state: RunState, task: TaskId) -> bool:
    return task in state.tasks and is_decided(state, task) and not is_satisfied(state, task)


@once("specs", "soft_orders")
def _behind(state: RunState) -> tuple[Mapping[TaskId, list[TaskId]], Mapping[TaskId, list[TaskId]]]:
    """Return the tasks after each task, as the plan says and as overlapping paths suggest."""
    hard: dict[TaskId, list[TaskId]] = {}
    for task, after in graph.after_of(state.plan.tasks).items():
        for earlier in after:
            hard.setdefault(earlier, []).append(task)
    soft: dict[TaskId, list[TaskId]] = {}
    for later, orders in state.soft_orders.items():
        for order in orders:
            soft.setdefault(order.earlier, []).append(later)
    return hard, soft


def _demand(spec: TaskSpec) -> Demand:
    shared_with = spec.group if spec.is_shared else None
    return spec.locks, spec.cpus or 0.0, spec.memory_bytes or 0, spec.agent, shared_with


def _turn(state: RunState, spec: TaskSpec) -> Turn:
    return -spec.priority, -state.urgency[spec.id], numbers(state)[spec.id], spec.id
