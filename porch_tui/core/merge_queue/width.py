"""How many states the queue validates at once, and where: the engine's machine, and what places add to it.

A place counts with as many as it has slots and cores, whatever runs there now: which prefixes are worth
validating should not change with each attempt that starts or ends.
"""

from __future__ import annotations

from porch_tui.core.model.derived import once
from porch_tui.core.model.place import HERE, PlaceName, PlaceStatus
from porch_tui.core.model.state import RunState


@once("plan", "places", "validations")
def width(state: RunState) -> int:
    """Return how many validations run at once, where all places that can be reached have a slot free."""
    jobs = state.validations.jobs
    if not state.plan.places:
        return jobs
    allowed = state.plan.validation_places
    there = sum(_room(state, place) for place, known in state.places.items() if known.member_of in allowed)
    return max(1, (jobs if HERE in allowed else 0) + there)


def _room(state: RunState, place: PlaceName) -> int:
    known = state.places[place]
    if known.status is not PlaceStatus.UP or known.resources is None or known.disk_short:
        return 0
    slots = known.resources.slots if known.slots is None else known.slots
    return max(0, min(slots, known.resources.cores))
