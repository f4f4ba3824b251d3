"""What whoever watches over a shim is to have it do: end, stand still, go on.

Kept apart from the shim, because it may be asked for before there is one, and be given anew
by the next engine, which cannot know what the last one still managed to say.
"""

from __future__ import annotations

import logging
import math
import select
import threading
import time
from pathlib import Path
from typing import Self

from porch_tui.executors.executor import STOP_GRACE_S
from porch_tui.process import control, liveness

log = logging.getLogger(__name__)

AGAIN_S = 2.0
"""How long an order that could not be written down, on a full disk say, waits for its next try."""


class Orders:
    """The orders for one shim, from any thread. As a context they end with the thread that passes them on."""

    def __init__(self, grace_s: float = STOP_GRACE_S) -> None:
        """`grace_s` is what a stop grants that does not say."""
        self._usual_grace_s = grace_s
        self.is_stopped = False
        self.is_held = False
        self.grace_s = math.inf
        """What the most impatient has asked for."""
        self.bell = liveness.Bell()
        self._is_over = False
        self._lock = threading.Lock()

    def stop(self, grace_s: float | None = None) -> None:
        """Have it end; again can only shorten the grace, and when nobody watches any more changes nothing."""
        grace_s = self._usual_grace_s if grace_s is None else grace_s
        with self._lock:
            is_news, self.grace_s, self.is_stopped = grace_s < self.grace_s, min(grace_s, self.grace_s), True
            self._tell(is_news)

    def hold(self, is_held: bool) -> None:
        """Have it stand still, with all its processes, or go on."""
        with self._lock:
            is_news, self.is_held = is_held != self.is_held, is_held
            self._tell(is_news)

    def _tell(self, is_news: bool) -> None:
        """Wake whoever watches, who must find what is new when he wakes."""
        if is_news and not self._is_over:
            self.bell.ring()

    def wait(self, timeout_s: float) -> None:
        """Wait for so long, or until it is to end; for so long at least, if it is to end already."""
        if self.is_stopped:
            time.sleep(timeout_s)
        else:
            select.select([self.bell], [], [], timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._is_over = True
            self.bell.close()


def see_through(directory: Path, orders: Orders) -> liveness.Liveness:
    """Wait until the attempt of this directory is over, passing every order on, and return its end."""
    while isinstance(found := liveness.find(directory), liveness.Running):
        orders.bell.hush()  # before they are passed on: who asks for more meanwhile rings again
        is_heard = _pass_on(directory, orders)
        liveness.wait(directory, None if is_heard else AGAIN_S, orders.bell)
    return found


def _pass_on(directory: Path, orders: Orders) -> bool:
    """Say what is wanted now; False if that could not be written down."""
    try:
        if orders.is_stopped:
            control.stop(directory, orders.grace_s)
        else:
            control.hold(directory, orders.is_held)
    except OSError as error:
        log.warning("%s was not told to %s: %s", directory, "pause" if orders.is_held else "go on", error)
        return False
    return True
