"""When an attempt waits for a person, and for how long it has."""

from __future__ import annotations

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import LaneName, Sha, TaskId
from porch_tui.core.model.state import Attempt, RunState
from porch_tui.core.rules.admit import admit
from porch_tui.core.rules.evolve import evolve
from porch_tui.present.explain import needs
from porch_tui.present.statuses import look, status_of
from tests.builders import attempt, failure, opened, plan, record, start

A, ONE = TaskId("a"), attempt("a")
CALL, ANSWER = e.AttemptWaits(ONE, "may I?"), e.AttemptAnswered(ONE)
ENDS = [
    e.AttemptSucceeded(ONE, Sha("h")),
    e.AttemptFailed(ONE, failure()),
    e.AttemptLimited(ONE, "usage limit"),
    e.AttemptLost(ONE, "was not heard of for 1h"),
    e.StopRequested(ONE),
]


def after(*events: tuple[float, e.AnyEvent]) -> RunState:
    state = start(opened(plan("a")), "a")
    zero = state.changed_at
    for at, event in events:
        state = evolve(state, record(event, at=zero + at))
    return state


def last(state: RunState) -> Attempt:
    found = state.tasks[A].attempt
    assert found is not None
    return found


def test_an_attempt_that_calls_waits_until_it_is_answered():
    called, answered = after((10, CALL)), after((10, CALL), (25, ANSWER))

    assert ("may I?", "waits for you") == (called.tasks[A].waits, look(status_of(called, A)).word)
    assert ["waits for you: may I?"] == [need.why for need in needs(called)]
    assert (None, "running", ()) == (
        answered.tasks[A].waits, look(status_of(answered, A)).word, needs(answered)
    )  # fmt: skip
    assert (15.0, None) == (last(answered).waited_s, last(answered).waits_since)


def test_other_words_do_not_begin_the_wait_again():
    state = after((10, CALL), (20, e.AttemptWaits(ONE, "may I delete it?")), (30, ANSWER), (40, CALL))

    assert 20.0 == last(state).waited_s and "may I?" == state.tasks[A].waits


def test_a_pause_is_no_time_of_waiting_and_the_call_outlasts_it():
    paused = after((10, CALL), (15, e.AttemptPaused(ONE)))
    assert (None, 5.0, ()) == (paused.tasks[A].waits, last(paused).waited_s, needs(paused))

    resumed = after((10, CALL), (15, e.AttemptPaused(ONE)), (100, e.AttemptResumed(ONE)), (101, ANSWER))
    assert 6.0 == last(resumed).waited_s

    typed = after((10, CALL), (15, e.AttemptPaused(ONE)), (20, ANSWER), (100, e.AttemptResumed(ONE)))
    assert typed.tasks[A].waits is None


def test_a_call_while_it_is_paused_counts_from_when_it_goes_on():
    state = after((10, e.AttemptPaused(ONE)), (11, CALL), (30, e.AttemptResumed(ONE)), (32, ANSWER))

    assert 2.0 == last(state).waited_s


@pytest.mark.parametrize("end", ENDS, ids=lambda end: type(end).__name__)
def test_what_is_over_or_stops_waits_for_no_one(end: e.AnyEvent):
    state = after((10, CALL), (14, end))

    assert (None, None, 4.0) == (state.tasks[A].waits, last(state).call, last(state).waited_s)
    assert [] == admit(state, CALL) and [] == admit(state, ANSWER)


def test_what_is_known_already_is_no_news():
    state = after((10, CALL))

    assert [] == admit(state, CALL) and [ANSWER] == admit(state, ANSWER)
    assert [e.AttemptWaits(ONE, "")] == admit(state, e.AttemptWaits(ONE, ""))
    assert [] == admit(state, e.AttemptWaits(attempt("a", 2), "late"))
    assert [] == admit(after(), ANSWER)


def test_an_attempt_that_goes_back_into_its_lane_has_not_waited():
    state = after((1, CALL), (2, e.AttemptReturned(ONE, LaneName("b.1"))))

    assert (None, None) == (state.tasks[A].attempt, state.tasks[A].waits)
