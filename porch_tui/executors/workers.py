"""Threads that cannot die in silence: the one place with a broad `except`."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

from porch_tui.errors import PorchError, is_full_disk, limit_met

log = logging.getLogger(__name__)

IDLE_S = 10.0
"""How long a thread waits for more work before it ends."""


class BackgroundWork:
    """Something a thread does, as whoever began it sees it."""

    def __init__(self, name: str, do: Callable[[], None], on_broken: Callable[[Exception], None]) -> None:
        self._name, self._do, self._on_broken = name, do, on_broken
        self._is_over = threading.Event()

    def is_alive(self) -> bool:
        """Say whether it is still under way."""
        return not self._is_over.is_set()

    def join(self, timeout_s: float | None = None) -> None:
        """Wait until it is over."""
        self._is_over.wait(timeout_s)

    def see_through(self) -> None:
        """Do it in the present thread."""
        threading.current_thread().name = self._name
        try:
            self._do()
        except Exception as error:
            if is_full_disk(error):
                log.warning("%s: no room on the disk: %s", self._name, error)
            elif isinstance(error, PorchError) or limit_met(error):  # the outcome says it in full
                log.info("%s: %s", self._name, error)
            else:
                log.exception("%s broke", self._name)
            self._on_broken(error)
        finally:
            self._is_over.set()


_idle: list[SimpleQueue[BackgroundWork]] = []
"""Where threads that have nothing to do wait for work, each at its own."""


def begin(name: str, do: Callable[[], None], on_broken: Callable[[Exception], None]) -> BackgroundWork:
    """Have a daemon thread do something: one that is idle, or a new one, whose start has to be waited for.

    Whatever `do` raises goes to the log, with its traceback if it may be a bug, and to `on_broken`, which
    turns it into a failed outcome: a fault of one performer is never a fault of the run. RuntimeError if
    the system allows no more threads.
    """
    work = BackgroundWork(name, do, on_broken)
    try:
        _idle.pop().put(work)
    except IndexError:
        threading.Thread(target=_serve, args=(work,), daemon=True).start()
    return work


def _serve(work: BackgroundWork) -> None:
    """Do the work, and then what comes, as long as it comes soon."""
    desk: SimpleQueue[BackgroundWork] = SimpleQueue()
    while True:
        work.see_through()
        del work  # what it holds is not kept while nothing is to do
        _idle.append(desk)
        try:
            work = desk.get(timeout=IDLE_S)
        except Empty:
            try:
                _idle.remove(desk)
            except ValueError:  # it was found idle this very moment
                work = desk.get()
            else:
                return
