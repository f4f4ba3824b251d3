"""Tasks and entries by their status: the same facts as in the state, indexed.

Most rules are about the few tasks and entries with one status, of thousands. They are not searched for:
each event moves its task from one group to another. What a group holds is defined by `index`; the crash
simulation compares.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from porch_tui.core.model.derived import once
from porch_tui.core.model.hypothesis import is_lost, is_to_land
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.status import ON_TRAIN, EntryStatus, TaskStatus

if TYPE_CHECKING:
    from porch_tui.core.model.state import QueueEntry, RunState

Group = Mapping[TaskId, None]
"""A set that keeps the order in which they came."""
Place = tuple[int, int, TaskId]
"""Of a queued entry, by the queue's own rules: priority, highest first, then order of arrival."""

_NOBODY: Group = {}

Status = TypeVar("Status", TaskStatus, EntryStatus)


class Index(Struct, frozen=True):
    """Tasks and entries by status."""

    tasks: Mapping[TaskStatus, Group]
    entries: Mapping[EntryStatus, Group]
    due: Group
    """Tasks whose end leads to something automatically: a place in the queue, or a retry."""
    line: tuple[Place, ...]
    """Entries on their way."""
    marked: Group
    """Of those, the ones a person has moved or that were validated alone: their rank may differ."""
    lost: Group
    """Tasks with an attempt that counts as lost, and whose end is not known or whose work is not kept."""

    def of_task(self, *statuses: TaskStatus) -> list[TaskId]:
        """Return the tasks of these statuses, in no order that matters."""
        return [task for status in statuses for task in self.tasks.get(status, _NOBODY)]

    def has_any(self, statuses: frozenset[TaskStatus]) -> bool:
        """Say whether a task has one of these statuses."""
        return not statuses.isdisjoint(self.tasks)  # no group is empty

    def of_entry(self, *statuses: EntryStatus) -> list[TaskId]:
        """Return the tasks whose entries have these statuses, in no order that matters."""
        return [task for status in statuses for task in self.entries.get(status, _NOBODY)]


@once("tasks", "entries", "specs", "hypotheses")
def index(state: RunState) -> Index:
    """Return the index of a state, by looking at every task and entry: what it is by definition."""
    tasks: dict[TaskStatus, dict[TaskId, None]] = {}
    for task_id, task in state.tasks.items():
        tasks.setdefault(task.status, {})[task_id] = None
    entries: dict[EntryStatus, dict[TaskId, None]] = {}
    for entry in state.entries.values():
        entries.setdefault(entry.status, {})[entry.task] = None
    in_line = [entry for entry in state.entries.values() if entry.status in ON_TRAIN]
    return Index(
        tasks,
        entries,
        due={task: None for task in state.tasks if _is_due(state, task)},
        line=tuple(sorted(_place(state, entry) for entry in in_line)),
        marked={entry.task: None for entry in in_line if _is_marked(entry)},
        lost={task: None for task in state.tasks if _has_lost(state, task)} if state.places else {},
    )


def moved_on(index: Index, before: RunState, after: RunState, touched: Iterable[TaskId]) -> Index:
    """Return the index of a state from that of the previous one, which differs in the touched tasks only."""
    tasks, entries, due, line, marked = index.tasks, index.entries, index.due, index.line, index.marked
    lost = index.lost
    for task in touched:
        was, now = before.tasks.get(task), after.tasks[task]
        if was is None or was.status is not now.status:
            tasks = _regrouped(tasks, task, was.status if was else None, now.status)
        old, new = before.entries.get(task), after.entries.get(task)
        if (old.status if old else None) is not (new.status if new else None):
            entries = _regrouped(entries, task, old.status if old else None, new.status if new else None)
        due = _with(due, task) if _is_due(after, task) else _without(due, task)
        line = _lined_up(line, _place_if_in_line(before, old), _place_if_in_line(after, new))
        is_marked = new is not None and new.status in ON_TRAIN and _is_marked(new)
        marked = _with(marked, task) if is_marked else _without(marked, task)
        if after.places:
            lost = _with(lost, task) if _has_lost(after, task) else _without(lost, task)
    return Index(tasks, entries, due, line, marked, lost)


def may_retry_automatically(state: RunState, task_id: TaskId) -> bool:
    """Say whether the plan gives a failed task another try.

    Not one that wrote outside its worktree, nor a theory when another one has won.
    """
    attempt = state.tasks[task_id].attempt
    if (attempt is not None and attempt.escape) or is_lost(state, task_id):
        return False
    return state.tasks[task_id].retries_used < state.specs[task_id].retries


def awaits_review(state: RunState, task_id: TaskId) -> bool:
    """Say whether a person has to approve the work of a task before it is merged; there is some."""
    task, spec = state.tasks[task_id], state.specs[task_id]
    if not spec.needs_review or task.status is not TaskStatus.SUCCEEDED or not is_to_land(state, task_id):
        return False
    has_changed = task.attempt is not None and task.head not in (None, task.attempt.base)
    return has_changed and task.approval is None and task_id not in state.entries


def _is_due(state: RunState, task_id: TaskId) -> bool:
    """Say whether the task has succeeded and is not in the queue yet, or has failed and gets another try."""
    task = state.tasks[task_id]
    match task.status:
        case TaskStatus.SUCCEEDED:
            is_new = task.head is not None and task_id not in state.entries
            return is_new and is_to_land(state, task_id) and not awaits_review(state, task_id)
        case TaskStatus.FAILED:
            return may_retry_automatically(state, task_id)
        case _:
            return False


def _has_lost(state: RunState, task_id: TaskId) -> bool:
    attempts = state.tasks[task_id].attempts
    return any(one.lost_because and (not one.lost_end or one.lost_head is not None) for one in attempts)


def _is_marked(entry: QueueEntry) -> bool:
    return entry.rank is not None or bool(entry.probes)


def _place(state: RunState, entry: QueueEntry) -> Place:
    return -state.specs[entry.task].priority, entry.place, entry.task


def _place_if_in_line(state: RunState, entry: QueueEntry | None) -> Place | None:
    return _place(state, entry) if entry is not None and entry.status in ON_TRAIN else None


def _lined_up(line: tuple[Place, ...], old: Place | None, new: Place | None) -> tuple[Place, ...]:
    if old == new:
        return line
    places = list(line)
    if old is not None:
        del places[bisect_left(places, old)]
    if new is not None:
        insort(places, new)
    return tuple(places)


def _regrouped(
    groups: Mapping[Status, Group], task: TaskId, old: Status | None, new: Status | None
) -> Mapping[Status, Group]:
    moved = dict(groups)
    if old is not None:
        rest = _without(groups[old], task)
        if rest:
            moved[old] = rest
        else:
            del moved[old]
    if new is not None:
        moved[new] = _with(groups.get(new, _NOBODY), task)
    return moved


def _with(group: Group, task: TaskId) -> Group:
    return group if task in group else {**group, task: None}


def _without(group: Group, task: TaskId) -> Group:
    if task not in group:
        return group
    rest = dict(group)
    del rest[task]
    return rest
