"""Calls the listeners of a place, in order and in a thread of their own."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue

from porch_tui.executors.background import start_thread


class Reports:
    """What is to be reported: a slow listener must not delay what comes from the host."""

    def __init__(self) -> None:
        self._waiting = SimpleQueue[Callable[[], None] | None]()
        self._begin()

    def put(self, report: Callable[[], None]) -> None:
        """Call this once all before it have been called; returns at once."""
        self._waiting.put(report)

    def close(self) -> None:
        """Call what was put by now, and nothing more."""
        self._waiting.put(None)

    def _begin(self) -> None:
        start_thread("reports", self._report, lambda error: self._begin())

    def _report(self) -> None:
        while (report := self._waiting.get()) is not None:
            report()
