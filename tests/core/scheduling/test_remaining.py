"""How long a run still takes follows from what was expected, and from how far it has come."""

from __future__ import annotations

import pytest

from builders import (
    asking,
    failure,
    fold,
    hypothesis,
    judged,
    opened,
    plan,
    queue,
    start,
    succeed,
    task,
    theory,
    unvalidated,
    with_validations,
)
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.forecast import Costs, Predicted, PredictedTask, TaskTimes, Work
from porch_tui.core.model.plan import OpenStdin, Sha, TaskId, Terminal
from porch_tui.core.model.state import RunState, Verdict
from porch_tui.core.scheduling.remaining import remaining_s

FREE = Costs(*[0.0] * 8)


def expected(
    state: RunState,
    seconds: float = 60.0,
    *,
    is_guess: bool = False,
    validation: Work = Work(wait_s=20.0),  # noqa: B008
) -> Predicted:
    """Return a prediction in which each task waits for so long, and porch itself takes no time."""
    times = TaskTimes(run=Work(wait_s=seconds))
    tasks = tuple(PredictedTask(name, 0.0, 0.0, times, is_guess) for name in state.tasks)
    return Predicted("parallel", 0.0, (0.0, 0.0), 0.0, 0.0, tasks, validation, costs=FREE)


def left_s(state: RunState, prediction: Predicted | None = None, after_s: float = 0.0) -> float | None:
    return remaining_s(state, prediction or expected(state), state.changed_at + after_s)


def test_a_run_that_has_just_begun_takes_as_long_as_was_expected():
    assert left_s(opened(unvalidated(*"abc"), slots=1)) == pytest.approx(180)
    assert left_s(opened(unvalidated(*"abc"), slots=3)) == pytest.approx(60)


def test_what_runs_takes_what_is_left_of_it():
    assert left_s(start(opened(unvalidated("a")), "a"), after_s=45) == pytest.approx(15)


def test_what_takes_longer_than_expected_is_expected_to_take_longer_still():
    left = left_s(start(opened(unvalidated("a")), "a"), after_s=100)

    assert left == pytest.approx(25)


def test_what_is_queued_is_still_validated_and_what_comes_after_it_waits_for_that():
    state = queue(opened(plan("a", task("b", after=["a"]))), "a")
    state = with_validations(state, verdicts={Sha("t0"): Verdict(has_passed=True, tries=1, tasks=())})

    assert left_s(state) == pytest.approx(20 + 60 + 20)


def test_what_has_failed_and_what_comes_after_it_takes_no_more_time():
    state = fold(
        start(opened(unvalidated("a", task("b", after=["a"]), "c")), "a"),
        e.AttemptFailed(e.AttemptId(TaskId("a"), 1), failure()),
    )

    assert left_s(state) == pytest.approx(60)


def test_guesses_become_what_the_first_tasks_took():
    state = start(opened(unvalidated("a", "b"), slots=1), "a")
    used = e.Used(wall_s=7.0)
    state = fold(state, e.AttemptSucceeded(e.AttemptId(TaskId("a"), 1), Sha("h"), used))

    assert left_s(state, expected(state, is_guess=True)) == pytest.approx(7)
    assert left_s(state, expected(state)) == pytest.approx(60)


def test_nothing_is_said_as_long_as_all_that_is_known_of_a_task_is_a_guess():
    state = start(opened(unvalidated("a", "b"), slots=2), "a", "b")
    guessed = expected(state, is_guess=True)
    known_b = replace(guessed, tasks=tuple(replace(one, is_guess=one.task == "a") for one in guessed.tasks))

    assert left_s(state, guessed) is None
    assert left_s(state, known_b) is None
    ended = fold(state, e.AttemptFailed(e.AttemptId(TaskId("a"), 1), failure()))
    assert left_s(ended, known_b) == pytest.approx(59)


def test_validating_takes_as_long_as_it_took_in_this_run():
    state = queue(opened(plan("a")), "a")
    passed = Verdict(has_passed=True, tries=2, tasks=())
    state = with_validations(state, verdicts={Sha("t0"): passed}, used=e.Used(wall_s=3.0))

    assert left_s(state) == pytest.approx(1.5)


def test_of_a_run_that_is_paused_or_over_nothing_is_said():
    state = opened(unvalidated("a"))

    assert left_s(replace(state, is_paused=True)) is None
    assert left_s(replace(state, closed_at=1.0)) is None
    assert left_s(fold(start(state, "a"), e.AttemptFailed(e.AttemptId(TaskId("a"), 1), failure()))) is None


def hypothesis_expected(state: RunState) -> Predicted:
    """Return a prediction in which judging once takes five seconds."""
    judges = {one.name: Work(wait_s=5.0) for one in state.plan.hypotheses}
    return replace(expected(state), judges=judges)


def test_theories_that_are_done_are_still_judged_before_one_of_them_lands():
    state = succeed(opened(asking(theory("a"), theory("b"), hypothesis(repeat=2)), slots=2), "a", "b")

    assert left_s(state, hypothesis_expected(state)) == pytest.approx(6 * 5)


def test_judgements_that_are_done_are_not_expected_again():
    state = succeed(opened(asking(theory("a"), theory("b"), hypothesis(repeat=2)), slots=2), "a", "b")
    state = judged(state, 5.0, 3.0)

    assert left_s(state, hypothesis_expected(state)) == pytest.approx(4 * 5)


def test_once_a_hypothesis_is_decided_its_winner_has_to_land_only():
    state = succeed(opened(asking(theory("a"), hypothesis(repeat=1), "other"), slots=1), "a")
    state = judged(state, 5.0, 3.0)

    assert left_s(state, hypothesis_expected(state)) == pytest.approx(60)


@pytest.mark.parametrize("how", [{"terminal": Terminal()}, {"open_stdin": OpenStdin()}])
def test_nothing_is_expected_while_a_person_decides_when_a_task_ends(how):
    made = plan(task("shell", **how), task("other"))
    state = start(opened(made), "shell", "other")

    assert left_s(state) is None
    assert left_s(succeed(state, "shell")) is not None

    known = plan(task("shell", estimate_s=600.0, **how), task("other"))
    assert left_s(start(opened(known), "shell", "other")) is not None
