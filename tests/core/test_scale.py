"""What one step costs grows with the plan, not with its square: counted in calls, not in seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from porch_tui.core.effects import wanted
from porch_tui.core.plan import TaskSpec
from porch_tui.core.settle import settle
from porch_tui.core.state import RunState
from tests.builders import board, fold, judge, opened, plan, scheduled, task

FEW, MANY = 250, 2000
LINEAR, SQUARE = MANY / FEW, (MANY / FEW) ** 2


def calls(act: Callable[[], object]) -> int:
    """Return how many calls of Python and C functions this makes."""
    count = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(None)
    return count


def names(count: int) -> list[str]:
    """Return that many names of tasks."""
    return [f"t{n}" for n in range(count)]


def flat(count: int) -> list[TaskSpec]:
    """Return tasks with nothing between them."""
    return [task(name) for name in names(count)]


def chain(count: int) -> list[TaskSpec]:
    """Return tasks each of which comes after the one ahead."""
    return [task(name, after=names(count)[max(0, n - 1) : n]) for n, name in enumerate(names(count))]


def locked(count: int) -> list[TaskSpec]:
    """Return tasks that all wait for the first one's lock."""
    return [task(name, locks=("lock",)) for name in names(count)]


@pytest.mark.parametrize("shape", [flat, chain, locked])
def test_choosing_the_next_attempt_costs_a_look_at_each_task(shape: Callable[[int], list[TaskSpec]]):
    def opening(count: int) -> RunState:
        return fold(opened(plan(*shape(count)), slots=4), scheduled("t0"))

    few, many = opening(FEW), opening(MANY)

    assert calls(lambda: settle(many)) < 1.5 * LINEAR * calls(lambda: settle(few))


def test_soft_orders_cost_a_look_at_each_of_them():
    def opening(count: int) -> RunState:
        soft = list(zip(names(count)[1:], names(count), strict=False))
        return fold(opened(plan(*flat(count)), slots=4, soft=soft), scheduled("t0"))

    few, many = opening(FEW), opening(MANY)

    assert calls(lambda: settle(many)) < 1.5 * LINEAR * calls(lambda: settle(few))


def test_a_long_train_costs_a_look_at_each_entry():
    def standing(count: int) -> RunState:
        state = judge(opened(plan(*names(count)), validate_jobs=2), "t0", True)
        return board(state, *names(count))

    few, many = standing(FEW // 2), standing(MANY // 2)

    for step in (settle, wanted):
        assert calls(lambda step=step: step(many)) < 1.5 * LINEAR * calls(lambda step=step: step(few))
    assert SQUARE > 1.5 * LINEAR
