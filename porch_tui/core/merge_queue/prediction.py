"""Which tasks would conflict if all ended as they are now: advice, for people and for the queue's order.

A prediction never holds, blames or stops anything; only merging does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from porch_tui.core.files.globs import matches, outside
from porch_tui.core.model.plan import Kind, TaskId
from porch_tui.core.model.state import RunState, entries_in
from porch_tui.core.model.status import ON_TRAIN, EntryStatus, TaskStatus

STILL_TO_MERGE = ON_TRAIN | {EntryStatus.BLOCKED, EntryStatus.HELD}
"""Entries that will be merged as they are. One in conflict is not among them: that is known, not predicted,
and others land without it."""


class Prediction(Struct, frozen=True):
    """Two tasks, or a task and the target, would not merge."""

    a: str
    """A task's id."""
    b: str
    """Another task's id, or the full name of the target's ref, which no task can have."""
    paths: tuple[str, ...]
    """Where; empty where git only has words for it."""
    is_uncommitted: bool = False
    """True: not with the target as it is, but with what a person has changed in its checkout."""


def target_ref(state: RunState) -> str:
    """Return what the target is called in predictions."""
    return f"refs/heads/{state.target.name}"


def concerned(state: RunState) -> tuple[TaskId, ...]:
    """Return the tasks whose work is still to be merged: running ones first, then in order of arrival."""
    active = [task for task in state.active if state.specs[task].kind is Kind.CHANGE]
    return (*active, *(entry.task for entry in entries_in(state, *STILL_TO_MERGE)))


def still_open(state: RunState, predictions: Iterable[Prediction]) -> tuple[Prediction, ...]:
    """Return the predictions that nothing has decided since they were made."""
    names = {*map(str, concerned(state)), target_ref(state)}
    return tuple(one for one in predictions if {one.a, one.b} <= names and not _is_resolved(state, one))


def _is_resolved(state: RunState, one: Prediction) -> bool:
    """Say whether the two were merged already, or a resolution of it waits for its turn in the queue."""
    if one.is_uncommitted:
        return False
    for task, other in ((one.a, one.b), (one.b, one.a)):
        entry = state.entries.get(TaskId(task))
        if entry is None or entry.status not in ON_TRAIN:
            continue
        if entry.candidate is not None and other in (*entry.on_top_of, target_ref(state)):
            return True  # its candidate is on top of that
        if entry.resolution is not None and other in (*entry.partners, target_ref(state)):
            return True
    return False


def among_waiting(state: RunState, predictions: Iterable[Prediction]) -> tuple[tuple[TaskId, TaskId], ...]:
    """Return the pairs of entries on their way that would conflict: what the queue's order goes by."""
    waiting = {entry.task for entry in entries_in(state, *ON_TRAIN)}
    pairs = {tuple(sorted((TaskId(one.a), TaskId(one.b)))) for one in predictions}
    return tuple(sorted((a, b) for a, b in pairs if {a, b} <= waiting))


def yet_to_write(state: RunState) -> dict[TaskId, tuple[str, ...]]:
    """Return the globs of what pending tasks declare to write; only of those that declare it."""
    return {
        spec.id: spec.paths
        for spec in state.specs.values()
        if spec.paths and spec.kind is Kind.CHANGE and state.tasks[spec.id].status is TaskStatus.PENDING
    }


def in_each_others_way(
    state: RunState, changed: Mapping[TaskId, Sequence[str]]
) -> tuple[tuple[TaskId, TaskId], ...]:
    """Return the pairs of a pending task and one that has changed what it declares to write, sorted.

    `changed`: the paths of each task whose work is still to be merged. What the plan ignores in
    predictions does not count.
    """
    known = {task: outside(state.plan.predict_ignore, paths) for task, paths in changed.items()}
    return tuple(
        sorted(
            (min(task, other), max(task, other))
            for task, patterns in yet_to_write(state).items()
            for other, paths in known.items()
            if any(matches(pattern, path) for pattern in patterns for path in paths)
        )
    )


def worth_reporting(paths: Sequence[str], ignored: Sequence[str]) -> tuple[str, ...] | None:
    """Return the conflicted paths that the plan does not ignore; None if that leaves none of them."""
    left = outside(ignored, paths)
    return left if left or not paths else None


def predictions_of(state: RunState, task: TaskId, predictions: Iterable[Prediction]) -> tuple[str, ...]:
    """Return what is predicted of a task, a text per partner: `will conflict with mul: app/calc.py`."""
    found = []
    for one in predictions:
        if task in (one.a, one.b):
            name = one.b if one.a == task else one.a
            if name == target_ref(state):
                name = f"{'what is not committed yet on ' if one.is_uncommitted else ''}{state.target.name}"
            found.append(f"will conflict with {name}" + (f": {', '.join(one.paths)}" if one.paths else ""))
    return tuple(found)
