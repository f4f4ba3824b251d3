"""Theories are judged in a simulated run as the engine judges them, and what waits for that waits."""

from __future__ import annotations

import pytest

from builders import asking, hypothesis, task, theory
from porch_tui.core.forecast.in_sequence import in_sequence
from porch_tui.core.forecast.simulation import Begun, Course, Setting, Slots, simulate
from porch_tui.core.model.copying import replace
from porch_tui.core.model.forecast import Costs, TaskTimes, Work
from porch_tui.core.model.plan import HypothesisName, Plan, TaskId, Want
from porch_tui.core.tasks.graph import topological

SLOW = HypothesisName("slow")
FREE = Costs(*[0.0] * 8)
"""Porch itself takes no time."""


def setting(made: Plan, work: Work = Work(wait_s=10.0)) -> Setting:  # noqa: B008
    """Return a setting in which each command takes ten seconds, and a judge three."""
    times = {spec.id: TaskTimes(run=work) for spec in made.tasks}
    judges = {one.name: Work(wait_s=3.0) for one in made.hypotheses}
    return Setting(made, times, cores=2, jobs=2, costs=FREE, judges=judges)


def course(*parts: object, slots: int = 8) -> Course:
    return simulate(setting(asking(*parts)), Slots(slots))  # type: ignore[arg-type]


def test_theories_and_the_base_are_measured_in_turns_and_one_of_them_lands():
    found = course(theory("a"), theory("b"), hypothesis(repeat=2))

    assert found.ends == {"a": 10, "b": 10}
    assert found.landed == {"a": 28, "b": 28}
    assert found.wall_s == 28


def test_what_is_ready_meanwhile_waits_for_the_last_measurement():
    found = course(theory("a"), task("other"), task("later"), hypothesis(repeat=1), slots=1)

    assert found.starts["a"] == 0
    assert {found.starts["other"], found.starts["later"]} == {16, 26}


def test_a_measurement_waits_until_no_task_runs():
    made = setting(asking(theory("a"), task("long"), hypothesis(repeat=1)))
    times = {**made.times, TaskId("long"): TaskTimes(run=Work(wait_s=50.0))}

    assert simulate(replace(made, times=times), Slots(2)).landed["a"] == 56


def test_no_validation_begins_while_theories_are_measured():
    plan = replace(asking(theory("a"), task("other"), hypothesis(repeat=1)), validate=(("true",),))
    made = replace(setting(plan), validation=Work(wait_s=4.0), is_base_known=True)
    times = {**made.times, TaskId("a"): TaskTimes(run=Work(wait_s=9.0))}

    found = simulate(replace(made, times=times), Slots(2))

    assert found.landed["other"] > 16


def test_what_comes_after_a_hypothesis_starts_when_its_winner_has_landed():
    plan = replace(
        asking(theory("a"), theory("b"), task("z", after_hypotheses=["slow"]), hypothesis(repeat=1)),
        validate=(("true",),),
    )

    found = simulate(replace(setting(plan), validation=Work(wait_s=5.0), is_base_known=True), Slots(8))

    assert found.starts["z"] == 10 + 9 + 5


def test_where_nothing_is_to_land_it_starts_when_the_winner_is_known():
    found = course(theory("a"), task("z", after_hypotheses=["slow"]), hypothesis(lands=False, repeat=1))

    assert found.starts["z"] == 16
    assert found.landed["a"] == 16


def test_judges_that_let_pass_run_beside_other_theories():
    made = setting(asking(theory("a"), theory("b"), hypothesis(want=Want.PASS)))
    times = {**made.times, TaskId("b"): TaskTimes(run=Work(wait_s=20.0))}

    found = simulate(replace(made, times=times), Slots(2))

    assert found.landed == {"a": 23, "b": 23}  # the base was judged at once, a at 10, b at 20


def test_one_by_one_of_large_plans_counts_judges_too():
    made = setting(asking(theory("a"), theory("b"), hypothesis(repeat=2)))

    assert in_sequence(made, topological(made.plan)).wall_s == 38


def test_a_run_goes_on_with_the_judgements_that_are_left():
    made = setting(asking(theory("a"), theory("b"), hypothesis(repeat=2)))
    begun = Begun(ended=(TaskId("a"), TaskId("b")), judged={SLOW: 4.5})

    assert simulate(made, Slots(2), begun).wall_s == pytest.approx(4.5)


def test_a_theory_that_failed_is_not_judged():
    made = setting(asking(theory("a"), theory("b"), hypothesis(repeat=2)))
    begun = Begun(over=frozenset([TaskId("b")]), ended=(TaskId("a"),))

    assert simulate(made, Slots(2), begun).wall_s == 12


def test_a_hypothesis_that_is_decided_waits_for_the_landing_of_its_winner_only():
    made = setting(asking(theory("a"), theory("b"), task("z", after_hypotheses=["slow"]), hypothesis()))
    begun = Begun(over=frozenset([TaskId("b")]), queued=(TaskId("a"),))

    assert simulate(made, Slots(2), begun).wall_s == 10
