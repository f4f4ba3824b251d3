"""What is landing stays in line until its landing has answered, whatever is asked or seen meanwhile."""

from __future__ import annotations

import pytest

from porch_tui.core.merge_queue.order import in_order
from porch_tui.core.merge_queue.train import landable
from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import EntryStatus
from porch_tui.core.rules.decide import decide
from porch_tui.core.rules.settle import settle
from porch_tui.present.explain import needs
from tests.builders import (
    attempt,
    board,
    candidate_built,
    fold,
    judge,
    land,
    opened,
    plan,
    queue,
    settled,
    unvalidated,
)

A, B, C = TaskId("a"), TaskId("b"), TaskId("c")
READY = board(opened(unvalidated("a", "b", "c")), "a", "b")
"""Both may land at once."""
ESCAPED = "was at work in your own checkout"


def escaped(state: RunState, name: str) -> RunState:
    return fold(state, e.AttemptEscaped(attempt(name), ESCAPED))


def holds(state: RunState, *landing: TaskId) -> list[TaskId]:
    """Return who is held next, while these are landing."""
    return [event.task for event in settle(state, landing) if isinstance(event, e.EntryHeld)]


def test_what_was_at_work_elsewhere_is_held_as_long_as_nothing_lands_it():
    assert (A, B) == tuple(entry.task for entry in landable(READY))

    assert [A] == holds(escaped(READY, "a"))


def test_a_hold_waits_for_the_landing_that_is_under_way():
    assert [] == holds(escaped(READY, "a"), A, B)


def test_the_entry_that_would_land_next_is_held_while_another_lands():
    assert [B] == holds(escaped(READY, "b"), A)


@pytest.mark.parametrize(
    "answer",
    [
        e.TargetMoved(Sha("c9"), Sha("t9"), True),
        e.Noticed("the engine was killed, and nothing had landed"),
    ],
    ids=lambda answer: type(answer).__name__,
)
def test_the_hold_takes_effect_when_it_has_not_landed(answer: e.AnyEvent):
    assert [A] == holds(fold(escaped(READY, "a"), answer))


@pytest.mark.parametrize("is_retried", [True, False])
def test_what_could_not_land_is_held_when_it_is_queued_again(is_retried: bool):
    state = fold(escaped(READY, "a"), e.LandingBlocked(A, (".env",), "in the way", is_retried))
    assert [] == holds(state)

    assert [A] == holds(fold(state, e.LandingUnblocked(A) if is_retried else e.EntryRequeued(A)))


def test_it_is_too_late_for_a_hold_when_it_has_landed_and_undo_takes_it_back():
    state = settled(land(escaped(READY, "a"), "a"))

    assert EntryStatus.LANDED is state.entries[A].status
    (need,) = [need for need in needs(state) if need.task == A]
    assert f"landed, but {ESCAPED}" == need.why
    assert "porch release a accepts that; porch undo a takes it back" == need.next


def test_what_landed_before_others_is_taken_back_alone():
    (need,) = [need for need in needs(land(escaped(READY, "a"), "a", "b")) if need.task == A]

    assert need.next.endswith("porch undo a --revert takes it back")


# --- what a person asks while something lands that is not first in line any more


def overtaken() -> RunState:
    """Return a run in which `a` is landing when what a person has put first is let go on."""
    state = queue(opened(unvalidated("a", "b", "c")), "a", "b", "c")
    for command in c.MoveEntry("1", C, c.Spot.FIRST), c.HoldEntry("2", C):
        state = fold(state, *decide(state, command))
    state = board(state)
    assert A in {entry.task for entry in landable(state)}
    state = fold(state, *decide(state, c.ReleaseEntry("3", C)))
    assert ([C, A, B], ()) == ([entry.task for entry in in_order(state)], landable(state))
    return state


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (c.HoldEntry("1", A), "a is landing this very moment"),
        (c.WithdrawEntry("1", A), "a is landing this very moment"),
        (c.MoveEntry("1", A, c.Spot.LAST), "a is landing this very moment"),
        (c.CloseRun("1"), "something is landing this very moment"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, c.Command) else "",
)
def test_what_is_landing_is_not_taken_out_of_line_although_others_go_first_by_now(
    command: c.AnyCommand, why: str
):
    (refused,) = decide(overtaken(), command, [A])

    assert isinstance(refused, e.CommandRefused) and why == refused.why
    assert not [event for event in decide(overtaken(), command) if isinstance(event, e.CommandRefused)]


def test_another_may_be_held_meanwhile():
    assert [e.EntryHeld(B)] == decide(overtaken(), c.HoldEntry("1", B), [A])


def test_no_landing_is_taken_back_while_another_is_under_way():
    state = land(READY, "a")
    (refused,) = decide(state, c.UndoLanding("1", A), [B])

    assert isinstance(refused, e.CommandRefused) and "something is landing this very moment" == refused.why


def test_what_could_not_land_may_be_withdrawn_before_all_of_its_landing_is_reported():
    state = fold(READY, e.LandingBlocked(A, (".env",), "in the way", is_retried=False))

    assert [e.EntryWithdrawn(A)] == decide(state, c.WithdrawEntry("1", A), [A])


def test_what_adds_nothing_and_stands_between_those_that_land_is_not_moved_before_them():
    state = queue(board(opened(unvalidated("a", "b", "c")), "a"), "b")
    state = board(fold(state, candidate_built(state, "b", is_idle=True)), "c")
    assert [A, C] == [entry.task for entry in landable(state)]

    (refused,) = decide(state, c.MoveEntry("1", B, c.Spot.FIRST))
    assert isinstance(refused, e.CommandRefused)
    assert "a is landing this very moment, and b cannot go before it" == refused.why


def test_no_entry_is_moved_before_what_is_landing_where_a_suspect_is_before_it():
    """Who fails on top of the tip is validated once more beside the train, and keeps its place in line."""
    state = board(judge(opened(plan("s", "a", "b")), "t0", True), "s")
    state = judge(state, "t0+s", False)
    state = fold(state, e.ValidationScheduled(Sha("t0+s"), 2, Sha("c0+s"), (TaskId("s"),)))
    state = judge(board(state, "a"), "t0+a", True)
    state = queue(state, "b")
    assert (["s", "a", "b"], ["a"]) == (
        [entry.task for entry in in_order(state)],
        [entry.task for entry in landable(state)],
    )

    (refused,) = decide(state, c.MoveEntry("1", B, c.Spot.BEFORE, A))
    assert isinstance(refused, e.CommandRefused)
    assert "a is landing this very moment, and b cannot go before it" == refused.why
    assert [e.EntryMoved(TaskId("s"), (A, B, TaskId("s")))] == decide(
        state, c.MoveEntry("2", TaskId("s"), c.Spot.LAST)
    )
