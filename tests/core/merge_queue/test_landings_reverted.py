"""A landing taken back by a new commit: a task that the run is given, and that its queue lands."""

from __future__ import annotations

import pytest

from porch_tui.core.merge_queue.undo import reverted, spec_for
from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.rules.decide import decide
from porch_tui.core.rules.settle import landed_since_base, settle
from porch_tui.present.explain import needs
from tests.builders import board, fold, land, opened, plan, settled, task, unvalidated

A, B, BACK = TaskId("a"), TaskId("b"), TaskId("revert-a")
TWO = land(board(land(board(opened(unvalidated("a", "b")), "a"), "a"), "b"), "b")


def revert(state: RunState, name: str = "a") -> RunState:
    """Return the state after a person asked for it."""
    return fold(state, *decide(state, c.RevertLanding("1", TaskId(name))))


def refusal(state: RunState, command: c.AnyCommand) -> str:
    """Return why a command is refused."""
    (event,) = decide(state, command)
    assert isinstance(event, e.CommandRefused)
    return event.why


def reverted_two() -> RunState:
    """Return the state after `a` was reverted behind `b`."""
    return land(board(revert(TWO), "revert-a"), "revert-a")


def test_it_is_a_task_at_the_end_of_the_plan_that_begins_at_the_landing():
    state = revert(TWO)

    assert ["a", "b", "revert-a"] == list(state.tasks) == [spec.id for spec in state.plan.tasks]
    assert ("git", "revert", "--no-edit", "-m", "1", "c0+a") == state.specs[BACK].command
    assert 'Revert "Do a"' == state.specs[BACK].title
    assert [e.AttemptScheduled(e.AttemptId(BACK, 1), Sha("c0+a"), 0)] == settle(state)


def test_of_a_squashed_landing_there_is_no_mainline():
    state = replace(TWO, plan=replace(TWO.plan, squash=True))

    assert ("git", "revert", "--no-edit", "c0+a") == spec_for(state, A).command


def test_a_second_try_begins_at_the_landing_too():
    state = settled(fold(revert(TWO), e.TaskCancelled(BACK), e.TaskRetried(BACK, is_automatic=False)))

    attempt = state.tasks[BACK].attempt
    assert attempt is not None and "c0+a" == attempt.base


def test_what_landed_behind_the_landing_is_what_a_revert_may_fail_on_top_of():
    state = fold(revert(TWO), e.AttemptScheduled(e.AttemptId(BACK, 1), Sha("c0+a"), 0))
    state = fold(state, e.AttemptStarted(e.AttemptId(BACK, 1), 100))
    state = board(state, "revert-a")

    assert (B,) == landed_since_base(state, state.entries[BACK])


def test_once_it_has_landed_the_task_is_reported_as_reverted_and_cannot_be_merged_again():
    state = reverted_two()

    assert {A: BACK} == reverted(state)
    why = (
        "a has landed and revert-a has reverted that, so git takes its work for merged; "
        "porch undo revert-a --revert brings it back"
    )
    assert why == refusal(state, c.RequeueEntry("1", A)) == refusal(state, c.RetryTask("1", A))
    assert "revert-a has reverted it already" == refusal(state, c.RevertLanding("1", A))


def test_a_revert_is_reverted_like_any_landing_and_then_the_first_may_be_again():
    state = revert(reverted_two(), "revert-a")
    state = land(board(state, "revert-revert-a"), "revert-revert-a")

    assert {BACK: "revert-revert-a"} == reverted(state)
    assert "revert-a-2" in revert(state).tasks


def test_a_revert_that_was_undone_is_none():
    state = reverted_two()
    entry = state.entries[BACK]
    assert entry.landed and entry.onto

    state = fold(state, e.UndoRequested(BACK), e.LandingUndone(BACK, entry.landed, entry.onto, Sha("t")))

    assert {} == reverted(state)
    assert [e.EntryRequeued(BACK, takes_branch=True)] == decide(state, c.RequeueEntry("1", BACK))


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (opened(plan("b")), "b has not landed"),
        (fold(TWO, e.UndoRequested(B)), "b is being undone already"),
        (revert(TWO, "b"), "revert-b takes it back already"),
        (fold(TWO, e.RunClosed()), "the run is closed"),
    ],
)
def test_what_cannot_be_reverted_is_refused_in_a_sentence(state: RunState, why: str):
    assert why == refusal(state, c.RevertLanding("1", B))


def test_a_landing_that_is_to_be_reverted_is_undone_only_once_no_one_is_at_it():
    waiting = revert(TWO, "b")

    assert "revert-b takes it back" in refusal(waiting, c.UndoLanding("1", B))
    assert "revert-b started from it" in refusal(settled(waiting), c.UndoLanding("1", B))


def test_a_landing_that_is_gone_needs_no_revert_and_no_one():
    state = fold(revert(TWO, "b"), e.RunPaused())
    state = settled(fold(state, e.LandingUndone(B, Sha("c0+a+b"), Sha("c0+a"), Sha("t0+a"))))

    back = TaskId("revert-b")
    assert TaskStatus.CANCELLED is state.tasks[back].status
    assert "no longer on main" in refusal(state, c.RetryTask("1", back))
    assert back not in [need.task for need in needs(state)]


@pytest.mark.parametrize("name", ["x" * 64, f"{'x' * 52}.lock-file", f"{'x' * 56}.y"])
def test_a_long_name_is_cut_to_one_that_may_be_a_branch(name: str):
    state = land(board(opened(unvalidated(task(name))), name), name)

    first = spec_for(state, TaskId(name)).id
    second = spec_for(
        replace(state, tasks={**state.tasks, first: state.tasks[TaskId(name)]}), TaskId(name)
    ).id

    assert first != second
    for one in (first, second):
        assert len(one) <= 64 and one.startswith("revert-x")
        assert not one.endswith((".", ".lock"))
