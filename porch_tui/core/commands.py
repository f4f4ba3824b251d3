"""What a person may ask of a run, in the imperative. A command may be refused; a refusal is an event."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from porch_tui.core.plan import TaskId


@dataclass(frozen=True, slots=True)
class Command:
    """A wish. `id` is unique in the run; the records it leads to name it as their cause."""

    id: str


@dataclass(frozen=True, slots=True)
class PauseRun(Command):
    """Start nothing until further notice, and freeze validations; attempts that run go on."""

    with_tasks: bool = False
    """Freeze the attempts that run, too."""


@dataclass(frozen=True, slots=True)
class ResumeRun(Command):
    """Start attempts again, and let validations go on."""

    with_tasks: bool = False
    """Let frozen attempts go on, too; not those that were paused automatically, which do so on their own."""


class Ending(StrEnum):
    """What becomes of the attempts that run when a run is stopped."""

    FINISH = "finish"
    """They run to their end."""
    STOP = "stop"
    """They are stopped, with the usual grace."""
    KILL = "kill"
    """They are stopped without grace."""


@dataclass(frozen=True, slots=True)
class StopRun(Command):
    """Start nothing more, and end the engine as soon as no attempt runs. The run can be resumed."""

    ending: Ending = Ending.STOP


@dataclass(frozen=True, slots=True)
class SetSlots(Command):
    """Change how many attempts run at once."""

    slots: int | None
    """None: as many as the machine has room for, from now on."""


@dataclass(frozen=True, slots=True)
class AllowRedBase(Command):
    """Land what makes nothing worse although the base fails its validation."""


@dataclass(frozen=True, slots=True)
class PauseTask(Command):
    """Freeze the task's whole process tree."""

    task: TaskId


@dataclass(frozen=True, slots=True)
class ResumeTask(Command):
    """Let a frozen task go on."""

    task: TaskId


@dataclass(frozen=True, slots=True)
class StopTask(Command):
    """End the task's attempt, or take it out before it begins."""

    task: TaskId
    is_at_once: bool = False
    """Without the grace in which its processes may end by themselves; also of one that is being stopped."""


@dataclass(frozen=True, slots=True)
class StopValidation(Command):
    """End every validation that covers the task, without a verdict; its entry steps out of line."""

    task: TaskId


@dataclass(frozen=True, slots=True)
class StopValidations(Command):
    """End all validations, without a verdict, and pause the run."""


@dataclass(frozen=True, slots=True)
class RetryTask(Command):
    """Run the task again, from the tip."""

    task: TaskId
    goes_on: bool = False
    """In the worktree as the last attempt left it, instead of from the tip."""


@dataclass(frozen=True, slots=True)
class RequeueEntry(Command):
    """Put a parked entry back into line."""

    task: TaskId


@dataclass(frozen=True, slots=True)
class WithdrawEntry(Command):
    """Take an entry out of the queue; its branch stays."""

    task: TaskId


@dataclass(frozen=True, slots=True)
class HoldEntry(Command):
    """Do not merge an entry for now."""

    task: TaskId


@dataclass(frozen=True, slots=True)
class ReleaseEntry(Command):
    """Merge what was held, when its turn comes."""

    task: TaskId


class Spot(StrEnum):
    """Where in the line an entry is to go."""

    FIRST = "first"
    LAST = "last"
    BEFORE = "before"


@dataclass(frozen=True, slots=True)
class MoveEntry(Command):
    """Merge an entry earlier or later than it would be."""

    task: TaskId
    to: Spot
    other: TaskId | None = None
    """The entry it goes before, for `Spot.BEFORE`."""


@dataclass(frozen=True, slots=True)
class ResolveConflict(Command):
    """Apply the resolution that `record` names."""

    task: TaskId
    record: str


@dataclass(frozen=True, slots=True)
class RefuseProposal(Command):
    """Take nothing of what the resolver proposes for the task's conflict; if it is at work, call it off."""

    task: TaskId


@dataclass(frozen=True, slots=True)
class ValidateEntry(Command):
    """Find out whether the task's head passes, by itself or merged upon those of others; land nothing."""

    task: TaskId
    upon: tuple[TaskId, ...] = ()


@dataclass(frozen=True, slots=True)
class UndoLanding(Command):
    """Take the task's landing back, which must be the last one."""

    task: TaskId


@dataclass(frozen=True, slots=True)
class RevertLanding(Command):
    """Take the task's landing back by a new commit, which goes through the queue like any work."""

    task: TaskId


@dataclass(frozen=True, slots=True)
class CloseRun(Command):
    """End the run for good."""


AnyCommand = (
    PauseRun
    | ResumeRun
    | StopRun
    | SetSlots
    | AllowRedBase
    | PauseTask
    | ResumeTask
    | StopTask
    | StopValidation
    | StopValidations
    | RetryTask
    | RequeueEntry
    | WithdrawEntry
    | HoldEntry
    | ReleaseEntry
    | MoveEntry
    | ResolveConflict
    | RefuseProposal
    | ValidateEntry
    | UndoLanding
    | RevertLanding
    | CloseRun
)
