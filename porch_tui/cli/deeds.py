"""What a command has done, as the rest of a sentence that begins with the command."""

from __future__ import annotations

from typing import assert_never

from porch_tui.core.analysis.reach import is_not_paused, may_continue
from porch_tui.core.model import commands as c
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import EntryStatus


def deed(command: c.AnyCommand, state: RunState) -> str:
    """Return what was done; `state` is the run's state after it, or later."""
    match command:
        case c.PauseRun():
            tasks = "as do the tasks that run" if command.with_tasks else "tasks that run go on"
            return f"nothing more starts, validations stand still; {tasks}"
        case c.ResumeRun():
            tasks = "; so do the tasks that were paused" if command.with_tasks else ""
            return f"tasks start again, and validations go on{tasks}"
        case c.StopRun():
            return _stopped(command, state)
        case c.SetSlots():
            if command.slots is None:
                return "as many at once as the machine has room for"
            return f"{command.slots} at once from now on"
        case c.AllowRedBase():
            return "what makes nothing worse may land"
        case c.PauseTask():
            return _and("frozen; clocks inside it go on", is_not_paused(state.specs[command.task].command))
        case c.ResumeTask():
            return "goes on"
        case c.StopTask():
            return _and("ends, or will not begin", may_continue(state.specs[command.task].command))
        case c.StopValidation():
            return _unjudged(command.task, state)
        case c.StopValidations():
            return "they end without a verdict, and the run is paused; porch resume-tasks begins them anew"
        case c.RetryTask():
            return "goes on in its worktree" if command.keep_worktree else "runs again, from the tip"
        case c.RequeueEntry():
            return _requeued(command.task, state)
        case c.WithdrawEntry():
            return "out of the merge queue; its branch stays"
        case c.HoldEntry():
            return f"not merged until porch release {command.task}"
        case c.ReleaseEntry():
            return "in line again"
        case c.MoveEntry():
            return _moved(command)
        case c.ResolveConflict():
            return "the resolution is being applied"
        case c.RefuseProposal():
            return "nothing of what is proposed is taken"
        case c.ValidateEntry():
            return "is being validated; nothing lands by it"
        case c.UndoLanding():
            return f"taken back, its branch stays; porch requeue {command.task} lands it again"
        case c.RevertLanding():
            return "a new task takes it back, and goes through the queue like any work"
        case c.CloseRun():
            return "the run has ended for good"
        case _:
            assert_never(command)


def _stopped(command: c.StopRun, state: RunState) -> str:
    if not state.active:
        return "nothing runs any more; porch resume goes on"
    how = "finished" if command.ending is c.Ending.FINISH else "ended"
    return f"nothing more starts, and the engine ends once all that runs has {how}; porch resume goes on"


def _requeued(task: TaskId, state: RunState) -> str:
    if task in state.entries:
        return "back in the merge queue"
    return "what it left is taken over now, without running it again"


def _and(*told: str) -> str:
    return "; ".join(filter(None, told))


def _moved(command: c.MoveEntry) -> str:
    match command.to:
        case c.Spot.FIRST:
            return "jumps the queue: is merged first"
        case c.Spot.LAST:
            return "is merged after all that are in line now"
        case c.Spot.BEFORE:
            return f"is merged before {command.other}"
        case _:
            assert_never(command.to)


def _unjudged(task: TaskId, state: RunState) -> str:
    entry = state.entries.get(task)
    is_parked = entry is not None and entry.status is EntryStatus.VALIDATION_STOPPED
    verb = "requeue" if is_parked else "validate"
    parked = f"{task} is out of the merge queue; " if is_parked else ""
    return f"ends without a verdict, nobody is blamed; {parked}porch {verb} {task} validates it again"
