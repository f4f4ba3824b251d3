"""What became of a command, in a sentence: for one task, and for several."""

from __future__ import annotations

from typing import get_args

import pytest

from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.feedback import SENT_BACK
from porch_tui.present.command_texts import done_text, refused_text, text_for_several
from tests.builders import board, fold, judge, opened, plan, running, succeed, task, unvalidated

A, B = TaskId("a"), TaskId("b")
IDLE = opened(unvalidated("a", "b"))
ASKED = plan(replace(task("a"), agent="claude", prompt="Do it."))
SENT = fold(succeed(opened(ASKED), "a"), e.TaskRetried(A, False, False, e.Feedback(SENT_BACK)))
QUEUED = board(judge(opened(plan("a", "b")), "t0", True), "a", "b")


@pytest.mark.parametrize(
    ("command", "state", "expected"),
    [
        (c.PauseRun("1"), IDLE, "; running tasks continue"),
        (c.PauseRun("1", with_tasks=True), IDLE, "; running tasks are frozen"),
        (c.ResumeRun("1", with_tasks=True), IDLE, ", frozen tasks continue"),
        (c.PauseTask("1", A), running("a"), "frozen; clocks inside it continue"),
        (c.StopTask("1", A), running("a"), "stopping, or cancelled before its start"),
        (c.StopRun("1", c.Ending.STOP), IDLE, "nothing is running any more; porch resume continues"),
        (c.StopRun("1", c.Ending.STOP), running("a"), "have stopped; porch resume continues"),
        (
            c.StopRun("1", c.Ending.FINISH),
            running("a"),
            "have finished; porch resume continues",
        ),
        (c.SetSlots("1", 3), IDLE, "3 at once"),
        (c.SetSlots("1", None), IDLE, "as many as the machine has room for"),
        (c.StopValidation("1", A), QUEUED, "porch validate a starts it again"),
        (
            c.StopValidation("1", A),
            fold(QUEUED, e.EntryValidationStopped(A)),
            "porch requeue a queues it again",
        ),
        (c.RetryTask("1", A), IDLE, "runs again, from the current tip"),
        (c.RetryTask("1", A, keep_worktree=True), IDLE, "continues in its worktree"),
        (c.RetryTask("1", A), SENT, "runs again, from the current tip; its agent gets no reason"),
        (c.RetryTask("1", A, say="why"), SENT, "continues in its worktree"),
        (c.RequeueEntry("1", A), IDLE, "is collected now, without running it again"),
        (c.RequeueEntry("1", A), QUEUED, "back in the merge queue"),
        (c.MoveEntry("1", A, c.Spot.FIRST), QUEUED, "is merged first"),
        (c.MoveEntry("1", A, c.Spot.LAST), QUEUED, "is merged after all others that are queued now"),
        (c.MoveEntry("1", A, c.Spot.BEFORE, B), QUEUED, "is merged before b"),
        (c.HoldEntry("1", A), QUEUED, "not merged until porch release a"),
    ],
)
def test_what_was_done_is_said(command: c.AnyCommand, state: RunState, expected: str) -> None:
    assert done_text(command, state).endswith(expected)


@pytest.mark.parametrize(
    ("command", "why", "expected"),
    [
        (c.PauseRun("1"), "it is closed", "Can't pause all: it is closed"),
        (c.ResumeRun("1"), "it is closed", "Can't resume all: it is closed"),
        (c.ResumeTask("1", A), "a is running", "Can't resume a: it is running"),
        (c.RevertLanding("1", A), "a has not landed", "Can't revert a: it has not landed"),
        (c.StopValidation("1", A), "there is none", "Can't cancel the validation of a: there is none"),
        (c.StopValidations("1"), "there are none", "Can't cancel the validations: there are none"),
        (c.RunElsewhere("1", A), "a may run only there", "Can't run a elsewhere: it may run only there"),
        (c.RetryTask("1", A), "b is in the way", "Can't retry a: b is in the way"),
    ],
)
def test_what_was_refused_is_said(command: c.AnyCommand, why: str, expected: str) -> None:
    assert expected == refused_text(command, why)


def test_several_tasks_are_counted_by_what_became_of_them() -> None:
    pause, stop, resume = c.PauseTask("1", A), c.StopTask("2", B), c.ResumeTask("3", A)

    assert text_for_several([pause], [resume]) == "Paused 1 task; 1 can't be resumed now"
    assert text_for_several([stop, stop], []) == "Stopping 2 tasks"
    assert text_for_several([], [pause, pause]) == "None of the 2 tasks can be paused now"


def test_the_table_has_words_for_every_command_that_a_key_gives_several_tasks() -> None:
    for kind in get_args(c.AnyCommand):
        if kind in (c.PauseTask, c.ResumeTask, c.StopTask, c.RetryTask, c.RequeueEntry, c.WithdrawEntry):
            assert "Asked for" not in text_for_several([kind("1", A)], [])
