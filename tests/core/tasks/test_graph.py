"""The order `after` makes: cycles, waves, chains."""

from __future__ import annotations

from porch_tui.core.model.plan import TaskId
from porch_tui.core.tasks.graph import critical_path, dependents, tails, topological, waves
from tests.builders import plan, task

A, B, C, D = (TaskId(name) for name in "abcd")

DIAMOND = plan("a", task("b", after=["a"]), task("c", after=["a"]), task("d", after=["b", "c"]))


def test_a_task_is_in_the_wave_behind_the_last_it_comes_after():
    assert (("a",), ("b", "c"), ("d",)) == waves(DIAMOND)


def test_tasks_of_one_wave_keep_plan_order():
    assert (("c", "a", "b"),) == waves(plan("c", "a", "b"))


def test_topological_order_puts_each_task_behind_what_it_comes_after():
    assert ("a", "b", "c", "d") == topological(DIAMOND)


def test_a_chain_costs_the_sum_of_its_longest_way():
    assert {A: 8.0, B: 6.0, C: 3.0, D: 1.0} == tails(DIAMOND, {A: 2.0, B: 5.0, C: 2.0, D: 1.0})


def test_a_task_of_unknown_cost_costs_a_minute():
    assert {A: 60.0} == tails(plan("a"), {})


def test_the_critical_path_is_the_most_expensive_chain_first_to_last():
    assert ("a", "c", "d") == critical_path(DIAMOND, {A: 1.0, B: 1.0, C: 5.0, D: 1.0})


def test_ties_on_the_critical_path_go_to_plan_order():
    assert ("a", "b", "d") == critical_path(DIAMOND, {A: 1.0, B: 1.0, C: 1.0, D: 1.0})


def test_an_empty_plan_has_an_empty_path_and_no_waves():
    assert () == critical_path(plan(), {})
    assert () == waves(plan())


def test_dependents_are_all_behind_near_and_far_in_plan_order():
    assert ("b", "c", "d") == dependents(DIAMOND, A)
    assert ("d",) == dependents(DIAMOND, B)
    assert () == dependents(DIAMOND, D)
