"""Threads that do what engine and executor have under way."""

from __future__ import annotations

import logging
import threading

from porch_tui.executors import workers


def test_a_thread_that_is_idle_gets_the_next_work_and_its_name(until):
    seen = []
    for name in ("one", "two"):
        work = workers.begin(name, lambda: seen.append(threading.current_thread()), _unexpected)
        work.join(60)
        assert not work.is_alive()
        until(lambda: workers._idle)

    assert seen[0] is seen[1]
    assert "two" == seen[1].name


def test_works_that_wait_for_each_other_have_threads_of_their_own():
    barrier = threading.Barrier(5)

    works = [workers.begin(f"work {n}", lambda: barrier.wait(60) and None, _unexpected) for n in range(5)]

    for work in works:
        work.join(60)
    assert not any(work.is_alive() for work in works)


def test_what_breaks_is_told_and_the_thread_goes_on(caplog):
    broken: list[Exception] = []

    with caplog.at_level(logging.ERROR):
        workers.begin("bad", lambda: 1 // 0, broken.append).join(60)
    workers.begin("good", lambda: None, _unexpected).join(60)

    assert [ZeroDivisionError] == [type(error) for error in broken]
    assert "bad broke" in caplog.text


def test_an_idle_thread_ends_after_a_while_and_another_takes_its_place(monkeypatch, until):
    monkeypatch.setattr(workers, "IDLE_S", 0.01)
    threads = []
    workers.begin("first", lambda: threads.append(threading.current_thread()), _unexpected).join(60)

    until(lambda: not threads[0].is_alive())
    work = workers.begin("second", lambda: threads.append(threading.current_thread()), _unexpected)
    work.join(60)

    assert threads[0] is not threads[1]


def _unexpected(error: Exception) -> None:
    raise AssertionError(error)
