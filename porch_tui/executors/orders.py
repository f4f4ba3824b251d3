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
from collections.abc import Callable
from pathlib import Path
from typing import Self

from msgspec import Struct

from porch_tui.core.model import events as e
from porch_tui.core.model.wording import listed
from porch_tui.core.scheduling.notice import RUNS_ELSEWHERE, WAITS
from porch_tui.executors.executor import STOP_GRACE_S, Offer
from porch_tui.process import control, liveness

log = logging.getLogger(__name__)

AGAIN_S = 2.0
"""How often orders are said again, for the disk may have been full, and the attempt is looked at."""


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


def see_through(directory: Path, orders: Orders, report: Callable[[Notice], None]) -> liveness.Liveness:
    """Wait until the attempt of this directory is over, passing every order on, and return its end.

    `report` is called in between when there is something new to know about the wait.
    """
    reported = NOTHING
    while isinstance(found := liveness.find(directory), liveness.Alive):
        if (notice := _notice(found)) != reported:
            report(notice)
            reported = notice
        orders.bell.hush()  # before they are passed on: who asks for more meanwhile rings again
        _pass_on(directory, orders)
        liveness.wait(directory, AGAIN_S, orders.bell)
    return found


class Notice(Struct, frozen=True):
    """What a person should know about the wait for an attempt."""

    text: str
    """The rest of a sentence that begins with its name; empty: nothing any more."""
    advice: str = ""
    """What to type for it; empty: to stop the attempt."""


NOTHING = Notice("")


def _notice(found: liveness.Running | liveness.Elsewhere) -> Notice:
    if found.stuck:
        processes, numbers = listed([str(one) for one in found.stuck]), [str(one.pid) for one in found.stuck]
        what = "process" if len(numbers) == 1 else "processes"
        place = f" {found.where}" if isinstance(found, liveness.Elsewhere) else ""
        if all(one.state == "D" for one in found.stuck):
            text = f"{WAITS} {what} {processes}{place}, which cannot be killed: busy in the kernel (state D)"
            return Notice(text, f"ps -o pid,user,stat,wchan:24,args -p {','.join(numbers)}")
        text = f"{WAITS} {what} {processes}{place}, which porch may not kill"
        return Notice(text, f"sudo kill -9 {' '.join(numbers)}")
    if isinstance(found, liveness.Elsewhere):
        return Notice(f"{RUNS_ELSEWHERE} {found.where}; porch waits for its end")
    return NOTHING


def noticed_of(name: str, offer: Offer) -> Callable[[Notice], None]:
    """Return what reports such a notice of something that is no attempt of a task."""

    def report(notice: Notice) -> None:
        if notice.text:
            advice = f": {notice.advice}" if notice.advice else ""
            offer(e.Noticed(f"{name} {notice.text}{advice}"))

    return report


def _pass_on(directory: Path, orders: Orders) -> None:
    """Say what is wanted now. What could not be written down is said again with the next look."""
    try:
        if orders.is_stopped:
            control.stop(directory, orders.grace_s)
        else:
            control.hold(directory, orders.is_held)
    except OSError as error:
        log.warning("%s was not told to %s: %s", directory, "pause" if orders.is_held else "go on", error)
