"""Notices when the leases of places that are out of reach are over; the core decides what follows."""

from __future__ import annotations

import time
from collections.abc import Callable

from porch_tui.core.model import events as e
from porch_tui.core.model.place import PlaceName
from porch_tui.core.model.state import RunState
from porch_tui.core.scheduling.leases import is_counting, over_at
from porch_tui.engine.watchers.watcher import Watcher
from porch_tui.executors.executor import Offer


class LeaseWatch(Watcher):
    """Looks at two clocks once a second.

    The journal's moments are of the wall clock, which somebody may set while a lease runs; so as much time as
    was left when the place was first seen silent has to pass on the other clock too.
    """

    def __init__(self, offer: Offer, state: Callable[[], RunState]) -> None:
        self._offer = offer
        self._state = state
        self._over_at: dict[tuple[PlaceName, float], float] = {}
        """By place, and since when it is out of reach: when its lease is over (monotonic seconds)."""
        super().__init__("leases", period_s=1.0)

    def look(self) -> None:
        """Report what is over."""
        state = self._state()
        out = {(name, known.since): known for name, known in state.places.items() if is_counting(known)}
        wall, now = time.time(), time.monotonic()
        self._over_at = {
            key: self._over_at.get(key, now + max(0.0, over_at(known) - wall)) for key, known in out.items()
        }
        due = [
            e.LeaseExpired(name, since)
            for (name, since), known in out.items()
            if over_at(known) <= wall and self._over_at[name, since] <= now
        ]
        if due:
            self._offer(*due)
