"""What a fact changes of what is derived of the state: who is looked up by it stands elsewhere now."""

from __future__ import annotations

from porch_tui.core.model import derived, index
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.scheduling import startable


def carry(before: RunState, after: RunState, event: e.AnyEvent) -> None:
    """Let the state after an event have what was derived of the one before it, as far as it can be told."""
    if after is before or not before.derived:
        return  # whoever reads a journal asks of its last state only
    derived.carry(before, after)
    tasks = touched(event)
    groups = derived.known(index.index, before)
    if tasks and groups is not None:
        derived.tell(index.index, after, index.moved_on(groups, before, after, tasks))
    turns = derived.known(startable.startable, before)
    if tasks and turns is not None:
        derived.tell(startable.startable, after, startable.moved_on(turns, before, after, tasks))


def touched(event: e.AnyEvent) -> tuple[TaskId, ...]:
    """Return the tasks of which the event changes where they stand, or their entries."""
    if isinstance(event, e.AttemptEvent):
        return (event.attempt.task,)
    if isinstance(event, e.TaskAdded):
        return (event.spec.id,)
    if isinstance(event, e.EntryMoved):
        return tuple(dict.fromkeys((event.task, *event.line)))
    if isinstance(event, e.TaskCancelled | e.TaskRetried | e.EntryEvent):
        return (event.task,)
    return ()
