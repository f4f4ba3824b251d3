"""An engine that is there for one errand: a command that is the engine of a run for the moment it takes."""

from __future__ import annotations

from collections.abc import Callable

from porch_tui.core.model.state import RunState
from porch_tui.core.rules.effects import Effect
from porch_tui.engine.engine import Performance, Performer


class OnErrand:
    """A performer that begins what belongs to the errand, and leaves everything else to the next engine."""

    def __init__(self, performer: Performer, belongs: Callable[[Effect], bool]) -> None:
        self._performer = performer
        self._belongs = belongs

    def begin(self, effect: Effect, state: RunState, finished: Callable[[], None]) -> Performance:
        """Begin an effect, if it belongs to the errand."""
        return self._performer.begin(effect, state, finished) if self._belongs(effect) else _Left()


class _Left:
    """A performance nobody gives."""

    def cancel(self) -> None:
        """There is nothing to end."""
