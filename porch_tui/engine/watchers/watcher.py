"""A thread that watches something beside the engine, from `begin` until `end`; what it sees it offers."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod

from porch_tui.errors import PorchError, limit_met

AGAIN_S = 2.0


class Watcher(ABC):
    """Begins and ends; what is watched, and how often, is said by whoever inherits it."""

    def __init__(self, name: str) -> None:
        self._is_over = threading.Event()
        """Waited on between two looks."""
        self._thread = threading.Thread(target=self._watch_on, name=name, daemon=True)

    def begin(self) -> None:
        """Start watching."""
        self._thread.start()

    def end(self) -> None:
        """Stop watching; returns when the thread is gone. It need not have begun."""
        self._is_over.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _watch_on(self) -> None:
        """Go on after a limit of the system was met: what is watched can be looked at again later."""
        while True:
            try:
                return self._watch()
            except (OSError, RuntimeError, MemoryError, PorchError) as error:
                if not limit_met(error):
                    raise
                if self._is_over.wait(AGAIN_S):
                    return None

    @abstractmethod
    def _watch(self) -> None:
        """Look until `_is_over`."""
