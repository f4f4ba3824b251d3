"""The order that `after` makes among tasks: waves, chains. Ties always go to plan order.

A Plan has no cycles: `planfile` refuses one that has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter

from porch_tui.core.model.plan import Plan, TaskId, TaskSpec

DEFAULT_ESTIMATE_S = 60.0
"""What a task is taken to cost when neither the plan nor an earlier run says."""


def after_of(tasks: Sequence[TaskSpec]) -> dict[TaskId, tuple[TaskId, ...]]:
    """Return what each task comes after, in this order: of a hypothesis all its theories."""
    theories: dict[str, list[TaskId]] = {}
    for spec in tasks:
        if spec.of is not None:
            theories.setdefault(spec.of, []).append(spec.id)
    return {
        spec.id: (
            *spec.after,
            *(task for name in spec.after_hypotheses if name != spec.of for task in theories.get(name, ())),
        )
        for spec in tasks
    }


def topological(plan: Plan) -> tuple[TaskId, ...]:
    """Return the tasks in an order in which each comes after its dependencies."""
    return tuple(task for wave in waves(plan) for task in wave)


def waves(plan: Plan) -> tuple[tuple[TaskId, ...], ...]:
    """Return the tasks in waves: a task is in the wave behind the last task it comes after."""
    depth: dict[TaskId, int] = {}
    after = after_of(plan.tasks)
    for task in TopologicalSorter(after).static_order():
        depth[task] = 1 + max((depth[earlier] for earlier in after[task]), default=0)
    count = max(depth.values(), default=0)
    found: list[list[TaskId]] = [[] for _ in range(count)]
    for spec in plan.tasks:
        found[depth[spec.id] - 1].append(spec.id)
    return tuple(map(tuple, found))


def tails(plan: Plan, cost: Mapping[TaskId, float]) -> dict[TaskId, float]:
    """Return, for each task, the seconds of the longest chain that begins with it.

    A task that `cost` lacks costs `DEFAULT_ESTIMATE_S`.
    """
    after = after_of(plan.tasks)
    behind: dict[TaskId, float] = dict.fromkeys(after, 0.0)
    tail: dict[TaskId, float] = {}
    for task in reversed(tuple(TopologicalSorter(after).static_order())):
        tail[task] = cost.get(task, DEFAULT_ESTIMATE_S) + behind[task]
        for earlier in after[task]:
            behind[earlier] = max(behind[earlier], tail[task])
    return {task: tail[task] for task in after}


def costs(plan: Plan, tail: Mapping[TaskId, float]) -> dict[TaskId, float]:
    """Return what each task costs, of which these are the `tails`."""
    behind = dict.fromkeys(tail, 0.0)
    for task, after in after_of(plan.tasks).items():
        for earlier in after:
            behind[earlier] = max(behind[earlier], tail[task])
    return {task: seconds - behind[task] for task, seconds in tail.items()}


def critical_path(plan: Plan, cost: Mapping[TaskId, float]) -> tuple[TaskId, ...]:
    """Return the most expensive chain of tasks, first to last; an empty plan has an empty path."""
    tail, after = tails(plan, cost), after_of(plan.tasks)
    path: list[TaskId] = []
    ahead = [spec.id for spec in plan.tasks]
    while ahead:
        path.append(max(ahead, key=lambda task: tail[task]))
        ahead = [task for task in after if path[-1] in after[task]]
    return tuple(path)


def all_dependents(plan: Plan) -> dict[TaskId, frozenset[TaskId]]:
    """Return, for each task, every task that comes after it, directly or not."""
    after = after_of(plan.tasks)
    behind: dict[TaskId, set[TaskId]] = {task: set() for task in after}
    for task in reversed(topological(plan)):
        for earlier in after[task]:
            behind[earlier] |= {task} | behind[task]
    return {task: frozenset(later) for task, later in behind.items()}


def dependents(plan: Plan, task_id: TaskId) -> tuple[TaskId, ...]:
    """Return every task that comes after this one, directly or not, in plan order."""
    behind = all_dependents(plan)[task_id]
    return tuple(spec.id for spec in plan.tasks if spec.id in behind)
