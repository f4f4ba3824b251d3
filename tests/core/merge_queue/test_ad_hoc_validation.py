"""Validations asked for by hand: beside the train, reported and never landed, run again when asked again."""

from __future__ import annotations

import pytest

from porch_tui.core.merge_queue.ad_hoc_validation import current, described
from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Kind, Sha, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.admit import admit
from porch_tui.core.rules.decide import decide
from porch_tui.core.rules.effects import BuildAdHocValidation, LandTrain, wanted
from porch_tui.core.rules.ending import is_at_rest
from porch_tui.core.rules.settle import settle
from tests.builders import (
    board,
    conflict,
    ended,
    fold,
    judge,
    land,
    opened,
    plan,
    queue,
    running,
    settled,
    start,
    succeed,
    task,
    unvalidated,
    with_validations,
)

A, B = TaskId("a"), TaskId("b")
HEADS = Sha("h:a"), Sha("h:b")
TREE = Sha("t:a+b")
BUILT = e.AdHocValidationBuilt(B, (A,), HEADS, Sha("c:a+b"), TREE)


def parked() -> RunState:
    """Return a run whose `a` and `b` are in conflict with something each: nothing is on the train."""
    state = judge(opened(plan("a", "b")), "t0", True)
    return settled(conflict(conflict(queue(state, "a", "b"), "a"), "b"))


def ask(state: RunState, name: str = "b", *on_top_of: str) -> RunState:
    """Return the state after a trial was asked for."""
    command = c.ValidateEntry("1", TaskId(name), tuple(map(TaskId, on_top_of)))
    return settled(fold(state, *decide(state, command)))


def found(state: RunState) -> list[str]:
    """Return what the trials have found."""
    return [described(trial) for trial in current(state)]


def refusal(state: RunState, name: str, *on_top_of: str) -> str:
    """Return why a trial is refused."""
    (event,) = decide(state, c.ValidateEntry("1", TaskId(name), tuple(map(TaskId, on_top_of))))
    assert isinstance(event, e.CommandRefused)
    return event.why


def test_what_was_asked_for_is_built_validated_and_reported():
    state = ask(parked(), "b", "a")
    assert {BuildAdHocValidation(B, (A,), HEADS)} == wanted(state)

    state = settled(fold(state, *admit(state, BUILT)))

    assert [(TREE, True)] == [
        (flight.tree, flight.is_probe) for flight in state.validations.in_flight.values()
    ]
    assert ["is being validated on top of a"] == found(state)
    assert ["fails on top of a: exit 1"] == found(settled(ended(state, TREE, False)))
    assert ["passes on top of a"] == found(settled(ended(state, TREE, True)))
    assert ["cannot be judged on top of a: exit 125"] == found(
        settled(ended(state, TREE, False, exit_code=125))
    )


def test_an_ad_hoc_validation_that_fails_blames_no_task_and_one_that_passes_lands_nothing():
    state = settled(fold(ask(parked(), "b", "a"), BUILT))

    for passes in (True, False):
        after = settled(ended(state, TREE, passes))
        assert (state.entries, ()) == (after.entries, after.target.landed)
        assert is_at_rest(after)


def test_heads_that_do_not_merge_are_the_answer():
    event = e.AdHocValidationImpossible(B, (A,), HEADS, ("f",), "does not merge on top of a: conflict in f")
    state = ask(parked(), "b", "a")

    state = settled(fold(state, *admit(state, event)))

    assert ["does not merge on top of a: conflict in f"] == found(state)
    assert is_at_rest(state)


def test_what_is_known_of_the_tree_is_the_answer_until_it_is_asked_again():
    state = settled(ended(settled(fold(ask(parked(), "b", "a"), BUILT)), TREE, True))

    state = ask(state, "b", "a")

    assert ["is being validated on top of a"] == found(state)
    assert [2] == [flight.number for flight in state.validations.in_flight.values()]
    state = settled(ended(state, TREE, False))
    assert ["fails on top of a: exit 1"] == found(state)
    assert state.validations.verdicts[TREE].has_passed, "what the queue has seen pass was unseated by a probe"


def test_what_the_queue_found_is_the_answer_at_once():
    state = judge(opened(plan("a")), "t0", True)
    state = settled(land(judge(board(state, "a"), "t0+a", True), "a"))
    state = ask(state, "a")

    state = settled(fold(state, e.AdHocValidationBuilt(A, (), (Sha("h:a"),), Sha("h:a"), Sha("t0+a"))))

    assert ["passes alone"] == found(state)
    assert {} == state.validations.in_flight


def test_asked_for_twice_at_once_it_is_run_once():
    state = settled(fold(ask(parked(), "b", "a"), BUILT))

    assert state.validations.in_flight == ask(state, "b", "a").validations.in_flight
    assert 1 == len(ask(state, "b", "a").ad_hoc_validations)


def test_the_train_goes_first_and_an_ad_hoc_validation_takes_the_worker_it_leaves():
    built = e.AdHocValidationBuilt(B, (), (HEADS[1],), HEADS[1], Sha("t:b"))
    state = settled(fold(ask(queue(opened(plan("a", "b"), validate_jobs=2), "a", "b"), "b"), built))

    flights = state.validations.in_flight.values()
    assert {Sha("t0"): False, Sha("t:b"): True} == {flight.tree: flight.is_probe for flight in flights}
    assert [Sha("t0")] == list(settled(with_validations(state, jobs=1, in_flight={})).validations.in_flight)


def test_an_ad_hoc_validation_waits_for_no_task_and_no_pause_and_is_not_dropped():
    state = start(judge(opened(plan("a", "b", "slow")), "t0", True), "slow")
    state = fold(conflict(conflict(queue(state, "a", "b"), "a"), "b"), e.RunPaused())
    state = settled(fold(ask(state, "b", "a"), BUILT))

    state = settled(fold(state, e.EntryRequeued(A)))

    assert [TREE] == list(state.validations.in_flight)
    assert not [one for one in settle(state) if isinstance(one, e.ValidationDropped)]


def test_what_is_begun_again_is_tried_no_more():
    state = settled(fold(ask(parked(), "b", "a"), BUILT))

    state = settled(fold(state, e.TaskRetried(A, is_automatic=False)))

    assert [] == found(state)
    assert {} == state.validations.in_flight
    assert [] == admit(state, BUILT)


def test_an_ad_hoc_validation_of_what_has_landed_lands_nothing_again():
    state = settled(land(judge(board(judge(opened(plan("a")), "t0", True), "a"), "t0+a", True), "a"))

    assert not [one for one in wanted(ask(state, "a")) if isinstance(one, LandTrain)]


@pytest.mark.parametrize(
    ("state", "words", "why"),
    [
        (running("b"), ["b"], "b is running, so it has no head yet that could be validated"),
        (parked(), ["b", "b"], "b cannot be validated on top of itself"),
        (parked(), ["b", "c"], "the run has no task 'c'"),
        (
            board(opened(unvalidated("b")), "b"),
            ["b"],
            "the plan has no validate:, so there is nothing to find out",
        ),
        (
            succeed(opened(plan(task("b", kind=Kind.CHECK))), "b"),
            ["b"],
            "b is a check: it has no work that could be merged",
        ),
        (fold(parked(), e.RunClosed()), ["b"], "the run is closed"),
    ],
)
def test_what_cannot_be_tried_is_refused_in_a_sentence(state: RunState, words: list[str], why: str):
    assert why == refusal(state, *words)
