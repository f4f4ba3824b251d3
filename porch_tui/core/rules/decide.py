"""What a command means now: the events it leads to, of which a refusal is one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import assert_never

from porch_tui.core.merge_queue.train import being_undone, landable
from porch_tui.core.merge_queue.undo import (
    LANDING_NOW,
    is_needless,
    reverted,
    spec_for,
    started_from_undone,
    why_it_stays_reverted,
    why_not_reverted,
    why_not_undone,
)
from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.budget import KINDS, NAMES
from porch_tui.core.model.copying import replace
from porch_tui.core.model.index import awaits_review
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import Attempt, RunState
from porch_tui.core.model.status import NEEDS_ATTENTION, ON_TRAIN, EntryStatus, TaskStatus
from porch_tui.core.model.wording import listed, predicate
from porch_tui.core.rules.additions import added, why_not_added
from porch_tui.core.rules.choosing import choose, why_not_retried
from porch_tui.core.rules.decide_queue import (
    Answer,
    hold_release_or_move,
    landing_now,
    requeue_withdraw_or_resolve,
    stop_validation,
    stop_validations,
    validate,
)
from porch_tui.core.rules.feedback import feedback
from porch_tui.core.rules.reloading import reloaded
from porch_tui.core.scheduling.holding import waits_for_person
from porch_tui.core.scheduling.leases import is_out_of_reach, why_not_elsewhere
from porch_tui.core.scheduling.slots import Why


def decide(state: RunState, command: c.AnyCommand, landing: Collection[TaskId] = ()) -> list[e.AnyEvent]:
    """Return the events a command leads to; one CommandRefused if it leads to nothing.

    `landing`: the tasks of the landing that is under way, as the engine knows. What lands next
    can be derived from the state; what is landing already cannot, once something else may land before it.
    """
    answer = _answer(state, command, landing)
    return [e.CommandRefused(c.spelled(command), answer)] if isinstance(answer, str) else answer


def _answer(state: RunState, command: c.AnyCommand, landing: Collection[TaskId]) -> Answer:
    if state.closed_at is not None:
        return "the run is closed"
    going = [task for task in landing if task in state.entries and state.entries[task].status in ON_TRAIN]
    match command:
        case c.CloseRun() | c.UndoLanding() if going:
            return LANDING_NOW
        case c.WithdrawEntry() | c.HoldEntry() | c.MoveEntry() | c.StopValidation() if command.task in going:
            return landing_now(command.task)
        case c.PauseRun() | c.ResumeRun():
            return _pause_or_resume(state, command)
        case c.StopRun():
            return _stop(state, command)
        case c.SetSlots():
            return _set_slots(state, command)
        case c.AllowRedBase():
            return [e.RedBaseAllowed()]
        case c.StopValidations():
            return stop_validations(state)
        case c.AddTasks():
            return why_not_added(state, command) or added(state, command)
        case c.ReloadPlan():
            return reloaded(state, command)
        case c.CloseRun():
            return _close(state)
        case c.ChooseTheory():
            return choose(state, command)
        case c.RaiseBudget():
            return _raise_budget(state, command)
        case _ if command.task not in state.tasks:
            return f"the run has no task {command.task!r}"
        case c.PauseTask() | c.ResumeTask() | c.StopTask():
            return _pause_resume_or_stop_task(state, command)
        case c.FinishTask():
            return _finish(state, command.task)
        case c.RunElsewhere():
            return _give_up(state, command.task)
        case c.StopValidation():
            return stop_validation(state, command.task)
        case c.RetryTask():
            return _retry(state, command)
        case c.ApproveTask():
            return _approve(state, command)
        case c.RequeueEntry() | c.WithdrawEntry() | c.ResolveConflict() | c.RefuseProposal():
            return requeue_withdraw_or_resolve(state, command)
        case c.HoldEntry() | c.ReleaseEntry() | c.MoveEntry():
            return hold_release_or_move(state, command)
        case c.ValidateEntry():
            return validate(state, command)
        case c.UndoLanding():
            return why_not_undone(state, command.task) or [e.UndoRequested(command.task)]
        case c.RevertLanding():
            return why_not_reverted(state, command.task) or [e.RevertAdded(spec_for(state, command.task))]
        case _:
            assert_never(command)


def _pause_or_resume(state: RunState, command: c.PauseRun | c.ResumeRun) -> Answer:
    match command:
        case c.PauseRun():
            run: list[e.AnyEvent] = [] if state.is_paused else [e.RunPaused()]
            pauses = [c.PauseTask(command.id, task) for task in state.active if command.with_tasks]
            return [*run, *_as_far_as_possible(state, pauses)] or "it is paused already"
        case c.ResumeRun():
            # what was paused automatically resumes when there is memory: all at once would take it again
            resumes = [
                c.ResumeTask(command.id, task)
                for task, attempt in state.active_attempts.items()
                if command.with_tasks and not attempt.auto_pause_reason
            ]
            run = [e.RunResumed()] if state.is_paused else []
            return [*_as_far_as_possible(state, resumes), *run] or "it is not paused"
        case _:
            assert_never(command)


def _as_far_as_possible(
    state: RunState, commands: Iterable[c.PauseTask | c.ResumeTask | c.StopTask]
) -> list[e.AnyEvent]:
    answers = [_pause_resume_or_stop_task(state, command) for command in commands]
    return [event for answer in answers if not isinstance(answer, str) for event in answer]


def _stop(state: RunState, command: c.StopRun) -> Answer:
    due: list[e.AnyEvent] = [] if state.is_paused else [e.RunPaused()]
    if not state.is_dismissed:
        due.append(e.EngineDismissed())
    if command.ending is not c.Ending.FINISH:
        kill_now = command.ending is c.Ending.KILL
        of_task = [c.StopTask(command.id, task, kill_now) for task in state.active]
        due += _as_far_as_possible(state, of_task)
    return due or "it is being stopped already"


def _set_slots(state: RunState, command: c.SetSlots) -> Answer:
    if command.slots is None and state.slots.is_auto:
        return f"it adapts to the machine already; {state.slots.count} now"
    if command.slots is None:
        return [e.SlotsChanged(state.slots.count, is_auto=True, reason=Why.ADAPTS)]
    if command.slots < 1:
        return f"{command.slots} slots would run nothing; pause the run instead"
    return [e.SlotsChanged(command.slots)]


def _close(state: RunState) -> Answer:
    if state.active:
        return f"still running: {', '.join(state.active)}; stop them first"
    if landable(state):
        return LANDING_NOW
    if being_undone(state):
        return "something is being undone this very moment"
    return [e.RunClosed()]


def _pause_resume_or_stop_task(state: RunState, command: c.PauseTask | c.ResumeTask | c.StopTask) -> Answer:
    task = state.tasks[command.task]
    attempt = task.attempt
    match command, task.status:
        case c.PauseTask(), TaskStatus.STARTING | TaskStatus.RUNNING if attempt:
            return [e.AttemptPaused(attempt.id)]
        case c.PauseTask(), TaskStatus.PAUSED if attempt and attempt.auto_pause_reason:
            return [e.AttemptPaused(attempt.id)]
        case c.ResumeTask(), TaskStatus.PAUSED if waits_for_person(state, command.task):
            return f"{command.task} has used up its budget, or the run has; raise that with porch budget"
        case c.ResumeTask(), TaskStatus.PAUSED if attempt:
            return [e.AttemptResumed(attempt.id)]
        case c.StopTask(), TaskStatus.PENDING:
            return [e.TaskCancelled(command.task)]
        case c.StopTask(), (TaskStatus.STARTING | TaskStatus.RUNNING | TaskStatus.PAUSED) if attempt:
            return _stopped(state, attempt, command.kill_now)
        case c.StopTask(kill_now=True), TaskStatus.STOPPING if attempt and not attempt.kill_now:
            return _stopped(state, attempt, kill_now=True)
        case _:
            return f"{command.task} {predicate(task.status)}"


def _stopped(state: RunState, attempt: Attempt, kill_now: bool) -> list[e.AnyEvent]:
    """Return what a stop leads to; one that must not wait does not wait for a place out of reach either."""
    due: list[e.AnyEvent] = [e.StopRequested(attempt.id, kill_now)]
    if kill_now and is_out_of_reach(state, attempt.place):
        due.append(e.AttemptLost(attempt.id, f"was given up: {attempt.place} is out of reach"))
    return due


def _finish(state: RunState, task: TaskId) -> Answer:
    attempt, status = state.tasks[task].attempt, state.tasks[task].status
    if not state.specs[task].is_interactive:
        return f"{task} has no terminal: it ends when its command does"
    if status is TaskStatus.PAUSED:
        return f"{task} is paused; resume it first: porch resume-tasks {task}"
    if status is not TaskStatus.RUNNING or attempt is None:
        return f"{task} {predicate(status)}"
    return f"{task} is finishing already" if attempt.is_finishing else [e.FinishRequested(attempt.id)]


def _give_up(state: RunState, task: TaskId) -> Answer:
    attempt = state.tasks[task].attempt
    why = why_not_elsewhere(state, task)
    if why is not None or attempt is None:
        return why or f"{task} is not running"
    return [e.AttemptLost(attempt.id, f"was given up: it is to run elsewhere than on {attempt.place}")]


def _approve(state: RunState, command: c.ApproveTask) -> Answer:
    task, entry = state.tasks[command.task], state.entries.get(command.task)
    if not awaits_review(state, command.task):
        return f"{command.task} waits for no review: it {predicate(entry.status if entry else task.status)}"
    if command.result != task.head:
        return f"{command.task} has another result by now; look again: porch diff {command.task}"
    return [e.TaskApproved(command.task, command.head, command.by)]


def _raise_budget(state: RunState, command: c.RaiseBudget) -> Answer:
    if command.task is not None and command.task not in state.tasks:
        return f"the run has no task {command.task!r}"
    budget = state.plan.budget if command.task is None else state.specs[command.task].budget
    amounts = [name for name in NAMES if getattr(command.by, name)]
    missing = [KINDS[name] for name in amounts if getattr(budget, name) is None]
    if missing:
        return f"{command.task or 'the run'} has no budget {listed(missing)}"
    return [e.BudgetRaised(command.task, command.by)] if amounts else "nothing of a budget is used up"


def _retry(state: RunState, command: c.RetryTask) -> Answer:
    task, entry = state.tasks[command.task], state.entries.get(command.task)
    spec = state.specs[command.task]
    if task.is_active or task.status is TaskStatus.PENDING:
        return f"{command.task} {predicate(task.status)}"
    if is_needless(state, command.task):
        return f"what {command.task} would take back is no longer on {state.target.name}"
    if command.task in reverted(state):
        return why_it_stays_reverted(state, command.task)
    if entry is not None and entry.status not in NEEDS_ATTENTION | {EntryStatus.HELD}:
        return f"{command.task} {predicate(entry.status)}"
    if why := why_not_retried(state, command.task):
        return why
    is_reviewed = awaits_review(state, command.task)
    if (
        entry is None
        and task.status is TaskStatus.SUCCEEDED
        and task.head is not None
        and spec.of is None
        and not is_reviewed
    ):
        return f"{command.task} has succeeded"
    if command.keep_worktree and started_from_undone(state, command.task):
        return f"{command.task} started from a landing that has been undone; retry it without --keep"
    if command.keep_worktree and task.worktree_removed_at is not None:
        return f"the worktree of {command.task} was removed when it landed; retry it without --keep"
    # what a reviewer says is about the work as it is
    keep_worktree = (command.keep_worktree or (is_reviewed and bool(command.say))) and bool(task.attempts)
    if command.say and not spec.prompt:
        return f"{command.task} has no agent to say that to"
    known = feedback(state, command.task, command.say) if spec.prompt or is_reviewed else e.Feedback()
    if command.prompt:
        known = replace(known, is_edited=True)
    edit = command.command, command.prompt
    return [e.TaskRetried(command.task, False, keep_worktree, known, *edit)]
