"""What a person may ask of a run, in the imperative. A command may be refused; a refusal is an event."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from porch_tui.core.model.budget import Budget, written
from porch_tui.core.model.plan import Agent, CommandLine, HypothesisName, Sha, TaskId, TaskSpec
from porch_tui.core.model.wording import listed


class Command(Struct, frozen=True):
    """A request. `id` is unique in the run; the records it leads to name it as their cause."""

    id: str


class TaskCommand(Command, frozen=True):
    """A request about one task."""

    task: TaskId


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


class PauseTask(TaskCommand, frozen=True):
    """Freeze the task's whole process tree."""


class ResumeTask(TaskCommand, frozen=True):
    """Resume a frozen task."""


class StopTask(TaskCommand, frozen=True):
    """End the task's attempt, or take it out before it begins."""

    kill_now: bool = False
    """Send SIGKILL at once, without the grace period; also to a task that is being stopped."""


class FinishTask(TaskCommand, frozen=True):
    """End the command in the task's terminal as one that has ended well, or its open standard input."""


class RunElsewhere(TaskCommand, frozen=True):
    """Give up the task's attempt on a place that is out of reach, before its lease is over, and run it again.

    It may still be running there; nothing of it is merged.
    """


class StopValidation(TaskCommand, frozen=True):
    """End every validation that covers the task, without a verdict; its entry leaves the queue."""


class StopValidations(Command, frozen=True):
    """End all validations, without a verdict, and pause the run."""


class RetryTask(TaskCommand, frozen=True):
    """Run the task again, from the tip."""

    keep_worktree: bool = False
    """Start in the worktree as the last attempt left it."""
    say: str = ""
    """What its agent should know."""
    command: CommandLine = ()
    """What it runs from now on; empty: what it ran before."""
    prompt: str = ""
    """What its agent is asked from now on, if that is why the command is another one."""


class ApproveTask(TaskCommand, frozen=True):
    """Let the task's work join the merge queue, after a person has reviewed it."""

    result: Sha
    """What its last attempt had left when the person looked."""
    head: Sha
    """The commit the person looked at: the same, or a later one of the task's branch."""
    by: str
    """The person's name."""


class RaiseBudget(Command, frozen=True):
    """Let a task, or the whole run, use more."""

    task: TaskId | None
    """None: the run."""
    by: Budget


class RequeueEntry(TaskCommand, frozen=True):
    """Put an entry that needs attention back into the queue."""


class WithdrawEntry(TaskCommand, frozen=True):
    """Take an entry out of the queue; its branch stays."""


class HoldEntry(TaskCommand, frozen=True):
    """Do not merge an entry for now."""


class ReleaseEntry(TaskCommand, frozen=True):
    """Merge an entry that was held, when its turn comes."""


class Spot(StrEnum):
    """Where in the queue to move an entry."""

    FIRST = "first"
    LAST = "last"
    BEFORE = "before"


class MoveEntry(TaskCommand, frozen=True):
    """Merge an entry earlier or later."""

    to: Spot
    other: TaskId | None = None
    """The entry it goes before, for `Spot.BEFORE`."""


class ResolveConflict(TaskCommand, frozen=True):
    """Apply the resolution that `record` names."""

    record: str


class RefuseProposal(TaskCommand, frozen=True):
    """Ignore what the resolver proposes for the task's conflict; if it is running, stop it."""


class ValidateEntry(TaskCommand, frozen=True):
    """Find out whether the task's head passes, alone or on top of others; land nothing."""

    on_top_of: tuple[TaskId, ...] = ()


class UndoLanding(TaskCommand, frozen=True):
    """Move the target back to before the task's landing, which must be the last one."""


class RevertLanding(TaskCommand, frozen=True):
    """Take the task's landing back by a new commit, which goes through the queue like any work."""


class AddTasks(Command, frozen=True):
    """Add tasks to the run, all or none, at the end of its plan."""

    specs: tuple[TaskSpec, ...]
    agents: tuple[Agent, ...] = ()
    """Those that they use and the run's plan does not have."""


class ReloadPlan(Command, frozen=True):
    """Take over what has changed in the plan file, all or nothing."""

    changed: tuple[TaskSpec, ...] = ()
    """Tasks that have not begun, as they are there now."""
    added: tuple[TaskSpec, ...] = ()
    agents: tuple[Agent, ...] = ()
    """Those that these use and the run does not have so."""


class ChooseTheory(Command, frozen=True):
    """Decide a hypothesis: this theory wins, or none does."""

    hypothesis: HypothesisName
    theory: TaskId | None
    by: str
    """The person's name."""


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
    | FinishTask
    | RunElsewhere
    | StopValidation
    | StopValidations
    | RetryTask
    | ApproveTask
    | RaiseBudget
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
    | AddTasks
    | ReloadPlan
    | ChooseTheory
    | CloseRun
)


_ENDING_OPTIONS = {Ending.FINISH: " --finish", Ending.STOP: "", Ending.KILL: " --now"}
_SPELLED: Mapping[type[Command], str] = {
    AllowRedBase: "resume --allow-red-base",
    CloseRun: "close",
    ReloadPlan: "reload",
    StopValidations: "stop --validation",
    PauseTask: "pause {task}",
    ResumeTask: "resume-tasks {task}",
    StopTask: "stop {task}",
    FinishTask: "finish {task}",
    RunElsewhere: "elsewhere {task}",
    StopValidation: "stop {task} --validation",
    ApproveTask: "approve {task}",
    RequeueEntry: "requeue {task}",
    WithdrawEntry: "withdraw {task}",
    HoldEntry: "hold {task}",
    ReleaseEntry: "release {task}",
    ResolveConflict: "resolve {task}",
    RefuseProposal: "resolve {task} --refuse",
    UndoLanding: "undo {task}",
    RevertLanding: "undo {task} --revert",
}
"""Commands without options."""


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
        case RetryTask():
            edit = "--edit " if command.command else ""
            return f"retry {'--keep ' if command.keep_worktree else ''}{edit}{command.task}"
        case RaiseBudget():
            return " ".join(
                filter(None, ("budget", command.task, *(f"+{one}" for one in written(command.by))))
            )
        case MoveEntry():
            where = f" {command.other}" if command.to is Spot.BEFORE else ""
            return f"move {command.task} --{command.to}{where}"
        case AddTasks():
            return f"add {listed([spec.id for spec in command.specs])}"
        case ChooseTheory():
            return f"choose {command.theory or f'{command.hypothesis} --none'}"
        case ValidateEntry():
            return " --on-top-of ".join((f"validate {command.task}", *command.on_top_of))
        case _:
            return _SPELLED[type(command)].format(task=getattr(command, "task", ""))
