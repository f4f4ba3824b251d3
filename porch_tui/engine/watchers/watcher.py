"""A thread that watches something while the engine works, from `begin` until `end`, and offers events."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod

from porch_tui.errors import PorchError, limit_met

RETRY_S = 2.0
"""After a limit of the system was met."""


class Watcher(ABC):
    """Calls `look` again and again in a thread of its own."""

    def __init__(self, name: str, period_s: float) -> None:
        self._period_s = period_s
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def begin(self) -> None:
        """Start watching."""
        self._thread.start()

    def end(self) -> None:
        """Stop watching; returns when the thread is gone. It need not have begun."""
        self._is_over.set()
        if self._thread.ident is not None:
            self._thread.join()

    @abstractmethod
    def look(self) -> None:
        """Look once, and offer what follows from it."""

    def _watch(self) -> None:
        """Look until `_is_over`."""
        while not self._is_over.wait(self._period_s):
            self.look()

    def _run(self) -> None:
        while True:
            try:
                return self._watch()
            except (OSError, RuntimeError, MemoryError, PorchError) as error:
                if not limit_met(error):
                    raise
                if self._is_over.wait(RETRY_S):
                    return None
