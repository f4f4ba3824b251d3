"""What the engine wants a shim to do: end, freeze, continue. Passed on until the shim is over.

Kept apart from the shim: orders may be given before there is one, and given again by the next engine, which
cannot know which of them the previous one passed on.
"""

from __future__ import annotations

import math
import os
import select
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

from msgspec import Struct

from porch_tui import log
from porch_tui.core.model import events as e
from porch_tui.core.model.wording import listed
from porch_tui.core.scheduling.notice import NoticeKind
from porch_tui.executors.executor import STOP_GRACE_S, Offer
from porch_tui.process import control, liveness

REPEAT_S = 2.0
"""How often orders are repeated, because the disk may have been full, and the attempt is checked."""

LOST_BECAUSE = {
    liveness.LostWhy.REBOOT: "the machine has restarted",
    liveness.LostWhy.KILLED: "its supervisor was killed",
    liveness.LostWhy.KILLED_ELSEWHERE: "its supervisor was killed in another PID namespace",
}
STILL_BEHIND_FENCE = "what it started behind its fence may still run"


class Orders:
    """The orders for one shim, from any thread. A context manager: leave it when the shim is over."""

    def __init__(self, grace_s: float = STOP_GRACE_S) -> None:
        """`grace_s` is the default of `stop`."""
        self._default_grace_s = grace_s
        self.is_stopped = False
        self.is_frozen = False
        self.is_finishing = False
        """Asked to finish, and that was not passed on yet."""
        self.grace_s = math.inf
        """The shortest that was asked for."""
        self.bell = liveness.Bell()
        self._is_over = False
        self._lock = threading.Lock()

    def stop(self, grace_s: float | None = None) -> None:
        """End it. Stopping again can only shorten the grace; once it is over nothing happens."""
        grace_s = self._default_grace_s if grace_s is None else grace_s
        with self._lock:
            is_news, self.grace_s, self.is_stopped = grace_s < self.grace_s, min(grace_s, self.grace_s), True
            self._ring(is_news)

    def set_frozen(self, is_frozen: bool) -> None:
        """Freeze all its processes, or let them continue."""
        with self._lock:
            is_news, self.is_frozen = is_frozen != self.is_frozen, is_frozen
            self._ring(is_news)

    def finish(self) -> None:
        """End the command in its terminal, as one that ends well."""
        with self._lock:
            self.is_finishing = True
            self._ring(True)

    def _ring(self, is_news: bool) -> None:
        if is_news and not self._is_over:
            self.bell.ring()

    def wake(self) -> None:
        """End a wait for orders, because what they are for may be over."""
        with self._lock:
            self._ring(True)

    def wait(self, timeout_s: float) -> None:
        """Wait that long or until it is stopped; that long at least if it is stopped already."""
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


class Notice(Struct, frozen=True):
    """What a person needs to know about the wait for an attempt."""

    text: str
    """The rest of a sentence that begins with its name; empty: nothing any more."""
    advice: str = ""
    """A command to type; empty: stop the attempt."""


def ignore() -> None:
    """Do nothing: where there is no terminal, no one asks to finish."""


def wait_for_end(
    directory: Path, orders: Orders, report: Callable[[Notice], None], unfinished: Callable[[], None] = ignore
) -> liveness.Liveness:
    """Wait until the attempt of this directory is over, passing orders on, and return its end.

    `report` is called whenever what a person needs to know about the wait has changed; `unfinished` when it
    was asked to finish while it had no terminal.
    """
    reported = Notice("")
    while isinstance(found := liveness.find(directory), liveness.Alive):
        if (notice := _notice(found)) != reported:
            report(notice)
            reported = notice
        orders.bell.hush()  # before they are passed on: a later order rings again
        try:
            if orders.is_stopped:
                control.stop(directory, orders.grace_s)
            elif orders.is_finishing:
                if not control.finish(directory, STOP_GRACE_S):
                    unfinished()
                orders.is_finishing = False
            else:
                control.set_paused(directory, orders.is_frozen)
        except OSError as error:  # it is repeated at the next look
            order = "pause" if orders.is_frozen else "continue"
            log.warning(f"order to {directory} {order} could not be written: {error}")
        liveness.wait(directory, REPEAT_S, orders.bell)
    return found


def _notice(found: liveness.Running | liveness.Elsewhere) -> Notice:
    if found.stuck:
        processes, numbers = listed([str(one) for one in found.stuck]), [str(one.pid) for one in found.stuck]
        what = "process" if len(numbers) == 1 else "processes"
        place = f" {found.where}" if isinstance(found, liveness.Elsewhere) else ""
        text = f"{NoticeKind.WAITS} {what} {processes}{place}"
        if all(one.state == "D" for one in found.stuck):
            text = f"{text}, which cannot be killed: busy in the kernel (state D)"
            return Notice(text, f"ps -o pid,user,stat,wchan:24,args -p {','.join(numbers)}")
        return Notice(f"{text}, which porch may not kill", f"sudo kill -9 {' '.join(numbers)}")
    if found.trouble:
        kind = NoticeKind.STAYS_HELD if found.is_paused else NoticeKind.NOT_HELD
        return Notice(f"{kind}: {found.trouble}")
    if isinstance(found, liveness.Elsewhere):
        return Notice(f"{NoticeKind.RUNS_ELSEWHERE} {found.where}; porch waits for its end")
    return Notice("")


def why_lost(found: liveness.Liveness, directory: Path, env: Mapping[str, str]) -> str:
    """Return why something that is over has no result, after ending what is left of it.

    `env`: the plan's variables.
    """
    if not isinstance(found, liveness.Lost):
        return "its supervisor vanished without a trace"
    ended = control.end_leftovers(directory)
    # what a daemon runs for it (docker, ssh) is only found where its fence says how to end it
    left = control.end_behind_fence(directory, {**os.environ, **env})
    text = LOST_BECAUSE[found.why]
    text += f"; ended what was found running without it: {listed(ended)}" if ended else ""
    return text + (f"; {STILL_BEHIND_FENCE}: {left}" if left else "")


def reporter(name: str, offer: Offer) -> Callable[[Notice], None]:
    """Return a `report` for something that is not an attempt of a task: a validation, a resolver."""

    def report(notice: Notice) -> None:
        if notice.text:
            advice = f": {notice.advice}" if notice.advice else ""
            offer(e.Noticed(f"{name} {notice.text}{advice}"))

    return report
