"""So many at once, and those in a hurry first. Knows nothing of git."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """A number of places that threads take in turn."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._hurried = 0
        """How many wait that are in a hurry."""
        self._changed = threading.Condition()

    @contextmanager
    def turn(self, *, is_hurried: bool) -> Iterator[None]:
        """Have a place while the block runs. Who is not in a hurry waits until no one is who waits too."""
        with self._changed:
            self._hurried += is_hurried
            self._changed.wait_for(lambda: self._free and (is_hurried or not self._hurried))
            self._hurried -= is_hurried
            self._free -= 1
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify_all()
