"""Where the next validation runs, in a run with places; and which have to run again.

On the engine's machine as many run as it has workers for that, whatever tasks do there. On another place one
takes a slot, as an attempt does; it gets it first, since what waits to land keeps others waiting.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import HERE, PlaceName, PlaceStatus
from porch_tui.core.model.state import RunState
from porch_tui.core.scheduling.placing import vacant_places


def schedule_a_validation(
    state: RunState, worth: Iterator[e.ValidationScheduled], busy: int
) -> list[e.AnyEvent]:
    """Return the start of the most useful validation, where there is room for it; nothing if there is none.

    `busy`: how many workers of the engine's machine have one that is not frozen.
    """
    place = _place(state, busy)
    first = next(worth, None) if place is not None else None
    return [] if first is None or place is None else [replace(first, place=place)]


def drop_unreachable(state: RunState) -> list[e.AnyEvent]:
    """Return the end, without a verdict, of validations whose place is out of reach or was started again."""
    return [
        e.ValidationDropped(flight.tree, flight.number)
        for flight in state.validations.in_flight.values()
        if flight.place and not is_reached(state, flight.place, flight.boot)
    ]


def is_reached(state: RunState, place: PlaceName, boot: str) -> bool:
    """Say whether a place is up, and its machine was not started again since it had this boot."""
    known = state.places.get(place)
    return known is not None and known.status is PlaceStatus.UP and known.boot == boot


def _place(state: RunState, busy: int) -> PlaceName | None:
    allowed = state.plan.validation_places
    if busy < state.validations.jobs and (HERE in allowed or not _may_come(state, allowed)):
        return HERE
    return next(vacant_places(state, allowed), None)


def _may_come(state: RunState, allowed: Collection[PlaceName]) -> bool:
    """Say whether one of the places that a plan names for validations is there, or may be once."""
    if any(spec.is_cluster and spec.name in allowed for spec in state.plan.places):
        return True
    known = (one.status for one in state.places.values() if one.member_of in allowed)
    return any(status is not PlaceStatus.GONE for status in known)
