"""A simulated run goes as the engine would work on it. Times are those of a machine of two cores."""

from __future__ import annotations

import pytest

from builders import plan, task, unvalidated
from porch_tui.core.forecast.processors import Processors
from porch_tui.core.forecast.simulation import (
    Begun,
    Course,
    Setting,
    Slots,
    simulate,
)
from porch_tui.core.model.copying import replace
from porch_tui.core.model.events import SoftOrder
from porch_tui.core.model.forecast import Costs, TaskTimes, Work
from porch_tui.core.model.plan import Integrity, Kind, Plan, TaskId

FREE = Costs(*[0.0] * 8)
"""Porch itself takes no time."""


def setting(made: Plan, work: Work, validation: Work = Work(), jobs: int = 1) -> Setting:  # noqa: B008
    """Return a setting in which each task's command does the same."""
    times = {spec.id: TaskTimes(run=work) for spec in made.tasks}
    return Setting(made, times, cores=2, validation=validation, jobs=jobs, costs=FREE)


def course(made: Plan, slots: int = 4, *, waits_s: float = 10.0, cpu_s: float = 0.0) -> Course:
    return simulate(setting(made, Work(cpu_s, waits_s)), Slots(slots))


def test_tasks_that_wait_take_as_long_as_one_when_slots_suffice():
    assert course(unvalidated(*"abc")).wall_s == 10
    assert course(unvalidated(*"abc"), slots=2).wall_s == 20
    assert course(unvalidated(*"abc"), slots=1).wall_s == 30


def test_no_number_of_slots_makes_more_cores():
    assert course(unvalidated(*"abcd"), waits_s=0.0, cpu_s=10.0).wall_s == pytest.approx(20)


def test_a_command_of_two_cores_shares_them_with_another():
    made = unvalidated(*"ab")

    assert simulate(setting(made, Work(20.0, width=2.0)), Slots(2)).wall_s == pytest.approx(20)


def test_what_mostly_waits_is_hardly_slowed_down_by_what_computes():
    made = unvalidated(*"abc")
    times = {spec.id: TaskTimes(run=Work(10.0)) for spec in made.tasks}
    times[TaskId("a")] = TaskTimes(run=Work(1.0, 19.0))

    found = simulate(Setting(made, times, cores=2, costs=FREE), Slots(3))

    assert found.ends[TaskId("a")] == pytest.approx(20)


def test_locks_make_tasks_take_turns():
    assert course(unvalidated(*(task(name, locks=("db",)) for name in "abc"))).wall_s == 30


def test_soft_orders_are_kept():
    made = setting(unvalidated(*"ab"), Work(wait_s=2.0))

    found = simulate(replace(made, orders=(SoftOrder(TaskId("b"), TaskId("a"), ""),)), Slots(2))

    assert found.starts == {"a": 0.0, "b": 2.0}


def test_what_comes_after_a_task_starts_when_that_has_landed():
    made = plan(task("a"), task("b", after=["a"]))

    found = simulate(setting(made, Work(wait_s=10.0), Work(wait_s=5.0)), Slots(4))

    assert found.landed[TaskId("a")] == 15
    assert found.starts[TaskId("b")] == 15
    assert found.wall_s == 30


def test_what_comes_after_a_check_starts_when_that_is_done():
    made = plan(task("a", kind=Kind.CHECK), task("b", after=["a"]))

    assert simulate(setting(made, Work(wait_s=10.0), Work(wait_s=5.0)), Slots(4)).starts[TaskId("b")] == 10


def test_cores_and_memory_that_are_declared_are_shared_out():
    made = unvalidated(*(task(name, cpus=2.0) for name in "abc"))
    greedy = unvalidated(*(task(name, memory_bytes=600) for name in "abc"))

    assert course(made).wall_s == 30
    assert simulate(replace(setting(greedy, Work(wait_s=10.0)), memory_bytes=1000), Slots(4)).wall_s == 30
    assert simulate(replace(setting(greedy, Work(wait_s=10.0)), memory_bytes=2000), Slots(4)).wall_s == 10


def test_higher_priority_goes_first_then_the_longest_chain():
    made = unvalidated(task("short"), task("head"), task("tail", after=["head"]), task("first", priority=1))

    assert list(course(made, slots=1).starts) == ["first", "head", "short", "tail"]


def test_a_train_that_is_done_at_once_is_validated_as_one():
    found = simulate(setting(plan(*"abcde"), Work(wait_s=10.0), Work(2.0)), Slots(8))

    # the base while the tasks run, then the first that was merged, then all others together
    assert found.validations == 3
    assert found.wall_s == 14


def test_the_base_is_validated_once_unless_an_earlier_run_has():
    made = setting(plan("a"), Work(wait_s=1.0), Work(wait_s=5.0))

    assert simulate(made, Slots(1)).wall_s == 10
    assert simulate(replace(made, is_base_known=True), Slots(1)).wall_s == 6


def test_where_every_commit_is_validated_each_waits_for_its_own():
    made = replace(plan(*"abc"), integrity=Integrity.EVERY)

    found = simulate(setting(made, Work(wait_s=10.0), Work(2.0)), Slots(4))

    assert found.validations == 4
    assert found.wall_s == 16


def test_a_slot_is_free_again_while_its_task_is_validated():
    found = simulate(setting(plan(*"ab"), Work(wait_s=10.0), Work(wait_s=4.0)), Slots(1))

    assert found.starts[TaskId("b")] == 10
    assert found.wall_s == 24


def test_an_adapting_number_of_slots_grows_while_cores_are_idle():
    made = setting(unvalidated(*map(str, range(24))), Work(0.1, 9.9))

    assert simulate(made, Slots(8)).wall_s == pytest.approx(30, abs=1)
    assert simulate(made, Slots(8, most=24)).wall_s < 14


def test_a_run_goes_on_from_where_it_is():
    made = setting(unvalidated(*"abcd"), Work(wait_s=10.0))
    begun = Begun(over=frozenset({TaskId("a")}), queued=(TaskId("b"),), running={TaskId("c"): 4.0})

    found = simulate(made, Slots(1), begun)

    assert found.ends[TaskId("c")] == 6
    assert found.wall_s == 16


def test_a_job_that_is_dropped_gives_its_core_back():
    cpu = Processors(1)
    slow = cpu.begin(Work(10.0), "slow")
    cpu.begin(Work(10.0), "kept")

    cpu.drop(slow)

    assert cpu.next() == "kept"
    assert cpu.now == 10
    assert cpu.next() is None
