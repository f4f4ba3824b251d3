"""Where attempts run, as part of JSON documents."""

from __future__ import annotations

from porch_tui.core.model.state import RunState
from porch_tui.present.amounts import moment
from porch_tui.present.place_rows import PlaceRow, all_place_rows

Json = dict[str, object]


def places_document(state: RunState) -> list[Json]:
    """Return the places that a run has had, and what runs there; nothing if it has only this machine."""
    return [_place(row) for row in all_place_rows(state)]


def _place(row: PlaceRow) -> Json:
    known = row.known
    return {
        "name": row.name,
        "status": row.status.value,
        "since": moment(known.since) if known is not None else None,
        "heard_at": moment(known.heard_at) if known is not None else None,
        "why": known.why if known is not None else "",
        "slots": row.slots,
        "taken": row.taken,
        "tasks": list(row.used.tasks),
        "validations": row.validations,
        "lease_over_at": moment(row.lease_over_at),
        "cores": row.cores,
        "memory_bytes": row.memory_bytes,
        "disk_free_bytes": row.disk_free_bytes,
        "ends_at": moment(row.ends_at),
        "tools": list(row.tools),
        "disk_short": row.disk_short,
        "memory_short": row.known.memory_short if row.known is not None else "",
    }
