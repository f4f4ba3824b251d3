"""Where attempts run, as part of JSON documents."""

from __future__ import annotations

from porch_tui.core.model.place import HERE, HERE_WORD, PlaceState, PlaceStatus
from porch_tui.core.model.state import RunState
from porch_tui.core.scheduling.placing import capacity_at, here, uses_here
from porch_tui.core.scheduling.taken import There, taken
from porch_tui.present.amounts import moment

Json = dict[str, object]


def places_document(state: RunState) -> list[Json]:
    """Return the places of a run and what runs there; nothing of a run that has only this machine."""
    if not state.plan.places:
        return []
    held, found = taken(state), []
    if uses_here(state):
        capacity = here(state)
        found.append(_place(HERE_WORD, None, capacity.slots, capacity.disk_short, held.at(HERE)))
    for name, known in state.places.items():
        there = capacity_at(state, name)
        slots = there.slots if there is not None else None
        found.append(_place(name, known, slots, known.disk_short, held.at(name)))
    return found


def _place(name: str, known: PlaceState | None, slots: int | None, disk_short: str, used: There) -> Json:
    is_away = known is not None and known.status is not PlaceStatus.UP and not known.is_lease_over
    return {
        "name": name,
        "status": known.status.value if known is not None else PlaceStatus.UP.value,
        "since": moment(known.since) if known is not None else None,
        "heard_at": moment(known.heard_at) if known is not None else None,
        "why": known.why if known is not None else "",
        "slots": slots,
        "taken": used.slots,
        "tasks": list(used.tasks),
        "lease_over_at": moment(known.since + known.lease_s) if known is not None and is_away else None,
        "disk_short": disk_short,
    }
