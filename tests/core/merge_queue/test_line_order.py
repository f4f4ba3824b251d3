"""A person's say in the order of the merge queue: hold, release and move, and what is refused of that."""

from __future__ import annotations

import pytest

from porch_tui.core.merge_queue.order import in_order
from porch_tui.core.merge_queue.train import train
from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.commands import spelled
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import EntryStatus
from porch_tui.core.rules.decide import decide
from porch_tui.present.explain import needs, reason
from porch_tui.present.outcome import Outcome, QueueWord, outcome, queue_words
from tests.builders import (
    board,
    build,
    candidate_built,
    conflict,
    fold,
    judge,
    land,
    opened,
    plan,
    queue,
    settled,
    task,
)

A, B, C = TaskId("a"), TaskId("b"), TaskId("c")
THREE = queue(judge(opened(plan("a", "b", "c", task("urgent", priority=9))), "t0", True), "a", "b", "c")


def order(state: RunState) -> str:
    return " ".join(entry.task for entry in in_order(state))


def obey(state: RunState, *commands: c.AnyCommand) -> RunState:
    """Return the state after the run obeyed."""
    for command in commands:
        state = fold(state, *decide(state, command))
    return state


def refused(state: RunState, command: c.AnyCommand) -> str:
    (event,) = decide(state, command)
    assert isinstance(event, e.CommandRefused)
    return event.why


def move(name: str, to: c.Spot, other: str | None = None) -> c.MoveEntry:
    return c.MoveEntry("1", TaskId(name), to, TaskId(other) if other else None)


# --- hold and release


def test_what_is_held_is_out_of_line_and_the_others_are_merged_without_it() -> None:
    state = build(obey(THREE, c.HoldEntry("1", B)))

    assert "a c" == order(state)
    assert ("a", "c") == tuple(entry.task for entry in train(state).entries)


def test_what_is_released_has_the_place_it_had() -> None:
    state = obey(THREE, c.HoldEntry("1", A), c.ReleaseEntry("2", A))

    assert ("a b c", EntryStatus.QUEUED) == (order(state), state.entries[A].status)


def test_holding_what_is_being_validated_drops_what_covers_it_and_rebuilds_behind_it() -> None:
    state = settled(build(THREE))
    assert [("a", "b", "c")] == [flight.tasks for flight in state.validations.in_flight.values()]

    state = settled(obey(state, c.HoldEntry("1", A)))

    missing = train(state).missing
    assert {} == state.validations.in_flight
    assert missing is not None and (B, state.target.tip) == (missing.entry.task, missing.onto)


def test_a_held_entry_says_so_and_how_it_continues() -> None:
    state = obey(THREE, c.HoldEntry("1", A))

    assert (QueueWord.HELD, Outcome.HELD) == (queue_words(state)[A], outcome(state, A))
    assert "not merged until it is released" == reason(state, A)
    assert ["porch release a"] == [need.next for need in needs(state) if need.task == A]


def test_a_task_after_a_held_one_says_that_it_waits_for_it() -> None:
    state = queue(opened(plan("a", task("b", after=["a"]))), "a")

    assert "waits for a, which is held in the merge queue" == reason(obey(state, c.HoldEntry("1", A)), B)


def test_a_held_entry_may_be_withdrawn() -> None:
    state = obey(THREE, c.HoldEntry("1", A), c.WithdrawEntry("2", A))

    assert EntryStatus.WITHDRAWN is state.entries[A].status


def test_a_conflict_with_what_is_held_is_obsolete() -> None:
    state = conflict(fold(THREE, candidate_built(THREE, "a")), "b")

    assert EntryStatus.QUEUED is settled(obey(state, c.HoldEntry("1", A))).entries[B].status


LANDING = judge(board(judge(opened(plan("a", "b", "c")), "t0", True), "a", "b", "c"), "t0+a", True)


@pytest.mark.parametrize(
    ("state", "command", "why"),
    [
        (
            THREE,
            c.HoldEntry("1", TaskId("urgent")),
            "urgent has not started yet and is not in the merge queue",
        ),
        (obey(THREE, c.HoldEntry("0", A)), c.HoldEntry("1", A), "a is held already"),
        (THREE, c.ReleaseEntry("1", A), "a is not held; it is in the merge queue"),
        (LANDING, c.HoldEntry("1", A), "a is landing this very moment"),
        (land(LANDING, "a"), c.HoldEntry("1", A), "a has landed, so nothing is about to merge it"),
        (
            obey(THREE, c.HoldEntry("0", A)),
            move("a", c.Spot.FIRST),
            "a is held; release it first",
        ),
        (THREE, move("a", c.Spot.FIRST), "a is there already"),
        (THREE, move("a", c.Spot.BEFORE, "b"), "a is there already"),
        (THREE, move("c", c.Spot.LAST), "c is there already"),
        (THREE, move("a", c.Spot.BEFORE, "a"), "a cannot go before itself"),
        (THREE, move("a", c.Spot.BEFORE, "urgent"), "urgent is not queued for main"),
        (LANDING, move("a", c.Spot.LAST), "a is landing this very moment"),
        (
            LANDING,
            move("c", c.Spot.FIRST),
            "a is landing this very moment, and c cannot go before it",
        ),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_reason(
    state: RunState, command: c.AnyCommand, why: str
) -> None:
    assert why == refused(state, command)


def test_behind_what_is_landing_everybody_may_be_moved() -> None:
    assert "a c b" == order(obey(LANDING, move("c", c.Spot.BEFORE, "b")))


# --- move


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (move("c", c.Spot.FIRST), "c a b"),
        (move("a", c.Spot.LAST), "b c a"),
        (move("c", c.Spot.BEFORE, "b"), "a c b"),
        (move("a", c.Spot.BEFORE, "c"), "b a c"),
    ],
)
def test_an_entry_goes_where_it_is_put(command: c.MoveEntry, expected: str) -> None:
    assert expected == order(obey(THREE, command))


def test_one_move_after_the_other_gives_any_order() -> None:
    state = obey(THREE, move("c", c.Spot.FIRST), move("b", c.Spot.BEFORE, "a"), move("c", c.Spot.LAST))

    assert "b a c" == order(state)


def test_an_urgent_late_arrival_goes_behind_whom_a_person_put_first_and_before_the_others() -> None:
    assert "c urgent a b" == order(queue(obey(THREE, move("c", c.Spot.FIRST)), "urgent"))


def test_an_entry_moved_to_the_head_interrupts_what_is_validated_without_it() -> None:
    state = settled(build(THREE))

    state = settled(obey(state, move("c", c.Spot.FIRST)))

    missing = train(state).missing
    assert missing is not None and (C, state.target.tip) == (missing.entry.task, missing.onto)
    assert "c a b" == order(settled(build(state)))


def test_a_prefix_that_a_move_leaves_alone_continues_being_validated() -> None:
    state = opened(plan("a", "b", "c"), validate_jobs=3)
    state = settled(board(judge(state, "t0", True), "a", "b", "c"))
    assert "t0+a" in state.validations.in_flight

    state = settled(build(obey(state, move("c", c.Spot.BEFORE, "b"))))

    assert "t0+a" in state.validations.in_flight and "t0+a+c" in state.validations.in_flight


def test_a_place_is_lost_by_whoever_is_put_back_into_line() -> None:
    state = obey(THREE, move("c", c.Spot.FIRST), c.WithdrawEntry("2", C), c.RequeueEntry("3", C))

    assert "a b c" == order(state)


def test_a_place_outlives_a_hold() -> None:
    state = obey(THREE, move("c", c.Spot.FIRST), c.HoldEntry("2", C), c.ReleaseEntry("3", C))

    assert "c a b" == order(state)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (c.HoldEntry("1", A), "hold a"),
        (c.ReleaseEntry("1", A), "release a"),
        (move("a", c.Spot.FIRST), "move a --first"),
        (move("a", c.Spot.BEFORE, "b"), "move a --before b"),
    ],
)
def test_a_command_is_said_as_it_would_be_typed(command: c.AnyCommand, said: str) -> None:
    assert said == spelled(command)
