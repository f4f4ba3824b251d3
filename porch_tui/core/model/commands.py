"""What a person may ask of a run, in the imperative. A command may be refused; a refusal is an event."""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

from msgspec import Struct

from porch_tui.core.model.plan import TaskId


class Command(Struct, frozen=True):
    """A request. `id` is unique in the run; the records it leads to name it as their cause."""

    id: str


class PauseRun(Command, frozen=True):
    """Start nothing until further notice, and freeze validations; running attempts continue."""

    with_tasks: bool = False
    """Freeze running attempts, too."""


class ResumeRun(Command, frozen=True):
    """Start attempts again, and resume validations."""

    with_tasks: bool = False
    """Resume frozen attempts, too; those paused automatically resume on their own."""


class Ending(StrEnum):
    """What happens to running attempts when a run is stopped."""

    FINISH = "finish"
    """They run to their end."""
    STOP = "stop"
    """They are stopped, with the usual grace."""
    KILL = "kill"
    """They are stopped without grace."""


class StopRun(Command, frozen=True):
    """Start nothing more, and end the engine as soon as no attempt runs. The run can be resumed."""

    ending: Ending = Ending.STOP


class SetSlots(Command, frozen=True):
    """Change how many attempts run at once."""

    slots: int | None
    """None: as many as the machine has room for, from now on."""


class AllowRedBase(Command, frozen=True):
    """Land what makes nothing worse although the base fails its validation."""


class PauseTask(Command, frozen=True):
    """Freeze the task's whole process tree."""

    task: TaskId


class ResumeTask(Command, frozen=True):
    """Resume a frozen task."""

    task: TaskId


class StopTask(Command, frozen=True):
    """End the task's attempt, or take it out before it begins."""

    task: TaskId
    kill_now: bool = False
    """Send SIGKILL at once, without the grace period; also to a task that is being stopped."""


class StopValidation(Command, frozen=True):
    """End every validation that covers the task, without a verdict; its entry leaves the queue."""

    task: TaskId


class StopValidations(Command, frozen=True):
    """End all validations, without a verdict, and pause the run."""


class RetryTask(Command, frozen=True):
    """Run the task again, from the tip."""

    task: TaskId
    keep_worktree: bool = False
    """Start in the worktree as the last attempt left it."""


class RequeueEntry(Command, frozen=True):
    """Put an entry that needs attention back into the queue."""

    task: TaskId


class WithdrawEntry(Command, frozen=True):
    """Take an entry out of the queue; its branch stays."""

    task: TaskId


class HoldEntry(Command, frozen=True):
    """Do not merge an entry for now."""

    task: TaskId


class ReleaseEntry(Command, frozen=True):
    """Merge an entry that was held, when its turn comes."""

    task: TaskId


class Spot(StrEnum):
    """Where in the queue to move an entry."""

    FIRST = "first"
    LAST = "last"
    BEFORE = "before"


class MoveEntry(Command, frozen=True):
    """Merge an entry earlier or later."""

    task: TaskId
    to: Spot
    other: TaskId | None = None
    """The entry it goes before, for `Spot.BEFORE`."""


class ResolveConflict(Command, frozen=True):
    """Apply the resolution that `record` names."""

    task: TaskId
    record: str


class RefuseProposal(Command, frozen=True):
    """Ignore what the resolver proposes for the task's conflict; if it is running, stop it."""

    task: TaskId


class ValidateEntry(Command, frozen=True):
    """Find out whether the task's head passes, alone or on top of others; land nothing."""

    task: TaskId
    on_top_of: tuple[TaskId, ...] = ()


class UndoLanding(Command, frozen=True):
    """Move the target back to before the task's landing, which must be the last one."""

    task: TaskId


class RevertLanding(Command, frozen=True):
    """Take the task's landing back by a new commit, which goes through the queue like any work."""

    task: TaskId


class CloseRun(Command, frozen=True):
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


_ENDING_OPTIONS = {Ending.FINISH: " --finish", Ending.STOP: "", Ending.KILL: " --now"}


def command_line(command: AnyCommand) -> str:
    """Return what to type for the command: `porch retry parser`."""
    return f"porch {spelled(command)}"


def spelled(command: AnyCommand) -> str:
    """Return the command as a person would type it behind `porch`."""
    match command:
        case PauseRun():
            return "pause --all" if command.with_tasks else "pause"
        case ResumeRun():
            return "resume-tasks --all" if command.with_tasks else "resume-tasks"
        case StopRun():
            return f"stop --all{_ENDING_OPTIONS[command.ending]}"
        case SetSlots():
            return f"slots {'auto' if command.slots is None else command.slots}"
        case AllowRedBase():
            return "resume --allow-red-base"
        case CloseRun():
            return "close"
        case PauseTask():
            return f"pause {command.task}"
        case ResumeTask():
            return f"resume-tasks {command.task}"
        case StopTask():
            return f"stop {command.task}"
        case StopValidation():
            return f"stop {command.task} --validation"
        case StopValidations():
            return "stop --validation"
        case RetryTask():
            return f"retry {'--keep ' if command.keep_worktree else ''}{command.task}"
        case RequeueEntry():
            return f"requeue {command.task}"
        case WithdrawEntry():
            return f"withdraw {command.task}"
        case HoldEntry():
            return f"hold {command.task}"
        case ReleaseEntry():
            return f"release {command.task}"
        case MoveEntry():
            where = f" {command.other}" if command.to is Spot.BEFORE else ""
            return f"move {command.task} --{command.to}{where}"
        case ResolveConflict():
            return f"resolve {command.task}"
        case RefuseProposal():
            return f"resolve {command.task} --refuse"
        case ValidateEntry():
            return " --on-top-of ".join((f"validate {command.task}", *command.on_top_of))
        case UndoLanding():
            return f"undo {command.task}"
        case RevertLanding():
            return f"undo {command.task} --revert"
        case _:
            assert_never(command)
