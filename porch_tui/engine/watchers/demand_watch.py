"""Says how many slots the run could use at places that are made as they are needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, runtime_checkable

from porch_tui.core.model.place import PlaceName
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.ending import has_ended
from porch_tui.core.scheduling.wanted_slots import WantedSlots, wanted_slots
from porch_tui.engine.watchers.watcher import Watcher

Want = Callable[[Mapping[PlaceName, WantedSlots | None]], None]


@runtime_checkable
class TakesDemand(Protocol):
    """An executor that has such places."""

    def want(self, slots: Mapping[PlaceName, WantedSlots | None]) -> None:
        """Say what is wanted of each; None: the run has ended."""


class DemandWatch(Watcher):
    """Looks twice a second; at its end it says whether the run has ended, so that nothing waits for more."""

    def __init__(self, want: Want, state: Callable[[], RunState]) -> None:
        self._want, self._state = want, state
        super().__init__("demand", period_s=0.5)

    def look(self) -> None:
        """Say what is wanted now."""
        self._want(wanted_slots(self._state()))

    def end(self) -> None:
        """Stop, and have everything taken away if the run has ended."""
        super().end()
        state = self._state()
        if has_ended(state):
            self._want(dict.fromkeys(wanted_slots(state)))
