"""The report has what was expected of a run beside what came."""

from __future__ import annotations

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.forecast import Predicted, PredictedTask, TaskTimes, Work
from porch_tui.core.model.plan import Hypothesis, HypothesisName, Kind, TaskId
from porch_tui.present.summary import Summary, actual_times
from porch_tui.report.sections.forecast_outcome import forecast_document, forecast_section
from tests.report.tale import Tale, a_plan, spec


def summary_of_two(*, is_guess: bool = False, all_land: bool = True) -> Summary:
    """Return a run of two checks that was expected to take ten seconds and took eleven."""
    tale = Tale(a_plan(spec("unit", kind=Kind.CHECK), spec("style", kind=Kind.CHECK)))
    tale.start(0.5, "unit", "style").succeed(8.0, "style")
    if all_land:
        tale.succeed(11.0, "unit")
    times = TaskTimes(run=Work(wait_s=10.0))
    tasks = tuple(PredictedTask(TaskId(name), 0.0, 10.0, times, is_guess) for name in ("unit", "style"))
    ends_s = (5.0, 60.0) if is_guess else (10.0, 10.0)
    predicted = Predicted("parallel", 10.0, ends_s, 20.0, 10.0, tasks)
    summary = tale.summary
    return replace(summary, started_with=replace(summary.started_with, predicted=predicted))


def first_sentence(summary: Summary) -> str:
    (section,) = forecast_section(summary)
    return section.blocks[0].text  # type: ignore[union-attr]


def test_it_says_how_far_off_the_forecast_was():
    assert first_sentence(summary_of_two()) == "Expected 10.0s, took 11.0s (+10%)."
    assert first_sentence(summary_of_two(is_guess=True)) == "Expected 5.0s to 1m00s, took 11.0s."


def test_a_run_in_which_not_all_went_well_is_not_compared():
    assert "nothing to compare" in first_sentence(summary_of_two(all_land=False))


def test_each_task_is_listed_with_both_times():
    document = forecast_document(summary_of_two())

    assert document is not None
    assert document["took_s"] == pytest.approx(11.0)
    assert [(one["done_s"], one["was_done_s"]) for one in document["tasks"]] == [(10.0, 11.0), (10.0, 8.0)]  # type: ignore[attr-defined]


def test_a_theory_that_does_not_land_is_done_when_its_hypothesis_is_decided():
    slow = HypothesisName("slow")
    question = Hypothesis(slow, "Why?", ("./judge",), lands=False)
    theories = tuple(replace(spec(name, kind=Kind.HYPOTHESIS), of=slow) for name in ("fast", "never"))
    tale = Tale(replace(a_plan(*theories, is_validated=False), hypotheses=(question,)))
    tale.start(0.5, "fast", "never").succeed(4.0, "fast")
    tale.at(5.0, e.JudgementEnded(slow, 1, why="exit 1")).at(7.0, e.JudgementEnded(slow, 2))

    actual = actual_times(tale.summary)

    assert tale.state.hypotheses[slow].winner == "fast"
    assert [actual[theory.id].done_s for theory in theories] == pytest.approx([7.0, 7.0])


def test_a_run_that_kept_no_forecast_has_no_such_section():
    summary = summary_of_two()
    old = replace(summary, started_with=replace(summary.started_with, predicted=None))

    assert forecast_section(old) == ()
    assert forecast_document(old) is None
