"""What the world should be doing: a projection of the state, whatever happened before."""

from __future__ import annotations

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.rules import effects as f
from porch_tui.core.rules.effects import wanted
from porch_tui.core.rules.ending import is_at_rest
from tests.builders import (
    attempt,
    board,
    candidate_built,
    conflict,
    fold,
    judge,
    land,
    opened,
    plan,
    queue,
    scheduled,
    settled,
    start,
    succeed,
    unvalidated,
)

A, ONE = TaskId("a"), attempt("a")
FIRST = opened(plan("a"))
RUN = f.RunAttempt(ONE, Sha("c0"), slot=0)


def test_an_attempt_runs_from_the_moment_it_is_scheduled_until_it_ends():
    assert {RUN} == wanted(fold(FIRST, scheduled("a"))) == wanted(start(FIRST, "a"))
    assert RUN not in wanted(succeed(FIRST, "a"))


def test_a_paused_attempt_is_run_and_held():
    assert {RUN, f.FreezeAttempt(ONE)} == wanted(fold(start(FIRST, "a"), e.AttemptPaused(ONE)))


def test_a_validation_is_frozen_while_the_run_is_paused():
    validating = board(opened(plan("a")), "a")
    flight = f.FreezeValidation(Sha("t0"), 1)

    paused = settled(fold(validating, e.RunPaused()))

    assert flight not in wanted(settled(validating))
    assert flight in wanted(settled(fold(settled(validating), e.RunPaused())))
    assert not paused.validations.in_flight, "it begins although the run is paused"
    assert not is_at_rest(paused), "somebody has to say that it goes on"


def test_a_stopping_attempt_is_only_stopped():
    """An effect of its own: it survives a crash between `stop` and `stopped`."""
    assert {f.StopAttempt(ONE)} == wanted(fold(start(FIRST, "a"), e.StopRequested(ONE)))


def test_one_candidate_is_built_at_a_time_each_on_top_of_the_one_ahead():
    state = queue(opened(plan("a", "b")), "a", "b")
    second = fold(state, candidate_built(state, "a"))

    assert {f.BuildCandidate(A, Sha("h:a"), Sha("c0"), (), None)} == wanted(state)
    assert {f.BuildCandidate(TaskId("b"), Sha("h:b"), Sha("c0+a"), (A,), None)} == wanted(second)


def test_a_resolution_is_applied_and_then_built_with():
    state = fold(conflict(queue(FIRST, "a"), "a"), e.ResolutionGiven(A, "record-1"))
    resolved = fold(state, e.ConflictResolved(A))

    assert {f.ApplyResolution(A, Sha("h:a"), "record-1")} == wanted(state)
    assert {f.BuildCandidate(A, Sha("h:a"), Sha("c0"), (), "record-1")} == wanted(resolved)


def test_what_is_scheduled_is_validated_until_the_verdict():
    first = judge(FIRST, "t0", True)
    state = fold(board(first, "a"), e.ValidationScheduled(Sha("t0+a"), 1, Sha("c0+a"), (A,)))

    assert {f.ValidateCandidate(Sha("t0+a"), 1, Sha("c0+a"), (A,))} == wanted(state)
    assert {f.LandTrain} == {type(effect) for effect in wanted(judge(state, "t0+a", True))}


def test_the_longest_passing_prefix_is_landed_in_one_transaction():
    first = judge(opened(plan("a", "b", "c")), "t0", True)
    (effect,) = wanted(judge(board(first, "a", "b", "c"), "t0+a+b", True))

    assert isinstance(effect, f.LandTrain)
    assert ("c0", ["a", "b"]) == (effect.onto, [link.task for link in effect.links])
    assert ["t0+a", "t0+a+b"] == [link.tree for link in effect.links]


def test_nothing_lands_before_the_base_has_been_judged():
    state = judge(board(FIRST, "a"), "t0+a", True)

    assert not wanted(state)
    assert {f.LandTrain} == {type(effect) for effect in wanted(judge(state, "t0", False))}


def test_half_a_chain_landed_the_other_half_is_wanted_on_top_of_the_new_tip():
    state = judge(board(opened(plan("a", "b")), "a", "b"), "t0+a+b", True)
    (effect,) = wanted(land(state, "a"))

    assert isinstance(effect, f.LandTrain)
    assert ("c0+a", ["b"]) == (effect.onto, [link.task for link in effect.links])


def test_a_blocked_landing_waits_for_the_checkout_only_if_it_is_tried_again_automatically():
    def blocked(is_retried: bool) -> RunState:
        return fold(board(FIRST, "a"), e.LandingBlocked(A, (".env",), "in the way", is_retried))

    assert {f.AwaitCheckout(A)} == wanted(blocked(is_retried=True))
    assert frozenset() == wanted(blocked(is_retried=False))


def test_nothing_is_wanted_of_a_closed_run():
    assert frozenset() == wanted(fold(start(FIRST, "a"), e.RunClosed()))


def test_a_run_is_at_rest_when_all_has_landed():
    assert is_at_rest(settled(land(board(opened(unvalidated("a")), "a"), "a")))


def test_a_run_whose_landing_waits_for_the_persons_files_is_at_rest():
    blocked = e.LandingBlocked(A, (".env",), "in the way", is_retried=True)

    assert is_at_rest(fold(board(FIRST, "a"), blocked))


def test_a_pause_that_holds_something_back_is_no_rest():
    assert not is_at_rest(fold(FIRST, e.RunPaused()))


def test_a_closed_run_is_at_rest_though_it_was_paused():
    assert is_at_rest(fold(FIRST, e.RunPaused(), e.RunClosed()))


def test_a_replayed_state_wants_what_the_live_one_wanted():
    """No memory of its own: what is due after a crash is what was due before."""
    state = start(opened(plan("a", "b")), "a", "b")

    assert wanted(state) == wanted(start(start(opened(plan("a", "b")), "a"), "b"))


def test_one_that_is_to_end_at_once_is_asked_again_without_grace():
    asked = fold(start(FIRST, "a"), e.StopRequested(ONE), e.StopRequested(ONE, kill_now=True))

    assert {f.StopAttempt(ONE, kill_now=True)} == wanted(asked)
