"""The words for where a task and a queue entry stand, and which of them mean what.

Only what must be remembered is a status. "Waiting", "ready", "merging",
"validating" and "landing" are derived (`explain`, `train`), so they cannot
disagree with what they are derived from.
"""

from __future__ import annotations

from enum import StrEnum


class TaskStatus(StrEnum):
    """Where a task stands."""

    PENDING = "pending"
    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class EntryStatus(StrEnum):
    """Where a task's entry in the merge queue stands."""

    QUEUED = "queued"
    """Wants a candidate."""
    READY = "ready"
    """A candidate stands on the train, or stood there until something ahead of it changed."""
    HELD = "held"
    """Out of line until a person lets it go on."""
    CONFLICTED = "conflicted"
    """Parked: its head does not merge with what is ahead of it."""
    RESOLVING = "resolving"
    """A resolution has been given and is being applied."""
    BLOCKED = "blocked"
    """Parked: it would land, but for files or an operation of the person's in the target's checkout."""
    REJECTED = "rejected"
    """Taken out: it fails in combination, broke the machinery, or was withdrawn."""
    NOTHING_TO_LAND = "nothing-to-land"
    """Merged, it changes nothing."""
    LANDED = "landed"
    UNDOING = "undoing"
    """Landed, and about to be taken back."""


ACTIVE = frozenset({TaskStatus.STARTING, TaskStatus.RUNNING, TaskStatus.PAUSED, TaskStatus.STOPPING})
"""An attempt is alive, or about to be; it holds a slot and its locks."""

ON_TRAIN = frozenset({EntryStatus.QUEUED, EntryStatus.READY})
"""On the way to the target, with nobody's help."""

PARKED = frozenset({EntryStatus.CONFLICTED, EntryStatus.BLOCKED, EntryStatus.REJECTED})
"""Waits for a person (a blocked one also for the person's files to change)."""

DONE = frozenset({EntryStatus.LANDED, EntryStatus.NOTHING_TO_LAND})
"""Final: what comes after the task may start."""

WITHDRAWN = "withdrawn"
"""Why an entry that a person took out of the queue is out of it."""

NOT_JUDGED = "its validation was stopped"
"""Why an entry is out of the queue that would be validated, if a person did not want it just now."""

UNDONE = "undone"
"""Why an entry whose landing was taken back is out of the queue."""
