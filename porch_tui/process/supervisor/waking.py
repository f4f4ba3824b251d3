"""Waits for signals and for files at once: what a step needs that people type into.

Stdlib only, nothing of porch: the shim imports this file from its own folder.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress

TYPE_CHECKING = False  # importing typing takes 4 of a shim's 19 ms
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Waking:
    """Has signals make a file readable."""

    def __init__(self) -> None:
        """Raises OSError."""
        self._heard: list[int] = []
        """Signals to report."""
        self.fd, self._mouth = os.pipe()
        """`fd` is readable when there is something to `listen` to."""
        for end in (self.fd, self._mouth):
            os.set_blocking(end, False)

    def next_signal(self, signals: Iterable[int], timeout_s: float, serve: Callable[[float], object]) -> int:
        """Return the next of the blocked `signals`; 0 after the time.

        Meanwhile `serve` is called, which does what can be done, or waits so many seconds for that.
        """
        deadline = time.monotonic() + timeout_s
        signal.set_wakeup_fd(self._mouth, warn_on_full_buffer=False)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
        try:
            while not self._heard:
                left_s = deadline - time.monotonic()
                serve(max(left_s, 0.0))
                if left_s <= 0:
                    break
        finally:
            signal.pthread_sigmask(signal.SIG_BLOCK, signals)
            signal.set_wakeup_fd(-1)
        self.listen()
        return self._heard.pop(0) if self._heard else 0

    def listen(self) -> None:
        """Take the signals that have come."""
        with suppress(BlockingIOError):
            self._heard += os.read(self.fd, 512)

    def close(self) -> None:
        """Wait no more."""
        os.close(self.fd)
        os.close(self._mouth)
