"""Names, numbers and statuses as they are written inside a sentence, in any room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from porch_tui.core.model.status import EntryStatus, TaskStatus

MANY = 3
"""More names than this are counted instead of listed."""


def listed(names: Sequence[str], what: str = "more") -> str:
    """Return names for a sentence: `a, b, c and 4 more`."""
    if len(names) <= MANY:
        return ", ".join(names)
    return f"{', '.join(names[:MANY])} and {len(names) - MANY} {what}"


def all_of(names: Sequence[str]) -> str:
    """Return names as the subject of a sentence: `a`, `a and b`, `a, b, c and 4 more`."""
    if len(names) > MANY:
        return listed(names)
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return `1 task` or `3 tasks`."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def one_line(text: str, longest: int = 200) -> str:
    """Return a foreign text as a part of a sentence: on one line, and cut after `longest` characters."""
    words = " ".join(text.split())
    return words if len(words) <= longest else f"{words[: longest - 1]}…"


_PREDICATES: Mapping[TaskStatus | EntryStatus, str] = {
    TaskStatus.PENDING: "has not started yet",
    TaskStatus.STARTING: "is starting",
    TaskStatus.RUNNING: "is running",
    TaskStatus.PAUSED: "is paused",
    TaskStatus.STOPPING: "is being stopped",
    TaskStatus.SUCCEEDED: "has finished",
    TaskStatus.FAILED: "has failed",
    TaskStatus.CANCELLED: "was cancelled",
    EntryStatus.QUEUED: "is in the merge queue",
    EntryStatus.READY: "is in the merge queue",
    EntryStatus.HELD: "is held in the merge queue",
    EntryStatus.CONFLICTED: "is in conflict",
    EntryStatus.RESOLVING: "is being merged with its resolution",
    EntryStatus.BLOCKED: "is blocked in the merge queue",
    EntryStatus.REJECTED: "was rejected",
    EntryStatus.FAULTED: "was taken out of the merge queue",
    EntryStatus.WITHDRAWN: "was withdrawn from the merge queue",
    EntryStatus.VALIDATION_STOPPED: "left the merge queue when its validation was cancelled",
    EntryStatus.UNDONE: "was undone",
    EntryStatus.NOTHING_TO_LAND: "had nothing to land",
    EntryStatus.LANDED: "has landed",
    EntryStatus.UNDOING: "is being undone",
}


def predicate(status: TaskStatus | EntryStatus) -> str:
    """Return what a status says of a task, for a sentence that begins with its name: `has failed`."""
    return _PREDICATES[status]
