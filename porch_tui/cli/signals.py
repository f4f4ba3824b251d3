"""Signals while a command waits for another program: the first ends the wait."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Raise KeyboardInterrupt at the first of SIGINT, SIGTERM and SIGHUP, and ignore all that come later.

    Cleaning up takes a moment, in which an impatient person presses ctrl+c again.
    """

    def end(number: int, frame: FrameType | None) -> None:
        for one in _ENDING:
            signal.signal(one, signal.SIG_IGN)
        raise KeyboardInterrupt

    previous = {one: signal.signal(one, end) for one in _ENDING if signal.getsignal(one) != signal.SIG_IGN}
    try:
        yield
    finally:
        for one, handler in previous.items():
            signal.signal(one, handler)
