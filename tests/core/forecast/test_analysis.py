"""Whether parallel pays, and what the answer rests on."""

from __future__ import annotations

import pytest

from builders import plan, task, unvalidated
from porch_tui.core.forecast.analysis import Analysis, Machine, analyse
from porch_tui.core.forecast.estimates import EstimateFrom, History
from porch_tui.core.forecast.verdict import Mode
from porch_tui.core.model.copying import replace
from porch_tui.core.model.forecast import TaskTimes, Work
from porch_tui.core.model.plan import Plan, StepEstimates, TaskId, TaskSpec, from_shell

VALIDATED = StepEstimates(validate_s=2.0)


def known(**seconds: float) -> History:
    """Return a history of tasks that computed for so many seconds, and of a validation."""
    times = {TaskId(name): TaskTimes(run=Work(took_s)) for name, took_s in seconds.items()}
    return History(tasks=times, setup=Work(), validation=Work(2.0), runs=1)


def analysed(made: Plan, slots: int = 8, cores: int = 2, **seconds: float) -> Analysis:
    return analyse(made, Machine(slots, cores, history=known(**seconds) if seconds else History()))


def timed(seconds: float, *names: str) -> Plan:
    """Return a plan of tasks with this estimate."""
    return replace(plan(*(task(name, estimate_s=seconds) for name in names)), estimates=VALIDATED)


def test_three_tasks_of_a_minute_run_side_by_side():
    found = analysed(timed(60.0, *"abc"))

    assert found.mode is Mode.PARALLEL
    assert "3 substantial tasks" in found.reasons[1]


@pytest.mark.parametrize("history", [{}, dict.fromkeys("abc", 0.2)])
def test_three_short_tasks_run_one_by_one_with_and_without_history(history: dict[str, float]):
    found = analysed(timed(0.2, *"abc"), **history)

    assert found.mode is Mode.SERIAL
    assert "0 substantial tasks" in found.reasons[1]


def test_two_long_tasks_save_more_than_they_cost():
    found = analysed(timed(60.0, *"ab"))

    assert found.mode is Mode.PARALLEL
    assert "it saves" in found.reasons[2]
    assert "s, more than 1 s" in found.reasons[2]


@pytest.mark.parametrize("validate", [(), (from_shell("make test"),)])
def test_no_plan_of_guesses_gets_a_firm_verdict(validate: tuple[tuple[str, ...], ...]):
    found = analysed(plan(*"abc", validate=validate))

    assert found.mode is Mode.CANNOT_TELL
    assert found.times.break_even_s is not None
    assert "parallel pays if tasks take longer than" in found.reasons[0]
    assert found.times.parallel_range_s[0] < found.times.parallel_s < found.times.parallel_range_s[1]


def test_longer_than_the_break_even_pays_and_shorter_does_not():
    even_s = analysed(unvalidated(*"abc")).times.break_even_s

    assert even_s is not None
    assert analysed(replace(timed(even_s * 1.05, *"abc"), validate=())).mode is Mode.PARALLEL
    assert analysed(replace(timed(even_s * 0.95, *"abc"), validate=())).mode is Mode.SERIAL


def test_one_guess_among_long_tasks_leaves_the_verdict_firm():
    made = plan(*(task(name, estimate_s=600.0) for name in "abc"), "d")

    assert analysed(replace(made, estimates=VALIDATED)).mode is Mode.PARALLEL


def test_tasks_that_take_turns_for_one_lock_never_pay_however_long_they_take():
    found = analysed(unvalidated(*(task(name, locks=("db",)) for name in "abc")))

    assert found.mode is Mode.SERIAL


def test_a_chain_has_nothing_to_run_side_by_side():
    assert analysed(plan(task("a"), task("b", after=["a"]), task("c", after=["b"]))).mode is Mode.SERIAL


def test_one_task_runs_alone():
    assert analysed(plan("a")).reasons == ("there is only one task",)


def test_one_slot_is_serial():
    assert analysed(timed(60.0, *"ab"), slots=1).mode is Mode.SERIAL


def test_what_earlier_runs_took_outweighs_the_plan_and_the_unknown_is_a_guess():
    found = analysed(plan(task("a", estimate_s=100.0), task("b", estimate_s=20.0), "c"), a=8.0).estimates

    assert found[TaskId("a")].seconds == 8.0
    assert found[TaskId("b")].seconds == 20.0
    assert [EstimateFrom.HISTORY, EstimateFrom.PLAN, EstimateFrom.DEFAULT] == [
        found[TaskId(name)].source for name in "abc"
    ]
    assert found[TaskId("c")].low is not None
    assert found[TaskId("b")].low is None


def test_no_task_is_expected_to_take_longer_than_its_timeout():
    guessed = replace(task("a"), timeout_s=30.0)
    long = replace(task("b", estimate_s=100.0), timeout_s=30.0)
    asleep = replace(task("c"), command=from_shell("sleep 1000"), timeout_s=30.0)

    found = analysed(unvalidated(guessed, long, asleep)).estimates

    assert {one.seconds for one in found.values()} == {30.0}
    assert {one.range_s[1] for one in found.values()} == {30.0}


def test_a_command_that_computes_keeps_a_core_busy_and_one_that_sleeps_does_not():
    busy = [task(name, estimate_s=10.0) for name in "abcd"]
    asleep = [replace(one, command=from_shell("sleep 10; echo > x")) for one in busy]

    assert analysed(unvalidated(*busy)).times.parallel_s == pytest.approx(20, abs=1.5)
    assert analysed(unvalidated(*asleep)).times.parallel_s == pytest.approx(10, abs=1.5)


@pytest.mark.parametrize(
    "looping",
    [
        replace(task("a"), command=from_shell("until test -e go; do sleep 0.05; done")),
        replace(task("a"), command=("pi", "Run: sleep 0.05"), agent="pi", prompt="Run: sleep 0.05"),
    ],
)
def test_a_sleep_in_a_loop_or_a_prompt_does_not_say_how_long_a_task_takes(looping: TaskSpec):
    other = replace(looping, id=TaskId("b"), command=("unknown",))

    found = analysed(unvalidated(looping, other))

    assert found.cost[TaskId("a")] == found.cost[TaskId("b")]


def test_cpus_say_how_many_cores_a_task_keeps_busy():
    idle = [task(name, estimate_s=10.0, cpus=0.1) for name in "abcd"]

    assert analysed(unvalidated(*idle)).times.parallel_s == pytest.approx(10, abs=1.5)


def test_the_critical_path_is_the_most_expensive_chain():
    found = analysed(
        plan(task("a", estimate_s=5.0), task("b", estimate_s=1.0, after=["a"]), task("c", estimate_s=5.5)),
    )

    assert found.critical_path == ("a", "b")


def test_setup_and_checks_count_and_are_guessed_where_nothing_is_known():
    made = replace(
        timed(10.0, *"ab"),
        setup=(("make",),),
        tasks=tuple(replace(one, checks=(("make", "check"),)) for one in timed(10.0, *"ab").tasks),
    )
    steps = StepEstimates(setup_s=4.0, checks_s=6.0, validate_s=1.0)

    guessed, said = analysed(made), analysed(replace(made, estimates=steps))

    assert said.cost == {"a": 20.0, "b": 20.0}
    assert said.times.guessed == ()
    assert guessed.times.guessed == ("setup of 2 tasks", "checks of 2 tasks")


def test_the_best_number_of_slots_is_the_smallest_that_is_as_good():
    made = unvalidated(*(task(name, estimate_s=10.0) for name in "abcdef"))

    found = analyse(made, Machine(8, 2), compares_slots=True).times

    assert found.best_slots == 2
    assert dict(found.by_slots)[1] == pytest.approx(found.serial_s)


def test_one_slot_takes_as_long_as_one_by_one_also_where_paths_make_an_order():
    made = unvalidated(*(task(name, estimate_s=10.0, paths=("one.py",)) for name in "abc"))

    found = analyse(made, Machine(8, 2), compares_slots=True)

    assert found.soft_orders != ()
    assert dict(found.times.by_slots)[1] == pytest.approx(found.times.serial_s)
