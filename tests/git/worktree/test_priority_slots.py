"""Checkouts wait for each other, and those of tasks go first."""

from __future__ import annotations

import threading
from collections.abc import Callable

from porch_tui.git.worktree.creation import PrioritySlots
from project import until


def waiting(turns: PrioritySlots, is_hurried: bool, work: Callable[[], None]) -> threading.Thread:
    """Have a thread wait for its turn; return once it does."""

    def see_through() -> None:
        with turns.slot(is_hurried=is_hurried):
            work()

    thread = threading.Thread(target=see_through)
    thread.start()
    return thread


def test_hurried_threads_go_before_those_that_came_first():
    turns, order = PrioritySlots(1), []
    with turns.slot(is_hurried=True):
        first = waiting(turns, False, lambda: order.append("validation"))
        second = waiting(turns, True, lambda: order.append("task"))
        until(lambda: turns._waiting == 1 and first.is_alive(), "both wait")
    for thread in (first, second):
        thread.join()

    assert ["task", "validation"] == order


def test_an_unhurried_thread_waits_for_hurried_ones():
    turns, order = PrioritySlots(2), []
    with turns.slot(is_hurried=True):
        validation = waiting(turns, False, lambda: order.append("validation"))
        waiting(turns, True, lambda: order.append("task")).join()
        order.append("first task")
    validation.join()

    assert ["task", "first task", "validation"] == order


def test_an_unhurried_thread_does_not_wait_for_ever(monkeypatch):
    monkeypatch.setattr("porch_tui.git.worktree.creation.IDLE_WAIT_S", 0.01)
    turns = PrioritySlots(2)

    with turns.slot(is_hurried=True):
        waiting(turns, False, lambda: None).join()


def test_no_more_threads_run_than_there_are_slots():
    turns, inside, most = PrioritySlots(2), [], []

    def work() -> None:
        inside.append(1)
        most.append(len(inside))
        inside.pop()

    for thread in [waiting(turns, bool(number % 2), work) for number in range(20)]:
        thread.join()

    assert max(most) <= 2
    assert 20 == len(most)
