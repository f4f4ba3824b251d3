"""The vocabulary of the journal: every fact that can change a run, in the past tense.

A fact is small, complete and readable by itself: whoever reads one line of a
journal should need no other file to understand it. Output, CPU and memory over
time are telemetry and never events; only what an attempt used in all is a fact.
Starred (*) events are emitted by `settle`, the others by a person or the world.
"""

from __future__ import annotations

from msgspec import Struct

from porch_tui.core.model.events.line import (
    EntryHeld,
    EntryMoved,
    EntryReleased,
    EntryRequeued,
    EntryValidationStopped,
    EntryWithdrawn,
)
from porch_tui.core.model.events.parts import (
    AttemptId,
    Event,
    Failure,
    FailureKind,
    SoftOrder,
    Used,
)
from porch_tui.core.model.events.queue import (
    CandidateBuilt,
    CandidateConflicted,
    ConflictResolved,
    ConflictsPredicted,
    EntryFaulted,
    EntryQueued,
    EntryRejected,
    GuiltFound,
    HeadMoved,
    Landed,
    LandingBlocked,
    LandingUnblocked,
    LandingUndone,
    NothingToLand,
    ProbeBuilt,
    ProposalRefused,
    ResolutionFailed,
    ResolutionGiven,
    ResolutionProposed,
    ResolutionRefused,
    UndoAsked,
    UndoRefused,
    ValidationDropped,
    ValidationFailed,
    ValidationPassed,
    ValidationScheduled,
    ValidationStopped,
)
from porch_tui.core.model.events.run import (
    CommandRefused,
    DiskMeasured,
    EngineDismissed,
    EngineTookOver,
    MemoryMeasured,
    Noticed,
    RedBaseAllowed,
    RunClosed,
    RunOpened,
    RunPaused,
    RunResumed,
    SlotsChanged,
    TargetMoved,
    ValidateJobsChanged,
)
from porch_tui.core.model.events.task import (
    AttemptEscaped,
    AttemptFailed,
    AttemptNoticed,
    AttemptPaused,
    AttemptResumed,
    AttemptScheduled,
    AttemptStarted,
    AttemptStopped,
    AttemptSucceeded,
    CollectionAsked,
    EscapeAccepted,
    StopRequested,
    TaskAdded,
    TaskCancelled,
    TaskRetried,
)
from porch_tui.core.model.events.trial import TrialAsked, TrialBuilt, TrialImpossible

RunEvent = (
    RunOpened
    | EngineTookOver
    | EngineDismissed
    | RunPaused
    | RunResumed
    | SlotsChanged
    | MemoryMeasured
    | DiskMeasured
    | RedBaseAllowed
    | CommandRefused
    | RunClosed
    | TargetMoved
    | ValidateJobsChanged
    | Noticed
)
TaskEvent = TaskAdded | TaskCancelled | TaskRetried
AttemptEvent = (
    AttemptScheduled
    | AttemptStarted
    | AttemptPaused
    | AttemptResumed
    | AttemptNoticed
    | AttemptEscaped
    | EscapeAccepted
    | AttemptSucceeded
    | AttemptFailed
    | StopRequested
    | AttemptStopped
    | CollectionAsked
)
EntryEvent = (
    EntryQueued
    | CandidateBuilt
    | CandidateConflicted
    | NothingToLand
    | ResolutionProposed
    | ProposalRefused
    | ResolutionGiven
    | ConflictResolved
    | ResolutionRefused
    | ResolutionFailed
    | EntryRejected
    | Landed
    | LandingBlocked
    | LandingUnblocked
    | EntryFaulted
    | EntryRequeued
    | EntryWithdrawn
    | EntryValidationStopped
    | EntryHeld
    | EntryReleased
    | EntryMoved
    | HeadMoved
    | UndoAsked
    | LandingUndone
    | UndoRefused
    | ProbeBuilt
    | GuiltFound
)
TrialEvent = TrialAsked | TrialBuilt | TrialImpossible
ValidationEvent = (
    ValidationScheduled | ValidationPassed | ValidationFailed | ValidationDropped | ValidationStopped
)
AnyEvent = (
    RunEvent | TaskEvent | AttemptEvent | EntryEvent | TrialEvent | ValidationEvent | ConflictsPredicted
)


class Record(Struct, frozen=True):
    """One line of the journal: a fact, when it was written, and what caused it."""

    seq: int
    """From 1, without gaps."""
    at: float
    """Seconds since the epoch, UTC."""
    cause: str
    """Id of the command, name of the offered event, or `settle`."""
    event: AnyEvent


__all__ = [
    "AnyEvent",
    "AttemptEscaped",
    "AttemptEvent",
    "AttemptFailed",
    "AttemptId",
    "AttemptNoticed",
    "AttemptPaused",
    "AttemptResumed",
    "AttemptScheduled",
    "AttemptStarted",
    "AttemptStopped",
    "AttemptSucceeded",
    "CandidateBuilt",
    "CandidateConflicted",
    "CollectionAsked",
    "CommandRefused",
    "ConflictResolved",
    "ConflictsPredicted",
    "DiskMeasured",
    "EngineDismissed",
    "EngineTookOver",
    "EntryEvent",
    "EntryFaulted",
    "EntryHeld",
    "EntryMoved",
    "EntryQueued",
    "EntryRejected",
    "EntryReleased",
    "EntryRequeued",
    "EntryValidationStopped",
    "EntryWithdrawn",
    "EscapeAccepted",
    "Event",
    "Failure",
    "FailureKind",
    "GuiltFound",
    "HeadMoved",
    "Landed",
    "LandingBlocked",
    "LandingUnblocked",
    "LandingUndone",
    "MemoryMeasured",
    "NothingToLand",
    "ProbeBuilt",
    "ProposalRefused",
    "Noticed",
    "Record",
    "RedBaseAllowed",
    "ResolutionFailed",
    "ResolutionGiven",
    "ResolutionProposed",
    "ResolutionRefused",
    "RunClosed",
    "RunEvent",
    "RunOpened",
    "RunPaused",
    "RunResumed",
    "SlotsChanged",
    "SoftOrder",
    "StopRequested",
    "TargetMoved",
    "TaskAdded",
    "TaskCancelled",
    "TaskEvent",
    "TaskRetried",
    "TrialAsked",
    "TrialBuilt",
    "TrialEvent",
    "TrialImpossible",
    "UndoAsked",
    "UndoRefused",
    "Used",
    "ValidateJobsChanged",
    "ValidationDropped",
    "ValidationEvent",
    "ValidationFailed",
    "ValidationPassed",
    "ValidationScheduled",
    "ValidationStopped",
]
