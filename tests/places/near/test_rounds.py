"""Calls that are due again and again share a thread."""

from __future__ import annotations

import os
import threading

from porch_tui.places.near.rounds import Rounds
from tests.project import until


def test_each_is_called_again_and_again_until_it_is_left_and_one_thread_calls_all():
    rounds, first, second = Rounds(), list[str](), list[str]()

    with rounds.calling(0.02, lambda: second.append("")):
        with rounds.calling(0.02, lambda: first.append(threading.current_thread().name)):
            until(lambda: len(first) > 2 and len(second) > 2, "both")
        calls = len(first)
        until(lambda: len(second) > 6, "the other one")

    assert len(first) <= calls + 1  # it may have been about to be called
    assert set(first) == {"rounds"}


def test_a_call_that_fails_is_called_again_and_so_are_the_others():
    rounds, tried, called = Rounds(), list[int](), list[int]()

    def fail() -> None:
        tried.append(1)
        raise OSError(28, "No space left on device")

    with rounds.calling(0.02, fail), rounds.calling(0.02, lambda: called.append(1)):
        until(lambda: len(tried) > 2 and len(called) > 2, "both")


def test_a_forked_process_has_a_thread_of_its_own():
    rounds, called = Rounds(), list[int]()
    with rounds.calling(0.02, lambda: called.append(1)):
        until(lambda: called, "the parent")
        if not (child := os.fork()):
            own = list[int]()
            with rounds.calling(0.02, lambda: own.append(1)):
                until(lambda: own, "the child", 20)
                os._exit(0)

        assert os.waitpid(child, 0)[1] == 0
