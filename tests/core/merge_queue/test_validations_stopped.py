"""A validation that a person stops has no verdict: no one is blamed, nothing lands, nothing begins again."""

from __future__ import annotations

from porch_tui.core.merge_queue.ad_hoc_validation import current, described
from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import EntryStatus as E
from porch_tui.core.rules.decide import decide
from porch_tui.core.rules.effects import FreezeValidation, LandTrain, wanted
from porch_tui.core.rules.ending import is_at_rest
from porch_tui.present.explain import needs, reason
from tests.builders import board, fold, judge, land, opened, plan, settled, statuses

A, B, C = TaskId("a"), TaskId("b"), TaskId("c")


def validating(*names: str) -> RunState:
    """Return a run in which these are validated together, on top of a tip that passes."""
    return settled(judge(board(opened(plan(*names), validate_jobs=1), *names), "t0", True))


def stop(state: RunState, name: str) -> RunState:
    return settled(fold(state, *decide(state, c.StopValidation("1", TaskId(name)))))


def refusal(state: RunState, command: c.AnyCommand) -> str:
    [event] = decide(state, command)
    assert isinstance(event, e.CommandRefused)
    return event.why


def test_it_has_no_verdict_and_no_task_is_blamed():
    state = stop(validating("a"), "a")

    assert {"a": E.VALIDATION_STOPPED} == statuses(state)
    assert "its validation was stopped" == reason(state, A)
    assert [Sha("t0")] == list(state.validations.verdicts)


def test_it_is_not_begun_again_until_it_is_resumed():
    state = stop(validating("a"), "a")

    assert not state.validations.in_flight and is_at_rest(state)
    assert ["porch requeue a"] == [need.next for need in needs(state)]
    back = settled(fold(state, e.EntryRequeued(A)))
    assert E.QUEUED is back.entries[A].status


def test_what_was_judged_together_with_it_continues_without_it():
    state = stop(validating("a", "b", "c"), "b")

    assert {"a": E.READY, "b": E.VALIDATION_STOPPED, "c": E.READY} == statuses(state)
    assert all(B not in flight.tasks for flight in state.validations.in_flight.values())


def test_nothing_lands_by_it():
    state = stop(validating("a"), "a")

    assert not [effect for effect in wanted(state) if isinstance(effect, LandTrain)]


def test_a_task_that_is_not_being_validated_is_reported():
    assert "nothing is being validated" == refusal(opened(plan("a")), c.StopValidations("1"))
    assert "a is not being validated" == refusal(opened(plan("a")), c.StopValidation("1", A))


def test_what_has_landed_is_not_judged_now_by_what_continues_for_the_others():
    both = board(opened(plan("a", "b"), validate_jobs=2), "a", "b")
    state = settled(judge(both, "t0", True))
    state = settled(land(fold(state, e.ValidationPassed(Sha("t0+a"), 1)), "a"))
    assert any(A in flight.tasks for flight in state.validations.in_flight.values())

    assert "a is not being validated" == refusal(state, c.StopValidation("1", A))


def test_where_the_target_itself_is_validated_that_is_said():
    state = settled(board(opened(plan("a"), validate_jobs=1), "a"))

    assert "main itself is; without TASK" in refusal(state, c.StopValidation("1", A))


def test_all_of_them_stop_and_the_run_is_paused_until_it_is_resumed():
    state = settled(board(opened(plan("a"), validate_jobs=1), "a"))

    stopped = settled(fold(state, *decide(state, c.StopValidations("1"))))

    assert stopped.is_paused and not stopped.validations.in_flight and not is_at_rest(stopped)
    assert {"a": E.READY} == statuses(stopped), "no entry leaves the queue"
    again = settled(fold(stopped, e.RunResumed()))
    assert [Sha("t0")] == list(again.validations.in_flight) and 2 == again.validations.in_flight[
        Sha("t0")
    ].number


def test_an_ad_hoc_validation_continues_while_the_run_is_paused_and_can_be_stopped():
    state = fold(validating("a"), *decide(validating("a"), c.StopValidation("1", A)), e.RunPaused())
    state = settled(fold(state, *decide(state, c.ValidateEntry("2", A))))
    state = settled(fold(state, e.AdHocValidationBuilt(A, (), (Sha("h:a"),), Sha("h:a"), Sha("t:h:a"))))
    assert [Sha("t:h:a")] == list(state.validations.in_flight)
    assert FreezeValidation(Sha("t:h:a"), 1) not in wanted(state)

    state = stop(state, "a")

    assert ["cannot be judged alone: it was stopped"] == [described(trial) for trial in current(state)]
    assert not state.validations.in_flight
