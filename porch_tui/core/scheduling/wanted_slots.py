"""How many slots a run could use at places that are made as they are needed: the jobs of a batch system."""

from __future__ import annotations

from collections.abc import Mapping

from porch_tui.core.model.derived import once
from porch_tui.core.model.place import HERE, PlaceName, PlaceSpec, Scheme
from porch_tui.core.model.state import RunState, entries_in
from porch_tui.core.model.status import EntryStatus
from porch_tui.core.scheduling.placing import validations_at
from porch_tui.core.scheduling.startable import startable
from porch_tui.core.scheduling.taken import taken


@once()
def wanted_slots(state: RunState) -> Mapping[PlaceName, int]:
    """Return by batch system how many slots what runs there has, and what waits for no more than a slot."""
    batch = [spec for spec in state.plan.places if spec.scheme is Scheme.BATCH]
    return {spec.name: _wanted(state, spec) for spec in batch}


def _wanted(state: RunState, spec: PlaceSpec) -> int:
    held, flights = taken(state), validations_at(state)
    members = [place for place, known in state.places.items() if known.member_of == spec.name]
    used = sum(held.at(place).slots + flights.get(place, 0) for place in members)
    if state.is_paused:
        return used
    waiting = _waiting(state, spec.name)
    if not state.slots.is_auto:
        waiting = max(0, min(waiting, state.slots.count - held.slots))
    if HERE not in state.plan.validation_places and spec.name in state.plan.validation_places:
        is_due = bool(entries_in(state, EntryStatus.QUEUED, EntryStatus.READY))
        waiting = waiting or int(is_due and not used)
    return used + waiting


def _waiting(state: RunState, entry: PlaceName) -> int:
    """Return how many pending tasks may run there that wait for no other."""
    count = 0
    for turns in startable(state).values():
        spec = state.specs[turns[0][-1]]
        if entry not in state.plan.places_of(spec) or (spec.agent and state.limit_of(spec.agent)):
            continue
        count += 1 if spec.locks or spec.is_shared else len(turns)
    return count
