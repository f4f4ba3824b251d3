"""Which pending tasks wait for no other task and have a budget left: what a free slot, a lock and room are
given to, in which order.

Tasks that need the same locks and as much room are interchangeable as far as `readiness` goes: either all
of them may start now, or none may. So they are one group, in the order in which they start.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping

from porch_tui.core.model.derived import once
from porch_tui.core.model.hypothesis import rivals
from porch_tui.core.model.place import PlaceName
from porch_tui.core.model.plan import TaskId, TaskSpec
from porch_tui.core.model.state import RunState, numbers
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.scheduling.budgets import exhausted
from porch_tui.core.scheduling.job_time import has_timeout, needed_s
from porch_tui.core.scheduling.progress import is_answered, is_decided, is_satisfied
from porch_tui.core.tasks import graph

Kept = tuple[PlaceName, str, bool]
"""The place that has the worktree which a task keeps, the boot it was given to, and whether it was lost."""
Where = tuple[tuple[PlaceName, ...], tuple[str, ...], Kept | None, tuple[float, bool]]
"""All that `placing` looks at: the places a task may run on, the tools it needs, the worktree it keeps, and
how many seconds a job must have left, by its timeout or only as expected."""
Demand = tuple[tuple[str, ...], float, int, str | None, str | None, Where]
"""Locks, cores, bytes of memory, the agent, the group with which it shares a worktree, and where."""
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
            groups.setdefault(demand_of(state, spec), []).append(_turn(state, spec))
    return {demand: tuple(sorted(turns)) for demand, turns in groups.items()}


def firsts(state: RunState) -> Iterator[TaskSpec]:
    """Yield the first task of each group."""
    return (state.specs[turns[0][-1]] for turns in startable(state).values())


def moved_on(groups: Startable, before: RunState, after: RunState, touched: Iterable[TaskId]) -> Startable:
    """Return the groups of a state from those of the previous one, which differs in these tasks only."""
    moved = dict(groups)
    for task in dict.fromkeys(one for each in touched for one in _affected(before, after, each)):
        spec = after.specs[task]
        turn, demand, former = _turn(after, spec), demand_of(after, spec), _demand_before(before, task)
        is_wanted = _is_startable(after, spec)
        if former is not None and (former != demand or not is_wanted):
            _remove(moved, former, turn)
        if is_wanted:
            turns = list(moved.get(demand, ()))
            at = bisect_left(turns, turn)
            if at == len(turns) or turns[at] != turn:
                moved[demand] = (*turns[:at], turn, *turns[at:])
    return moved


def _demand_before(before: RunState, task: TaskId) -> Demand | None:
    return demand_of(before, before.specs[task]) if task in before.tasks else None


def _remove(groups: dict[Demand, tuple[Turn, ...]], demand: Demand, turn: Turn) -> None:
    turns = groups.get(demand, ())
    at = bisect_left(turns, turn)
    if at == len(turns) or turns[at] != turn:
        return
    if len(turns) == 1:
        del groups[demand]
    else:
        groups[demand] = (*turns[:at], *turns[at + 1 :])


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


def demand_of(state: RunState, spec: TaskSpec) -> Demand:
    """Return what a task needs: the key of its group."""
    shared_with = spec.group if spec.is_shared else None
    task, kept = state.tasks[spec.id], None
    if task.keep_worktree and (last := task.attempt) is not None:
        kept = last.place, last.boot, bool(last.lost_because)
    places = spec.place if spec.of is None else state.plan.places_of(spec)
    where = places, spec.needs, kept, (needed_s(state, spec), has_timeout(spec))
    return spec.locks, spec.cpus or 0.0, spec.memory_bytes or 0, spec.agent, shared_with, where


def _turn(state: RunState, spec: TaskSpec) -> Turn:
    return -spec.priority, -state.urgency[spec.id], numbers(state)[spec.id], spec.id
