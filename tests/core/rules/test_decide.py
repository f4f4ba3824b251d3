"""What a person's command means now; a refusal says why."""

from __future__ import annotations

import pytest

from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Kind, Sha, TaskId, Terminal
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.rules import effects as f
from porch_tui.core.rules.decide import decide
from porch_tui.core.rules.effects import wanted
from porch_tui.core.rules.settle import settle
from tests.builders import (
    attempt,
    board,
    conflict,
    failure,
    fold,
    judge,
    land,
    opened,
    plan,
    queue,
    running,
    scheduled,
    start,
    succeed,
    task,
    unvalidated,
)

A = TaskId("a")
FIRST = opened(plan("a"))
CONFLICTED = conflict(queue(FIRST, "a"), "a")
BLOCKED = fold(board(FIRST, "a"), e.LandingBlocked(A, (".env",), "in the way", is_retried=False))
WITHDRAWN = fold(board(FIRST, "a"), e.EntryWithdrawn(A))
FAILED = fold(start(FIRST, "a"), e.AttemptFailed(attempt("a"), failure()))
CANCELLED = fold(FIRST, e.TaskCancelled(A))


def refusal(state: RunState, command: c.AnyCommand) -> str:
    """Return why the command is refused; it must be, and lead to nothing else."""
    (event,) = decide(state, command)
    assert isinstance(event, e.CommandRefused)
    return event.why


def test_a_run_is_paused_and_resumed_once():
    paused = fold(FIRST, e.RunPaused())

    assert [e.RunPaused()] == decide(FIRST, c.PauseRun("1"))
    assert [e.RunResumed()] == decide(paused, c.ResumeRun("1"))
    assert "it is paused already" == refusal(paused, c.PauseRun("1"))
    assert "it is not paused" == refusal(FIRST, c.ResumeRun("1"))


def test_a_run_is_paused_together_with_all_that_runs_or_starts_and_resumed_with_it():
    state = fold(opened(plan("a", "b", "c")), scheduled("b", slot=1))
    state = start(state, "a")
    with_tasks = decide(state, c.PauseRun("1", with_tasks=True))

    assert [e.RunPaused(), e.AttemptPaused(attempt("a")), e.AttemptPaused(attempt("b"))] == with_tasks
    paused = fold(state, *with_tasks)
    assert "it is paused already" == refusal(paused, c.PauseRun("1", with_tasks=True))
    resumed = decide(paused, c.ResumeRun("1", with_tasks=True))
    assert [e.AttemptResumed(attempt("a")), e.AttemptResumed(attempt("b")), e.RunResumed()] == resumed


def test_what_is_paused_for_want_of_memory_is_kept_paused_with_all_and_not_resumed_with_all():
    short = fold(start(FIRST, "a"), e.AttemptPaused(attempt("a"), "memory is short"))

    assert e.AttemptPaused(attempt("a")) in decide(short, c.PauseRun("1", with_tasks=True))
    assert [e.RunResumed()] == decide(fold(short, e.RunPaused()), c.ResumeRun("1", with_tasks=True))


def test_a_task_that_is_paused_while_it_starts_is_paused_once_it_has_started():
    starting = fold(FIRST, scheduled("a"))
    paused = fold(starting, *decide(starting, c.PauseTask("1", A)))

    assert TaskStatus.PAUSED is fold(paused, e.AttemptStarted(attempt("a"), 100)).tasks[A].status
    resumed = fold(paused, *decide(paused, c.ResumeTask("1", A)), e.AttemptStarted(attempt("a"), 100))
    assert (TaskStatus.RUNNING, 100) == (resumed.tasks[A].status, resumed.tasks[A].attempts[0].pid)


def test_a_run_that_is_stopped_ends_its_attempts_and_dismisses_its_engine():
    state = start(opened(plan("a", "b"), slots=1), "a")
    stopped = fold(state, *decide(state, c.StopRun("1")))

    assert (True, True) == (stopped.is_paused, stopped.is_dismissed)
    assert (TaskStatus.STOPPING, TaskStatus.PENDING) == tuple(one.status for one in stopped.tasks.values())
    assert "it is being stopped already" == refusal(stopped, c.StopRun("1"))
    assert [e.StopRequested(attempt("a"), True)] == decide(stopped, c.StopRun("1", c.Ending.KILL))
    assert [e.RunPaused(), e.EngineDismissed()] == decide(state, c.StopRun("1", c.Ending.FINISH))


def test_whoever_resumes_a_stopped_run_keeps_the_engine():
    stopped = fold(FIRST, *decide(FIRST, c.StopRun("1")))

    assert not fold(stopped, e.RunResumed()).is_dismissed
    assert not fold(stopped, e.EngineTookOver(7, "box")).is_dismissed


def test_slots_are_changed_but_never_to_none():
    assert [e.SlotsChanged(5)] == decide(FIRST, c.SetSlots("1", 5))
    assert "pause the run instead" in refusal(FIRST, c.SetSlots("1", 0))


def test_a_red_base_is_allowed():
    assert [e.RedBaseAllowed()] == decide(FIRST, c.AllowRedBase("1"))


def test_a_running_task_is_paused_resumed_and_stopped():
    state, one = start(FIRST, "a"), attempt("a")
    paused = fold(state, e.AttemptPaused(one))

    assert [e.AttemptPaused(one)] == decide(state, c.PauseTask("1", A))
    assert [e.AttemptResumed(one)] == decide(paused, c.ResumeTask("1", A))
    assert [e.StopRequested(one)] == decide(state, c.StopTask("1", A))
    assert [e.StopRequested(one)] == decide(paused, c.StopTask("1", A))


def test_it_is_the_present_attempt_that_is_stopped():
    assert [e.StopRequested(attempt("parser", 2))] == decide(
        running("parser", attempt=2), c.StopTask("1", TaskId("parser"))
    )


def test_a_task_about_to_begin_is_stopped_like_one_that_runs():
    assert [e.StopRequested(attempt("a"))] == decide(fold(FIRST, scheduled("a")), c.StopTask("1", A))


def test_a_task_that_waits_is_taken_out():
    assert [e.TaskCancelled(A)] == decide(FIRST, c.StopTask("1", A))


@pytest.mark.parametrize("state", [FAILED, CANCELLED, CONFLICTED, BLOCKED, WITHDRAWN])
def test_what_failed_was_stopped_or_is_waiting_is_run_again(state: RunState):
    assert [e.TaskRetried(A, is_automatic=False)] == decide(state, c.RetryTask("1", A))


def test_what_runs_is_on_the_train_or_has_landed_is_not_run_again():
    assert "a is running" == refusal(start(FIRST, "a"), c.RetryTask("1", A))
    assert "a is in the merge queue" == refusal(board(FIRST, "a"), c.RetryTask("1", A))
    assert "a has landed" == refusal(land(board(FIRST, "a"), "a"), c.RetryTask("1", A))


def test_a_check_that_passed_is_not_run_again():
    state = succeed(opened(plan(task("a", kind=Kind.CHECK))), "a")

    assert "a has succeeded" == refusal(state, c.RetryTask("1", A))


@pytest.mark.parametrize("state", [CONFLICTED, BLOCKED, WITHDRAWN])
def test_what_needs_attention_is_put_back_into_the_queue(state: RunState):
    assert [e.EntryRequeued(A, takes_branch=True)] == decide(state, c.RequeueEntry("1", A))


def test_what_is_queued_is_not_requeued():
    assert "a is in the merge queue" == refusal(board(FIRST, "a"), c.RequeueEntry("1", A))
    assert "a is not in the merge queue" == refusal(FIRST, c.RequeueEntry("1", A))


@pytest.mark.parametrize("state", [queue(FIRST, "a"), board(FIRST, "a"), CONFLICTED, BLOCKED])
def test_what_has_not_landed_is_taken_out_of_the_queue(state: RunState):
    assert [e.EntryWithdrawn(A)] == decide(state, c.WithdrawEntry("1", A))


def test_what_is_landing_is_not_taken_out_of_the_queue():
    state = judge(board(judge(FIRST, "t0", True), "a"), "t0+a", True)

    assert "a is landing this very moment" == refusal(state, c.WithdrawEntry("1", A))


def test_a_conflict_is_resolved_by_a_record_and_nothing_else_is():
    assert [e.ResolutionGiven(A, "record-1")] == decide(CONFLICTED, c.ResolveConflict("1", A, "record-1"))
    assert "a is blocked in the merge queue" == refusal(BLOCKED, c.ResolveConflict("1", A, "record-1"))


def test_a_run_is_closed_when_nothing_runs_or_lands():
    assert [e.RunClosed()] == decide(FIRST, c.CloseRun("1"))
    assert "still running: a; stop them first" == refusal(start(FIRST, "a"), c.CloseRun("1"))
    landing = board(opened(unvalidated("a")), "a")
    assert "something is landing this very moment" == refusal(landing, c.CloseRun("1"))


def test_a_closed_run_refuses_everything():
    closed = fold(FIRST, e.RunClosed())

    assert "the run is closed" == refusal(closed, c.RetryTask("1", A))
    assert "the run is closed" == refusal(closed, c.CloseRun("1"))


def test_a_command_about_an_unknown_task_names_it():
    assert "the run has no task 'unknown'" == refusal(FIRST, c.StopTask("1", TaskId("unknown")))


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (c.PauseRun("1"), "pause"),
        (c.ResumeRun("1"), "resume-tasks"),
        (c.PauseRun("1", with_tasks=True), "pause --all"),
        (c.ResumeRun("1", with_tasks=True), "resume-tasks --all"),
        (c.StopRun("1"), "stop --all"),
        (c.StopRun("1", c.Ending.KILL), "stop --all --now"),
        (c.StopRun("1", c.Ending.FINISH), "stop --all --finish"),
        (c.SetSlots("1", 3), "slots 3"),
        (c.CloseRun("1"), "close"),
        (c.AllowRedBase("1"), "resume --allow-red-base"),
        (c.PauseTask("1", A), "pause a"),
        (c.ResumeTask("1", A), "resume-tasks a"),
        (c.StopTask("1", A), "stop a"),
        (c.RetryTask("1", A), "retry a"),
        (c.RequeueEntry("1", A), "requeue a"),
        (c.WithdrawEntry("1", A), "withdraw a"),
        (c.ResolveConflict("1", A, "record-1"), "resolve a"),
    ],
)
def test_a_refusal_names_the_command_as_a_person_types_it(command: c.AnyCommand, expected: str):
    closed = fold(FIRST, e.RunClosed())

    assert [e.CommandRefused(expected, "the run is closed")] == decide(closed, command)


def test_a_retry_that_continues_keeps_the_base_if_there_was_an_attempt():
    state = fold(FAILED, e.TargetMoved(Sha("c9"), Sha("t9"), is_descendant=True))
    retried = fold(state, *decide(state, c.RetryTask("1", A, keep_worktree=True)))
    cancelled = fold(FIRST, e.TaskCancelled(A))

    begun = next(event for event in settle(retried) if isinstance(event, e.AttemptScheduled))

    assert (state.target.base, True) == (begun.base, begun.keep_worktree)
    assert [e.TaskRetried(A, is_automatic=False)] == decide(
        cancelled, c.RetryTask("1", A, keep_worktree=True)
    )


def test_a_task_that_is_being_stopped_can_be_ended_at_once_and_only_once():
    one = attempt("a")
    stopping = fold(start(FIRST, "a"), e.StopRequested(one))
    ending = fold(stopping, e.StopRequested(one, kill_now=True))

    assert [e.StopRequested(one, kill_now=True)] == decide(stopping, c.StopTask("1", A, kill_now=True))
    assert isinstance(decide(ending, c.StopTask("1", A, kill_now=True))[0], e.CommandRefused)
    assert isinstance(decide(stopping, c.StopTask("1", A))[0], e.CommandRefused)


INTERACTIVE = start(opened(plan(replace(task("a"), terminal=Terminal()))), "a")


def test_an_interactive_task_that_runs_is_finished_once():
    assert decide(INTERACTIVE, c.FinishTask("1", A)) == [e.FinishRequested(attempt("a"))]
    asked = fold(INTERACTIVE, e.FinishRequested(attempt("a")))

    assert refusal(asked, c.FinishTask("2", A)) == "a is finishing already"
    assert f.FinishAttempt(attempt("a")) in wanted(asked)


def test_a_task_may_be_asked_to_finish_again_when_that_was_too_early():
    asked = fold(INTERACTIVE, e.FinishRequested(attempt("a")), e.FinishIgnored(attempt("a")))

    assert decide(asked, c.FinishTask("2", A)) == [e.FinishRequested(attempt("a"))]
    assert f.FinishAttempt(attempt("a")) not in wanted(asked)


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (start(FIRST, "a"), "a has no terminal: it ends when its command does"),
        (
            fold(INTERACTIVE, e.AttemptPaused(attempt("a"))),
            "a is paused; resume it first: porch resume-tasks a",
        ),
    ],
)
def test_what_cannot_be_finished_says_why(state, why):
    assert refusal(state, c.FinishTask("1", A)) == why
