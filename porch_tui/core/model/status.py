"""The statuses of tasks and queue entries, and the groups of them that rules refer to.

Only what must be remembered is a status. "Waiting", "ready", "merging",
"validating" and "landing" are derived (`explain`, `train`), so they cannot
disagree with what they are derived from.
"""

from __future__ import annotations

from enum import StrEnum


class TaskStatus(StrEnum):
    """The status of a task."""

    PENDING = "pending"
    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class EntryStatus(StrEnum):
    """The status of a task's entry in the merge queue."""

    QUEUED = "queued"
    """Needs a candidate."""
    READY = "ready"
    """It has a candidate, which is on the train unless something ahead of it changed."""
    HELD = "held"
    """Not merged until a person releases it."""
    CONFLICTED = "conflicted"
    """Its head does not merge with what is ahead of it."""
    RESOLVING = "resolving"
    """A resolution has been given and is being applied."""
    BLOCKED = "blocked"
    """It would land, but for files or an operation of the person's in the target's checkout."""
    REJECTED = "rejected"
    """Taken out: validation fails with it and passes without it."""
    FAULTED = "faulted"
    """Taken out: the machinery broke, or its branch would bring back a landing that was undone."""
    WITHDRAWN = "withdrawn"
    """Taken out by a person."""
    VALIDATION_STOPPED = "validation-stopped"
    """Taken out because a person stopped its validation: there is no verdict."""
    UNDONE = "undone"
    """Taken out: it had landed, and its landing was undone."""
    NOTHING_TO_LAND = "nothing-to-land"
    """Merged, it changes nothing."""
    LANDED = "landed"
    UNDOING = "undoing"
    """Landed, and about to be taken back."""


ACTIVE = frozenset({TaskStatus.STARTING, TaskStatus.RUNNING, TaskStatus.PAUSED, TaskStatus.STOPPING})
"""An attempt is alive, or about to be; it holds a slot and its locks."""

ON_TRAIN = frozenset({EntryStatus.QUEUED, EntryStatus.READY})
"""On the way to the target, without a person."""

TAKEN_OUT = frozenset(
    {
        EntryStatus.REJECTED,
        EntryStatus.FAULTED,
        EntryStatus.WITHDRAWN,
        EntryStatus.VALIDATION_STOPPED,
        EntryStatus.UNDONE,
    }
)
"""Out of the queue until a person requeues it or retries the task."""

TAKEN_OUT_BY_PERSON = frozenset({EntryStatus.WITHDRAWN, EntryStatus.VALIDATION_STOPPED, EntryStatus.UNDONE})
"""Of these, what a person took out: nothing is wrong with it."""

NEEDS_ATTENTION = TAKEN_OUT | {EntryStatus.CONFLICTED, EntryStatus.BLOCKED}
"""Waits for a person (a blocked entry also for the person's files to change)."""

DONE = frozenset({EntryStatus.LANDED, EntryStatus.NOTHING_TO_LAND})
"""Final: what comes after the task may start."""
