"""The two machines, as tables: the specification of what may follow what.

A missing cell is illegal: `evolve` raises `IllegalTransition`, `admit` drops
the late report. Nothing else in porch assigns a status. An entry that does not
exist is the status None; a task that is retried loses its entry the same way.
"""

from __future__ import annotations

from collections.abc import Mapping

from porch_tui.core.model import events as e
from porch_tui.core.model.status import NEEDS_ATTENTION, TAKEN_OUT
from porch_tui.core.model.status import EntryStatus as E
from porch_tui.core.model.status import TaskStatus as T


class IllegalTransition(Exception):
    """An event that the table does not allow was about to be folded."""


_UNDER_WAY = (T.STARTING, T.RUNNING, T.PAUSED)
_IN_QUEUE = (E.QUEUED, E.READY, E.CONFLICTED, E.BLOCKED, E.HELD)

TASK: Mapping[type[e.Event], Mapping[T, T]] = {
    e.AttemptScheduled: {T.PENDING: T.STARTING},
    # From RUNNING too: it may have been paused, and resumed, while it waited in its lane.
    e.AttemptReturned: {**dict.fromkeys(_UNDER_WAY, T.PENDING), T.STOPPING: T.CANCELLED},
    # It may have been paused, or paused and resumed, before it started.
    e.AttemptStarted: {T.STARTING: T.RUNNING, T.PAUSED: T.PAUSED, T.RUNNING: T.RUNNING},
    # Twice: a person may want to keep paused what was paused automatically.
    e.AttemptPaused: {T.STARTING: T.PAUSED, T.RUNNING: T.PAUSED, T.PAUSED: T.PAUSED},
    e.AttemptResumed: {T.PAUSED: T.RUNNING},
    # Not only of what runs: what is stopped may wait for a process that cannot be killed.
    e.AttemptNoticed: {T.RUNNING: T.RUNNING, T.PAUSED: T.PAUSED, T.STOPPING: T.STOPPING},
    # Typed into while it is paused, it has its answer as well.
    e.AttemptWaits: {T.RUNNING: T.RUNNING, T.PAUSED: T.PAUSED},
    e.AttemptAnswered: {T.RUNNING: T.RUNNING, T.PAUSED: T.PAUSED},
    e.FinishRequested: {T.RUNNING: T.RUNNING},
    e.FinishIgnored: {T.RUNNING: T.RUNNING, T.PAUSED: T.PAUSED},
    # Files are looked at now and then, so it may be over when it is seen.
    e.AttemptEscaped: {status: status for status in T if status is not T.PENDING},
    e.EscapeAccepted: {T.SUCCEEDED: T.SUCCEEDED},
    # From STARTING too: it may be over before it was seen running.
    e.AttemptSucceeded: {**dict.fromkeys(_UNDER_WAY, T.SUCCEEDED), T.STOPPING: T.CANCELLED},
    e.AttemptFailed: {**dict.fromkeys(_UNDER_WAY, T.FAILED), T.STOPPING: T.CANCELLED},
    e.AttemptLimited: {**dict.fromkeys(_UNDER_WAY, T.PENDING), T.STOPPING: T.CANCELLED},
    e.AttemptLost: {**dict.fromkeys(_UNDER_WAY, T.PENDING), T.STOPPING: T.CANCELLED},
    e.StopRequested: {**dict.fromkeys(_UNDER_WAY, T.STOPPING), T.STOPPING: T.STOPPING},
    # Its processes have ended well: there is only what they left to be taken over.
    e.CollectionRequested: {T.FAILED: T.STARTING},
    e.AttemptStopped: {T.STOPPING: T.CANCELLED},
    e.TaskCancelled: {T.PENDING: T.CANCELLED},
    e.TaskApproved: {T.SUCCEEDED: T.SUCCEEDED},
    # A succeeded task is retried only while it, or its entry, waits for a person: `decide` sees to it.
    e.TaskRetried: {T.SUCCEEDED: T.PENDING, T.FAILED: T.PENDING, T.CANCELLED: T.PENDING},
}

ENTRY: Mapping[type[e.Event], Mapping[E | None, E | None]] = {
    e.EntryQueued: {None: E.QUEUED},
    e.CandidateBuilt: {E.QUEUED: E.READY, E.READY: E.READY},
    e.CandidateConflicted: {E.QUEUED: E.CONFLICTED, E.READY: E.CONFLICTED},
    e.NothingToLand: {E.READY: E.NOTHING_TO_LAND},
    e.ResolutionProposed: {E.CONFLICTED: E.CONFLICTED},
    e.ProposalRefused: {E.CONFLICTED: E.CONFLICTED},
    e.ResolutionGiven: {E.CONFLICTED: E.RESOLVING},
    e.ConflictResolved: {E.RESOLVING: E.QUEUED},
    e.ResolutionRefused: {E.RESOLVING: E.CONFLICTED},
    e.ResolutionFailed: {E.READY: E.CONFLICTED},
    e.EntryRejected: {E.READY: E.REJECTED},
    # A landing is a fact about the target: true whatever became of the entry meanwhile.
    e.Landed: dict.fromkeys((*_IN_QUEUE, E.RESOLVING, *TAKEN_OUT), E.LANDED),
    e.LandingBlocked: {E.READY: E.BLOCKED, E.QUEUED: E.BLOCKED},
    e.LandingUnblocked: {E.BLOCKED: E.QUEUED},
    e.EntryFaulted: {E.QUEUED: E.FAULTED, E.READY: E.FAULTED, E.RESOLVING: E.FAULTED},
    e.EntryRequeued: {
        **dict.fromkeys(NEEDS_ATTENTION, E.QUEUED),
        # Automatically only: what made it needless has been undone.
        E.NOTHING_TO_LAND: E.QUEUED,
    },
    e.EntryWithdrawn: dict.fromkeys(_IN_QUEUE, E.WITHDRAWN),
    e.EntryValidationStopped: {E.QUEUED: E.VALIDATION_STOPPED, E.READY: E.VALIDATION_STOPPED},
    e.EntryHeld: {E.QUEUED: E.HELD, E.READY: E.HELD},
    e.EntryReleased: {E.HELD: E.QUEUED},
    e.EntryMoved: {E.QUEUED: E.QUEUED, E.READY: E.READY},
    e.HeadMoved: {E.QUEUED: E.QUEUED},
    e.UndoRequested: {E.LANDED: E.UNDOING},
    # From LANDED too: it is a fact about the target.
    e.LandingUndone: {E.UNDOING: E.UNDONE, E.LANDED: E.UNDONE},
    e.UndoRefused: {E.UNDOING: E.LANDED},
    # READY only for the head alone: idle workers validate it before its turn.
    e.ProbeBuilt: {E.READY: E.READY, E.REJECTED: E.REJECTED},
    e.CulpritFound: {E.REJECTED: E.REJECTED},
    e.TaskRetried: {**dict.fromkeys(NEEDS_ATTENTION, None), E.HELD: None, None: None},
}


def next_task_status(event: e.Event, status: T) -> T:
    """Return the status a task takes by `event`; IllegalTransition if the table has none."""
    try:
        return TASK[type(event)][status]
    except KeyError:
        raise IllegalTransition(f"{type(event).__name__} while the task is {status}") from None


def next_entry_status(event: e.Event, status: E | None) -> E | None:
    """Return the status an entry takes by `event`, None for no entry; IllegalTransition if there is none."""
    try:
        return ENTRY[type(event)][status]
    except KeyError:
        raise IllegalTransition(f"{type(event).__name__} while the entry is {status}") from None


def is_legal_for_task(event: type[e.Event], status: T) -> bool:
    """Say whether the table has a cell for it."""
    return status in TASK.get(event, {})


def is_legal_for_entry(event: type[e.Event], status: E | None) -> bool:
    """Say whether the table has a cell for it."""
    return status in ENTRY.get(event, {})
