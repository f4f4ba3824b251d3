"""Folds what happens to an attempt into the state of its task. Part of `evolve`."""

from __future__ import annotations

from typing import assert_never

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.state import Attempt, TaskState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.model.transitions import IllegalTransition, next_task_status
from porch_tui.core.rules.feedback import CONTINUE


def attempted(task: TaskState, event: e.AttemptEvent, at: float) -> TaskState:
    """Return the task after an event of its attempt."""
    status = next_task_status(event, task.status)
    if isinstance(event, e.AttemptScheduled):
        return _scheduled(task, event, status, at)
    attempt = task.attempts[-1]
    if attempt.id != event.attempt:
        raise IllegalTransition(f"{type(event).__name__} of {event.attempt}, but {attempt.id} is current")
    if isinstance(event, e.AttemptReturned):
        rest, known = task.attempts[:-1], attempt.feedback
        return replace(
            task, status=status, attempts=rest, keep_worktree=attempt.keep_worktree, feedback=known
        )
    if isinstance(event, e.AttemptSucceeded) and status is TaskStatus.SUCCEEDED:
        task = replace(task, head=event.head)
    elif isinstance(event, e.AttemptLimited):
        task = replace(task, keep_worktree=True, feedback=CONTINUE)
    attempt = _waiting(_after(attempt, event, at), status, at)
    if attempt.used is not None and attempt.started_at is None:
        attempt = replace(attempt, started_at=at - attempt.used.wall_s)  # over before it was seen running
    return replace(task, status=status, attempts=(*task.attempts[:-1], attempt))


def _scheduled(task: TaskState, event: e.AttemptScheduled, status: TaskStatus, at: float) -> TaskState:
    attempt = Attempt(
        event.attempt,
        event.base,
        event.slot,
        scheduled_at=at,
        keep_worktree=event.keep_worktree,
        feedback=task.feedback,
        place=event.place,
        lane=event.lane,
    )
    return replace(
        task,
        status=status,
        attempts=(*task.attempts, attempt),
        keep_worktree=False,
        feedback=e.Feedback(),
        worktree_removed_at=None,
        worktree_kept="",
    )


def _after(attempt: Attempt, event: e.AttemptProgress, at: float) -> Attempt:
    match event:
        case e.AttemptStarted():
            # reported again by an engine that takes over; it keeps its first time
            attempt = replace(attempt, started_at=attempt.started_at or at, pid=event.pid)
        case e.AttemptNoticed():
            attempt = replace(attempt, notice=event.notice, notice_advice=event.advice)
        case e.AttemptWaits():
            attempt = replace(attempt, call=event.text)
        case e.AttemptAnswered():
            attempt = replace(attempt, call=None)
        case e.FinishRequested() | e.FinishIgnored():
            attempt = replace(attempt, is_finishing=isinstance(event, e.FinishRequested))
        case e.AttemptPaused():
            cause = event.what_for if event.reason else None
            since = attempt.paused_at or at
            attempt = replace(attempt, auto_pause_reason=event.reason, pause_cause=cause, paused_at=since)
        case e.AttemptResumed():
            is_exempt = attempt.is_exempt or bool(attempt.auto_pause_reason and not event.reason)
            paused_s = attempt.paused_s + at - (attempt.paused_at or at)
            attempt = replace(
                attempt,
                auto_pause_reason="",
                pause_cause=None,
                paused_at=None,
                paused_s=paused_s,
                is_exempt=is_exempt,
            )
        case e.AttemptEscaped():
            attempt = replace(attempt, escape="; ".join(filter(None, (attempt.escape, event.text))))
        case e.EscapeAccepted():
            attempt = replace(attempt, escape="")
        case e.StopRequested():
            attempt = replace(attempt, kill_now=event.kill_now)
        case e.AttemptSucceeded():
            attempt = replace(
                attempt,
                ended_at=at,
                used=event.used,
                undeclared_paths=event.undeclared_paths,
                left_running=event.left_running,
            )
        case e.AttemptFailed():
            attempt = replace(
                attempt,
                ended_at=at,
                used=event.used,
                failure=event.failure,
                leftover_ref=event.leftover_ref,
                left_running=event.left_running,
            )
        case e.AttemptLimited():
            attempt = replace(
                attempt, ended_at=at, used=event.used, left_running=event.left_running, limit=event.text
            )
        case e.AttemptLost():
            attempt = replace(
                attempt,
                ended_at=at,
                lost_because=event.why,
                lost_end=event.ended,
                leftover_ref=event.leftover_ref,
            )
        case e.AttemptStopped():
            attempt = replace(attempt, ended_at=at, used=event.used, leftover_ref=event.leftover_ref)
        case e.CollectionRequested():
            attempt = replace(
                attempt, ended_at=None, failure=None, leftover_ref="", collections=attempt.collections + 1
            )
        case _:
            assert_never(event)
    return attempt


def _waiting(attempt: Attempt, status: TaskStatus, at: float) -> Attempt:
    """Return the attempt with its time of waiting, after an event that led to `status`.

    A call outlasts a pause, which is no time of waiting. It outlasts neither an order to stop nor the end.
    """
    call = attempt.call if status in {TaskStatus.RUNNING, TaskStatus.PAUSED} else None
    began_at = attempt.waits_since
    if call is not None and status is TaskStatus.RUNNING:
        return attempt if began_at is not None else replace(attempt, waits_since=at)
    if began_at is None:
        return attempt if call == attempt.call else replace(attempt, call=call)
    return replace(attempt, call=call, waits_since=None, waited_s=attempt.waited_s + at - began_at)
