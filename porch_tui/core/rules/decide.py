"""What a command means now: the events it leads to, of which a refusal is one."""

from __future__ import annotations

from collections.abc import Collection
from typing import assert_never

from porch_tui.core.merge_queue import ad_hoc_validation
from porch_tui.core.merge_queue.reverting import (
    command_to_revert,
    is_needless,
    reverted,
    spec_for,
    why_not_reverted,
)
from porch_tui.core.merge_queue.train import being_undone, landable
from porch_tui.core.merge_queue.undo import LANDING_NOW, is_begun_upon_undone, why_not_undone
from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import NEEDS_ATTENTION, ON_TRAIN, EntryStatus, TaskStatus
from porch_tui.core.rules import line
from porch_tui.core.rules.stopping import stop_validation, stop_validations

ENDED = frozenset({TaskStatus.FAILED, TaskStatus.CANCELLED, TaskStatus.SUCCEEDED})


def decide(state: RunState, command: c.AnyCommand, landing: Collection[TaskId] = ()) -> list[e.AnyEvent]:
    """Return the events a command leads to; one CommandRefused if it leads to nothing.

    `landing`: the tasks of the landing that is under way, as the engine knows. What is to land next can be
    seen in the state; what is landing already cannot, once something else may land before it.
    """
    if state.closed_at is not None:
        return [_refused(command, "the run is closed")]
    under_way = [task for task in landing if task in state.entries and state.entries[task].status in ON_TRAIN]
    if under_way and (why := _why_not_while_landing(command, under_way)):
        return [_refused(command, why)]
    match command:
        case c.PauseRun() | c.ResumeRun():
            return _pause_or_resume(state, command)
        case c.StopRun():
            return _stop(state, command)
        case c.SetSlots():
            return _set_slots(state, command)
        case c.AllowRedBase():
            return [e.RedBaseAllowed()]
        case c.StopValidations():
            return _or_refused(command, stop_validations(state))
        case c.CloseRun():
            return _close(state, command)
        case _:
            if command.task not in state.tasks:
                return [_refused(command, f"the run has no task {command.task!r}")]
            return _decide_for_task(state, command)


def _why_not_while_landing(command: c.AnyCommand, landing: Collection[TaskId]) -> str | None:
    """Return why a command has to wait for the answer of the landing under way; None if it need not."""
    match command:
        case c.CloseRun() | c.UndoLanding():
            return LANDING_NOW
        case c.WithdrawEntry() | c.HoldEntry() | c.MoveEntry() | c.StopValidation():
            return f"{command.task} is landing this very moment" if command.task in landing else None
        case _:
            return None


def _pause_or_resume(state: RunState, command: c.PauseRun | c.ResumeRun) -> list[e.AnyEvent]:
    tasks = _attempts_to_change(state, command) if command.with_tasks else []
    match command:
        case c.PauseRun():
            run: list[e.AnyEvent] = [] if state.is_paused else [e.RunPaused()]
            return [*run, *tasks] or [_refused(command, "it is paused already")]
        case c.ResumeRun():
            run = [e.RunResumed()] if state.is_paused else []
            return [*tasks, *run] or [_refused(command, "it is not paused")]
        case _:
            assert_never(command)


def _attempts_to_change(state: RunState, command: c.PauseRun | c.ResumeRun) -> list[e.AnyEvent]:
    """Return what pauses, or resumes, every attempt for which that means anything.

    What was paused for want of memory goes on when there is some: to resume all of it at once would
    take the memory again.
    """
    of_task: c.PauseTask | c.ResumeTask
    due: list[e.AnyEvent] = []
    for task in state.active:
        attempt = state.tasks[task].attempt
        if isinstance(command, c.PauseRun):
            of_task = c.PauseTask(command.id, task)
        elif attempt is not None and attempt.auto_pause_reason:
            continue
        else:
            of_task = c.ResumeTask(command.id, task)
        due += [event for event in _steer_attempt(state, of_task) if not isinstance(event, e.CommandRefused)]
    return due


def _stop(state: RunState, command: c.StopRun) -> list[e.AnyEvent]:
    due: list[e.AnyEvent] = [] if state.is_paused else [e.RunPaused()]
    if not state.is_dismissed:
        due.append(e.EngineDismissed())
    if command.ending is not c.Ending.FINISH:
        kill_now = command.ending is c.Ending.KILL
        for task in state.active:
            events = _steer_attempt(state, c.StopTask(command.id, task, kill_now))
            due += [event for event in events if not isinstance(event, e.CommandRefused)]
    return due or [_refused(command, "it is being stopped already")]


def _set_slots(state: RunState, command: c.SetSlots) -> list[e.AnyEvent]:
    if command.slots is None and state.slots.is_auto:
        return [_refused(command, f"it adapts to the machine already; {state.slots.count} now")]
    if command.slots is None:
        return [e.SlotsChanged(state.slots.count, is_auto=True, reason="adapts to the machine")]
    if command.slots < 1:
        return [_refused(command, f"{command.slots} slots would run nothing; pause the run instead")]
    return [e.SlotsChanged(command.slots)]


TaskCommand = (
    c.PauseTask
    | c.ResumeTask
    | c.StopTask
    | c.StopValidation
    | c.RetryTask
    | c.RequeueEntry
    | c.WithdrawEntry
    | c.HoldEntry
    | c.ReleaseEntry
    | c.MoveEntry
    | c.ResolveConflict
    | c.RefuseProposal
    | c.ValidateEntry
    | c.UndoLanding
    | c.RevertLanding
)


def _decide_for_task(state: RunState, command: TaskCommand) -> list[e.AnyEvent]:
    match command:
        case c.PauseTask() | c.ResumeTask() | c.StopTask():
            return _steer_attempt(state, command)
        case c.StopValidation():
            return _or_refused(command, stop_validation(state, command.task))
        case c.RetryTask():
            return _retry(state, command)
        case c.RequeueEntry() | c.WithdrawEntry() | c.ResolveConflict() | c.RefuseProposal():
            return _steer_entry(state, command)
        case c.HoldEntry() | c.ReleaseEntry() | c.MoveEntry():
            return _steer_line(state, command)
        case c.ValidateEntry():
            return _try(state, command)
        case c.UndoLanding():
            why = why_not_undone(state, command.task)
            return [e.UndoRequested(command.task)] if why is None else [_refused(command, why)]
        case c.RevertLanding():
            why = why_not_reverted(state, command.task)
            return [e.TaskAdded(spec_for(state, command.task))] if why is None else [_refused(command, why)]
        case _:
            assert_never(command)


def _steer_attempt(state: RunState, command: c.PauseTask | c.ResumeTask | c.StopTask) -> list[e.AnyEvent]:
    task = state.tasks[command.task]
    attempt = task.attempt
    match command, task.status:
        case c.PauseTask(), TaskStatus.STARTING | TaskStatus.RUNNING if attempt:
            return [e.AttemptPaused(attempt.id)]
        case c.PauseTask(), TaskStatus.PAUSED if attempt and attempt.auto_pause_reason:
            return [e.AttemptPaused(attempt.id)]
        case c.ResumeTask(), TaskStatus.PAUSED if attempt:
            return [e.AttemptResumed(attempt.id)]
        case c.StopTask(), TaskStatus.PENDING:
            return [e.TaskCancelled(command.task)]
        case c.StopTask(), (TaskStatus.STARTING | TaskStatus.RUNNING | TaskStatus.PAUSED) if attempt:
            return [e.StopRequested(attempt.id, command.kill_now)]
        case c.StopTask(kill_now=True), TaskStatus.STOPPING if attempt and not attempt.kill_now:
            return [e.StopRequested(attempt.id, kill_now=True)]
        case _:
            return [_refused(command, f"{command.task} is {task.status}")]


def _retry(state: RunState, command: c.RetryTask) -> list[e.AnyEvent]:
    task = state.tasks[command.task]
    entry = state.entries.get(command.task)
    if task.status not in ENDED:
        return [_refused(command, f"{command.task} is {task.status}")]
    if is_needless(state, command.task):
        why = f"what {command.task} would take back is not on {state.target.name} any more"
        return [_refused(command, why)]
    if command.task in reverted(state):
        return [_refused(command, _why_it_stays_reverted(state, command.task))]
    if entry is not None and entry.status not in NEEDS_ATTENTION | {EntryStatus.HELD}:
        return [_refused(command, f"{command.task} is in the merge queue: {entry.status}")]
    if entry is None and task.status is TaskStatus.SUCCEEDED and task.head is not None:
        return [_refused(command, f"{command.task} has succeeded")]
    if command.keep_worktree and is_begun_upon_undone(state, command.task):
        why = f"{command.task} was begun upon a landing that has been undone; retry it without --keep"
        return [_refused(command, why)]
    return [
        e.TaskRetried(
            command.task, is_automatic=False, keep_worktree=command.keep_worktree and bool(task.attempts)
        )
    ]


def _steer_entry(
    state: RunState, command: c.RequeueEntry | c.WithdrawEntry | c.ResolveConflict | c.RefuseProposal
) -> list[e.AnyEvent]:
    entry = state.entries.get(command.task)
    if entry is None and isinstance(command, c.RequeueEntry) and state.tasks[command.task].is_uncollected:
        attempt = state.tasks[command.task].attempt
        assert attempt is not None
        return [e.CollectionRequested(attempt.id)]
    if entry is None:
        status = state.tasks[command.task].status
        more = f": it has {status}; retry runs it again" if status is TaskStatus.FAILED else ""
        return [_refused(command, f"{command.task} is not in the merge queue{more}")]
    match command:
        case c.RequeueEntry() if command.task in reverted(state):
            return [_refused(command, _why_it_stays_reverted(state, command.task))]
        case c.RequeueEntry() if entry.status in NEEDS_ATTENTION:
            return _requeue(state, command)
        case c.WithdrawEntry() if entry.task in {link.task for link in landable(state)}:
            return [_refused(command, f"{command.task} is landing this very moment")]
        case c.WithdrawEntry() if entry.status in WITHDRAWABLE:
            return [e.EntryWithdrawn(command.task)]
        case c.ResolveConflict() if entry.status is EntryStatus.CONFLICTED:
            return [e.ResolutionGiven(command.task, command.record)]
        case c.RefuseProposal() if entry.status is EntryStatus.CONFLICTED:
            if state.plan.resolver is None:
                return [_refused(command, "the plan has no resolver, so nothing is proposed")]
            return [e.ProposalRefused(command.task)]
        case _:
            return [_refused(command, f"{command.task} is {entry.status} in the merge queue")]


def _requeue(state: RunState, command: c.RequeueEntry) -> list[e.AnyEvent]:
    if is_needless(state, command.task):
        why = f"what {command.task} would take back is not on {state.target.name} any more"
        return [_refused(command, why)]
    if is_begun_upon_undone(state, command.task):
        why = f"{command.task} was begun upon a landing that has been undone; retry it instead"
        return [_refused(command, why)]
    return [e.EntryRequeued(command.task, takes_branch=True)]


def _steer_line(state: RunState, command: c.HoldEntry | c.ReleaseEntry | c.MoveEntry) -> list[e.AnyEvent]:
    entry = state.entries.get(command.task)
    if isinstance(command, c.ReleaseEntry) and (accepted := _accepted(state, command.task)):
        is_held = entry is not None and entry.status is EntryStatus.HELD
        return [*accepted, *([e.EntryReleased(command.task)] if is_held else [])]
    if entry is None:
        why = f"{command.task} is {state.tasks[command.task].status}: it is not in the merge queue"
        return [_refused(command, why)]
    refused = line.why_not(state, command, entry)
    if refused is not None:
        return [_refused(command, refused)]
    match command:
        case c.HoldEntry():
            return [e.EntryHeld(command.task)]
        case c.ReleaseEntry():
            return [e.EntryReleased(command.task)]
        case c.MoveEntry():
            return [e.EntryMoved(command.task, line.line_after(state, command))]
        case _:
            assert_never(command)


def _accepted(state: RunState, task_id: TaskId) -> list[e.AnyEvent]:
    """Return that a person accepts what the task wrote outside its worktree; empty if there is nothing."""
    task = state.tasks[task_id]
    if task.attempt is None or not task.attempt.escape or task.status is not TaskStatus.SUCCEEDED:
        return []
    return [e.EscapeAccepted(task.attempt.id)]


def _why_it_stays_reverted(state: RunState, task: TaskId) -> str:
    by = reverted(state)[task]
    return (
        f"{task} has landed and {by} has reverted that, so git takes its work for merged; "
        f"{command_to_revert(by)} brings it back"
    )


def _try(state: RunState, command: c.ValidateEntry) -> list[e.AnyEvent]:
    unknown = next((task for task in command.on_top_of if task not in state.tasks), None)
    if unknown is not None:
        return [_refused(command, f"the run has no task {unknown!r}")]
    why = ad_hoc_validation.why_not(state, command.task, command.on_top_of)
    if why is not None:
        return [_refused(command, why)]
    return [
        e.AdHocValidationRequested(
            command.task,
            command.on_top_of,
            ad_hoc_validation.heads(state, (*command.on_top_of, command.task)),
        )
    ]


WITHDRAWABLE = ON_TRAIN | {EntryStatus.CONFLICTED, EntryStatus.BLOCKED, EntryStatus.HELD}


def _close(state: RunState, command: c.CloseRun) -> list[e.AnyEvent]:
    if state.active:
        return [_refused(command, f"still running: {', '.join(state.active)}; stop them first")]
    if landable(state):
        return [_refused(command, LANDING_NOW)]
    if being_undone(state):
        return [_refused(command, "something is being undone this very moment")]
    return [e.RunClosed()]


def _or_refused(command: c.AnyCommand, answer: list[e.AnyEvent] | str) -> list[e.AnyEvent]:
    return [_refused(command, answer)] if isinstance(answer, str) else answer


def _refused(command: c.AnyCommand, why: str) -> e.CommandRefused:
    return e.CommandRefused(spoken(command), why)


_ENDING_OPTIONS = {c.Ending.FINISH: " --finish", c.Ending.STOP: "", c.Ending.KILL: " --now"}


def spoken(command: c.AnyCommand) -> str:
    """Return the command as a person would type it behind `porch`."""
    match command:
        case c.PauseRun():
            return "pause --all" if command.with_tasks else "pause"
        case c.ResumeRun():
            return "resume-tasks --all" if command.with_tasks else "resume-tasks"
        case c.StopRun():
            return f"stop --all{_ENDING_OPTIONS[command.ending]}"
        case c.SetSlots():
            return f"slots {'auto' if command.slots is None else command.slots}"
        case c.AllowRedBase():
            return "resume --allow-red-base"
        case c.CloseRun():
            return "close"
        case c.PauseTask():
            return f"pause {command.task}"
        case c.ResumeTask():
            return f"resume-tasks {command.task}"
        case c.StopTask():
            return f"stop {command.task}"
        case c.StopValidation():
            return f"stop {command.task} --validation"
        case c.StopValidations():
            return "stop --validation"
        case c.RetryTask():
            return f"retry {'--keep ' if command.keep_worktree else ''}{command.task}"
        case c.RequeueEntry():
            return f"requeue {command.task}"
        case c.WithdrawEntry():
            return f"withdraw {command.task}"
        case c.HoldEntry():
            return f"hold {command.task}"
        case c.ReleaseEntry():
            return f"release {command.task}"
        case c.MoveEntry():
            where = f" {command.other}" if command.to is c.Spot.BEFORE else ""
            return f"move {command.task} --{command.to}{where}"
        case c.ResolveConflict():
            return f"resolve {command.task}"
        case c.RefuseProposal():
            return f"resolve {command.task} --refuse"
        case c.ValidateEntry():
            return " --upon ".join((f"validate {command.task}", *command.on_top_of))
        case c.UndoLanding():
            return f"undo {command.task}"
        case c.RevertLanding():
            return f"undo {command.task} --revert"
        case _:
            assert_never(command)
