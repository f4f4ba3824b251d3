"""Why a task does not start yet, and when it never will alone."""

from __future__ import annotations

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Kind, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.scheduling.progress import is_decided, is_hopeless, is_satisfied
from porch_tui.core.scheduling.readiness import is_ready, only_passing_waits, waits
from porch_tui.core.scheduling.waiting import Wait, WaitKind
from tests.builders import (
    attempt,
    board,
    candidate_built,
    conflict,
    failure,
    fold,
    land,
    opened,
    plan,
    queue,
    start,
    succeed,
    task,
    unvalidated,
)

A, B, C = (TaskId(name) for name in "abc")
AFTER = unvalidated("a", task("b", after=["a"]), task("c", after=["b"]))


def kinds(state: RunState, name: str) -> list[WaitKind]:
    """Return what kinds of things the task waits for."""
    return [wait.kind for wait in waits(state, state.specs[TaskId(name)])]


def fail(state: RunState, name: str) -> RunState:
    """Return the state after the task ran and failed."""
    return fold(start(state, name), e.AttemptFailed(attempt(name), failure()))


def test_a_task_with_nothing_in_its_way_is_ready():
    state = opened()

    assert is_ready(state, state.specs[TaskId("parser")])


def test_a_task_that_has_begun_is_not_ready():
    state = start(opened(), "parser")

    assert not is_ready(state, state.specs[TaskId("parser")])


def test_success_is_not_enough_what_comes_after_waits_for_the_landing():
    state = board(opened(AFTER), "a")

    assert [Wait(WaitKind.AFTER, A)] == list(waits(state, state.specs[B]))
    assert [] == kinds(land(state, "a"), "b")


def test_what_comes_after_a_task_with_nothing_to_land_may_start():
    state = queue(opened(AFTER), "a")
    state = fold(state, candidate_built(state, "a", is_idle=True), e.NothingToLand(A))

    assert is_satisfied(state, A)


def test_what_comes_after_a_check_may_start_when_it_has_passed():
    assert is_satisfied(succeed(opened(plan(task("a", kind=Kind.CHECK))), "a"), A)


def test_a_lock_is_waited_for_by_its_holders_name():
    state = start(opened(plan(task("a", locks=("db",)), task("b", locks=("db",)))), "a")

    assert [Wait(WaitKind.LOCK, A, "db")] == list(waits(state, state.specs[B]))


def test_cores_that_running_tasks_declared_are_not_given_twice():
    state = start(opened(plan(task("a", cpus=3), task("b", cpus=2), task("c", cpus=1), "d"), cores=4), "a")

    assert ([WaitKind.CPUS], [], []) == (kinds(state, "b"), kinds(state, "c"), kinds(state, "d"))


def test_memory_that_running_tasks_declared_is_not_given_twice():
    state = opened(plan(task("a", memory_bytes=6), task("b", memory_bytes=3)), memory_bytes=8)

    assert [WaitKind.MEMORY] == kinds(start(state, "a"), "b")


def test_what_is_too_large_for_the_machine_runs_when_nothing_else_takes_any():
    state = opened(plan(task("a", cpus=64, memory_bytes=64), "b"), cores=4, memory_bytes=8)

    assert [] == kinds(start(state, "b"), "a")


def test_slots_and_pause_are_waited_for_too():
    state = fold(start(opened(plan("a", "b"), slots=1), "a"), e.RunPaused())

    assert [WaitKind.SLOT, WaitKind.PAUSED] == kinds(state, "b")


def test_only_what_could_start_is_held_by_a_pause():
    state = fold(opened(AFTER), e.RunPaused())

    assert only_passing_waits(state, state.specs[A])
    assert not only_passing_waits(state, state.specs[B])


def test_a_soft_order_waits_until_the_earlier_is_decided():
    state = opened(unvalidated("a", "b"), soft=[("b", "a")])

    assert [Wait(WaitKind.ORDER, A, "same paths")] == list(waits(state, state.specs[B]))
    assert [WaitKind.ORDER] == kinds(board(state, "a"), "b")
    assert [] == kinds(land(board(state, "a"), "a"), "b")


def test_a_soft_order_lets_go_when_the_earlier_fails_conflicts_or_is_stopped():
    """It is about who goes first, not about needing what the other made."""
    state = opened(unvalidated("a", "b"), soft=[("b", "a")])

    assert [] == kinds(fail(state, "a"), "b")
    assert [] == kinds(conflict(queue(state, "a"), "a"), "b")
    assert [] == kinds(fold(state, e.TaskCancelled(A)), "b")


def test_a_soft_order_holds_while_the_plan_gives_the_earlier_another_try():
    state = opened(plan(task("a", retries=1), "b"), soft=[("b", "a")])

    assert [WaitKind.ORDER] == kinds(fail(state, "a"), "b")


def test_a_soft_order_holds_while_a_resolution_is_applied():
    state = conflict(queue(opened(unvalidated("a", "b"), soft=[("b", "a")]), "a"), "a")

    assert [WaitKind.ORDER] == kinds(fold(state, e.ResolutionGiven(A, "record-1")), "b")


def test_a_task_behind_a_failed_one_is_hopeless_near_and_far():
    state = fail(opened(AFTER), "a")

    assert is_hopeless(state, B) and is_hopeless(state, C)
    assert is_decided(state, C)


def test_retrying_a_failed_task_revives_everything_behind_it():
    state = fold(fail(opened(AFTER), "a"), e.TaskRetried(A, is_automatic=False))

    assert not is_hopeless(state, B) and not is_hopeless(state, C)


@pytest.mark.parametrize("length", [3000])
def test_a_long_chain_is_looked_along_without_running_out_of_stack(length: int):
    names = [f"t{n}" for n in range(length)]
    chain = [task(name, after=names[max(0, n - 1) : n]) for n, name in enumerate(names)]
    state = fail(opened(unvalidated(*chain, "late"), soft=[("late", names[-1])]), "t0")

    assert [] == kinds(state, "late")


def test_a_dense_graph_is_looked_through_once():
    """Forty layers of five: without remembering what was seen, 5 to the 40th ways."""
    layers = [[f"t{layer}.{n}" for n in range(5)] for layer in range(40)]
    specs = [
        task(name, after=layers[number - 1] if number else ())
        for number, layer in enumerate(layers)
        for name in layer
    ]
    state = opened(unvalidated(*specs))

    assert not is_hopeless(state, TaskId("t39.0"))
