"""Calls that are due again and again, from one thread for all: see `carriers.stream`."""

from __future__ import annotations

import heapq
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

from porch_tui.executors.background import start_thread

TRY_AGAIN_S = 1.0
LEAST_WAIT_S = 0.05
"""What is due within that time is called together."""


class Rounds:
    """Calls each of several functions again and again, none of which may wait for anything."""

    def __init__(self) -> None:
        self.forget()
        os.register_at_fork(after_in_child=self.forget)

    def forget(self) -> None:
        """Call nothing: as in a process that was forked, which has no threads."""
        self._news = threading.Condition()
        self._numbers = count()
        self._due: list[tuple[float, int]] = []
        self._calls: dict[int, tuple[float, Callable[[], None]]] = {}
        """How often, in seconds, and what."""
        self._is_running = False

    @contextmanager
    def calling(self, every_s: float, call: Callable[[], None]) -> Iterator[None]:
        """Have something called, for the first time in `every_s`, until this is left.

        What fails is logged, and called again. RuntimeError if the system allows no more threads.
        """
        with self._news:
            number = next(self._numbers)
            self._calls[number] = every_s, call
            heapq.heappush(self._due, (time.monotonic() + every_s, number))
            self._news.notify()
            if not self._is_running:
                self._begin()
        try:
            yield
        finally:
            with self._news:
                self._calls.pop(number, None)

    def _begin(self) -> None:
        start_thread("rounds", self._run, self._go_on)
        self._is_running = True

    def _go_on(self, error: Exception) -> None:
        while True:
            try:
                return self._begin()
            except RuntimeError:  # the system allows no more threads
                time.sleep(TRY_AGAIN_S)

    def _run(self) -> None:
        while True:
            self._next()()

    def _next(self) -> Callable[[], None]:
        """Wait for what is due next, and return it."""
        with self._news:
            while True:
                now = time.monotonic()
                if not self._due:
                    self._news.wait()
                elif self._due[0][0] > now:
                    self._news.wait(max(LEAST_WAIT_S, self._due[0][0] - now))
                else:
                    _, number = heapq.heappop(self._due)
                    if number in self._calls:
                        every_s, call = self._calls[number]
                        heapq.heappush(self._due, (now + every_s, number))
                        return call


PINGS = Rounds()
