"""Whether parallel pays, and what the answer rests on."""

from __future__ import annotations

from builders import plan, task
from porch_tui.core.analysis.analysis import EstimateFrom, Machine, Mode, analyse, makespan
from porch_tui.core.model.copying import replace
from porch_tui.core.model.events import SoftOrder
from porch_tui.core.model.plan import Plan, TaskId


def machine(slots: int = 4, worktree_s: float = 0.1, **history: float) -> Machine:
    return Machine(slots, worktree_s, {TaskId(name): seconds for name, seconds in history.items()})


def test_independent_tasks_run_side_by_side():
    assert analyse(plan("a", "b", "c"), machine()).mode is Mode.PARALLEL


def test_a_chain_has_nothing_to_run_side_by_side():
    chain = plan(task("a"), task("b", after=["a"]), task("c", after=["b"]))

    assert analyse(chain, machine()).mode is Mode.SERIAL


def test_one_task_runs_alone():
    assert analyse(plan("a"), machine()).reasons == ("there is only one task",)


def test_tasks_shorter_than_their_worktrees_take_gain_nothing():
    quick = plan(*(task(name, estimate_s=0.1) for name in "abc"))

    found = analyse(quick, machine(worktree_s=5.0))

    assert found.mode is Mode.SERIAL
    assert "worktrees and merging cost" in found.reasons[0]


def test_one_slot_is_serial():
    assert analyse(plan("a", "b"), machine(slots=1)).mode is Mode.SERIAL


def test_what_earlier_runs_took_outweighs_the_plan_and_the_unknown_is_middling():
    found = analyse(
        plan(task("a", estimate_s=100.0), task("b", estimate_s=20.0), "c"), machine(a=8.0)
    ).estimates

    assert {
        "a": (8.0, EstimateFrom.HISTORY),
        "b": (20.0, EstimateFrom.PLAN),
        "c": (20.0, EstimateFrom.DEFAULT),
    } == found


def test_no_number_of_slots_makes_more_processors():
    busy = {TaskId(name): 10.0 for name in "abcd"}
    known = Machine(4, 0.0, busy, cpu_s=busy, cores=2)

    assert 20.0 == analyse(plan(*"abcd"), known).times.parallel_s
    waits = replace(known, cpu_s=dict.fromkeys(busy, 0.1))
    assert analyse(plan(*"abcd"), waits).times.parallel_s < 11


def test_the_critical_path_is_the_most_expensive_chain():
    found = analyse(
        plan(task("a", estimate_s=5.0), task("b", estimate_s=1.0, after=["a"]), task("c", estimate_s=5.5)),
        machine(),
    )

    assert found.critical_path == ("a", "b")


def costs(made: Plan) -> dict[TaskId, float]:
    return {spec.id: spec.estimate_s or 0.0 for spec in made.tasks}


def test_time_is_that_of_the_longest_when_slots_suffice():
    made = plan(*(task(name, estimate_s=s) for name, s in {"a": 1.0, "b": 2.0, "c": 3.0}.items()))

    assert makespan(made, costs(made), slots=3) == 3.0


def test_locks_are_kept_in_the_forecast():
    made = plan(*(task(name, estimate_s=2.0, locks=("db",)) for name in "abc"))

    assert makespan(made, costs(made), slots=3) == 6.0


def test_soft_orders_are_kept_in_the_forecast():
    made = plan(*(task(name, estimate_s=2.0) for name in "ab"))
    order = SoftOrder(TaskId("b"), TaskId("a"), "")

    assert makespan(made, costs(made), slots=2, orders=(order,)) == 4.0


def test_the_longest_chain_goes_first():
    made = plan(
        task("short", estimate_s=1.0),
        task("head", estimate_s=1.0),
        task("tail", estimate_s=3.0, after=["head"]),
    )

    assert makespan(made, costs(made), slots=1) == 5.0
    assert makespan(made, costs(made), slots=2) == 4.0


def test_a_validation_that_was_timed_is_in_both_times_and_the_rest_is_named():
    made = replace(plan(task("a", estimate_s=10.0), task("b", estimate_s=10.0)), setup=(("make",),))
    blind = analyse(made, Machine(2, 0.0, {}, cores=1))
    timed = analyse(made, Machine(2, 0.0, {TaskId("a"): 10.0, TaskId("b"): 10.0}, validation_s=5.0))

    assert timed.times.serial_s == blind.times.serial_s + 5
    assert timed.times.parallel_s == blind.times.parallel_s + 5
    assert ("validations after the first",) == timed.times.not_counted
    assert [
        "validation, which no earlier run has timed",
        "setup of 2 tasks",
        "that 2 tasks may keep the 1 core busy: not measured yet",
    ] == list(blind.times.not_counted)
