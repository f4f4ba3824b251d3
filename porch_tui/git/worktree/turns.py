"""So many at once, and those in a hurry first. Knows nothing of git."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

QUIET_WITHIN_S = 2.0
"""How long who is not in a hurry waits for a moment in which nobody is who is."""


class Turns:
    """A number of places that threads take in turn."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting = self._at_work = 0
        """How many of those in a hurry wait for a place, and have one."""
        self._changed = threading.Condition()

    @contextmanager
    def turn(self, *, is_hurried: bool) -> Iterator[None]:
        """Have a place while the block runs.

        Who is not in a hurry takes none that somebody waits for who is, and for a while slows none of them
        down that have one.
        """
        with self._changed:
            if is_hurried:
                self._wait_in_a_hurry()
            else:
                self._changed.wait_for(lambda: not (self._waiting or self._at_work), QUIET_WITHIN_S)
                self._changed.wait_for(lambda: self._free and not self._waiting)
            self._free -= 1
            self._at_work += is_hurried
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._at_work -= is_hurried
                self._changed.notify_all()

    def _wait_in_a_hurry(self) -> None:
        self._waiting += 1
        try:
            self._changed.wait_for(lambda: self._free)
        finally:
            self._waiting -= 1
