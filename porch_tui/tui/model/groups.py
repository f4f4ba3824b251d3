"""The tasks that an entry of `each` makes, as one row of a list that opens.

A row's name is a task's id; of a group it is the group's, with a `/` behind it, which no id has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from porch_tui.core.model.derived import once
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.present.signs import Sign

LEAST_FOLDED = 6
"""A smaller group is listed task by task: its row would say less than its tasks do."""
END = "/"


@once("specs")
def groups(state: RunState) -> Mapping[str, tuple[TaskId, ...]]:
    """Return the tasks of each group that is folded, in plan order."""
    found: dict[str, list[TaskId]] = {}
    for spec in state.specs.values():
        if spec.group:
            found.setdefault(spec.group, []).append(spec.id)
    return {group: tuple(tasks) for group, tasks in found.items() if len(tasks) >= LEAST_FOLDED}


@once("specs")
def _group_by_task(state: RunState) -> Mapping[TaskId, str]:
    return {task: group for group, tasks in groups(state).items() for task in tasks}


def group_of(state: RunState, task: TaskId | None) -> str | None:
    """Return the group in which a task is listed; None if it stands for itself."""
    return None if task is None else _group_by_task(state).get(task)


def row_of(group: str) -> TaskId:
    """Return the name of a group's row."""
    return TaskId(f"{group}{END}")


def group_in(row: TaskId | None) -> str | None:
    """Return the group whose row this is; None if it is the row of a task."""
    return row.removesuffix(END) if row is not None and row.endswith(END) else None


def folded(
    state: RunState, tasks: Sequence[TaskId], signs: Mapping[TaskId, Sign], opened: Collection[str]
) -> tuple[TaskId, ...]:
    """Return the rows for tasks in their order: a group where its first task would be.

    In a group that is open, the tasks that failed come first.
    """
    if not groups(state):
        return tuple(tasks)
    listed: dict[TaskId, list[TaskId]] = {}
    for task in tasks:
        group = group_of(state, task)
        listed.setdefault(task if group is None else row_of(group), []).append(task)
    rows: list[TaskId] = []
    for row, members in listed.items():
        rows.append(row)
        if group_in(row) in opened:
            rows += sorted(members, key=lambda task: not signs[task].is_loud)
    return tuple(rows)


def representative(tasks: Sequence[TaskId], signs: Mapping[TaskId, Sign]) -> TaskId:
    """Return the task of a group whose log is shown: one that failed, else one that runs, else the first."""
    order = (Sign.FAILED, Sign.ASKS, Sign.RUNS)
    return min(tasks, key=lambda task: order.index(signs[task]) if signs[task] in order else len(order))


def sign_of(counts: Counter[Sign]) -> Sign:
    """Return the sign of a group whose tasks have these: the first of what presses most."""
    order = (Sign.FAILED, Sign.ASKS, Sign.RUNS, Sign.HELD, Sign.WAITS, Sign.GOOD)
    return next((sign for sign in order if counts[sign]), Sign.ENDED)
