"""What a person says of an entry's place in the merge queue: out of it, on hold, earlier or later."""

from __future__ import annotations

from porch_tui.core.model.events.parts import Event
from porch_tui.core.model.plan import TaskId


class EntryRequeued(Event, frozen=True):
    """Back into line: a person said so, or what it conflicted with is gone (*)."""

    task: TaskId
    takes_branch: bool = False
    """A person said so: what the task's branch has become by now is merged."""


class EntryWithdrawn(Event, frozen=True):
    """A person took it out of the queue; its branch stays."""

    task: TaskId


class EntryValidationStopped(Event, frozen=True):
    """A person stopped the validation that would judge it: it leaves the queue without a verdict."""

    task: TaskId


class EntryHeld(Event, frozen=True):
    """A person does not want it merged for now, or is to look at something first (*)."""

    task: TaskId
    why: str = ""
    """What there is to look at; empty: a person said so."""


class EntryReleased(Event, frozen=True):
    """What was held may be merged, at the place it had."""

    task: TaskId


class EntryMoved(Event, frozen=True):
    """A person wants it merged earlier or later than it would be."""

    task: TaskId
    line: tuple[TaskId, ...]
    """The head of the line as it stands from now on, this entry in it; who is not in it comes behind."""
