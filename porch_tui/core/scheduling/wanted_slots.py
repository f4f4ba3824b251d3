"""How many slots a run could use at places that are made as they are needed: the jobs of a batch system."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from porch_tui.core.model.derived import once
from porch_tui.core.model.place import HERE, PlaceName, PlaceSpec, PlaceStatus, Scheme
from porch_tui.core.model.plan import TaskSpec
from porch_tui.core.model.state import RunState, entries_in
from porch_tui.core.model.status import EntryStatus
from porch_tui.core.scheduling.job_time import has_time, is_never_long_enough
from porch_tui.core.scheduling.placing import validations_at
from porch_tui.core.scheduling.startable import startable
from porch_tui.core.scheduling.taken import taken


class WantedSlots(Struct, frozen=True):
    """What a run could use of one batch system."""

    count: int
    """What runs in its jobs, and what waits for no more than a slot; without the jobs in `late`."""
    late: tuple[PlaceName, ...] = ()
    """Jobs that have too little time left for something that waits, and get nothing more to do."""


@once()
def wanted_slots(state: RunState) -> Mapping[PlaceName, WantedSlots]:
    """Return what is wanted of each batch system."""
    batch = [spec for spec in state.plan.places if spec.scheme is Scheme.BATCH]
    return {spec.name: _wanted(state, spec) for spec in batch}


def _wanted(state: RunState, spec: PlaceSpec) -> WantedSlots:
    held, flights = taken(state), validations_at(state)
    late = () if state.is_paused else tuple(_late(state, spec.name))
    others = [
        place for place, known in state.places.items() if known.member_of == spec.name and place not in late
    ]
    used = sum(held.at(place).slots + flights.get(place, 0) for place in others)
    if state.is_paused:
        return WantedSlots(used)
    waiting = sum(count for _, count in _waiting(state, spec.name))
    if not state.slots.is_auto:
        waiting = max(0, min(waiting, state.slots.count - held.slots))
    if HERE not in state.plan.validation_places and spec.name in state.plan.validation_places:
        is_due = bool(entries_in(state, EntryStatus.QUEUED, EntryStatus.READY))
        waiting = waiting or int(is_due and not used)
    return WantedSlots(used + waiting, late)


def _waiting(state: RunState, entry: PlaceName) -> Iterator[tuple[TaskSpec, int]]:
    """Yield how many tasks that need the same may run there and wait for no other, with the first of them."""
    for turns in startable(state).values():
        spec = state.specs[turns[0][-1]]
        if entry not in state.plan.places_of(spec) or (spec.agent and state.limit_of(spec.agent)):
            continue
        if not is_never_long_enough(state, spec, entry):
            yield spec, 1 if spec.locks or spec.is_shared else len(turns)


def _late(state: RunState, entry: PlaceName) -> Iterator[PlaceName]:
    waiting = [spec for spec, _ in _waiting(state, entry)]
    for place, known in state.places.items():
        is_up = known.member_of == entry and known.status is PlaceStatus.UP
        if is_up and not all(has_time(state, spec, place) for spec in waiting):
            yield place
