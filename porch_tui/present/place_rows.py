"""The places of a run as rows: slots taken, what there is, and what a person should know of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec import Struct

from porch_tui.core.model.place import HERE, PlaceName, PlaceState, PlaceStatus, called
from porch_tui.core.model.state import RunState
from porch_tui.core.model.wording import counted, listed
from porch_tui.core.scheduling.placing import capacity_at, uses_here, validations_at
from porch_tui.core.scheduling.taken import There, taken
from porch_tui.present.amounts import clock, duration, size
from porch_tui.present.place_text import others_text
from porch_tui.present.signs import Sign

SIGNS: Mapping[PlaceStatus, Sign] = {
    PlaceStatus.CONNECTING: Sign.WAITS,
    PlaceStatus.UP: Sign.GOOD,
    PlaceStatus.SILENT: Sign.ASKS,
    PlaceStatus.GONE: Sign.ENDED,
}
WITHOUT_ENGINE: Mapping[PlaceStatus, str] = {
    PlaceStatus.CONNECTING: "not connected",
    PlaceStatus.UP: "was up",
    PlaceStatus.SILENT: "was silent",
    PlaceStatus.GONE: "gone",
}
"""What places were when an engine last ran: it alone knows what they are."""


class PlaceRow(Struct, frozen=True):
    """A place, and what runs there."""

    place: PlaceName
    known: PlaceState | None
    """None: the engine's machine."""
    slots: int | None
    """None: not known while it is not up."""
    cores: int | None
    memory_bytes: int | None
    disk_free_bytes: int | None
    """When it was last reached."""
    ends_at: float | None
    """When it ends, whatever runs there, Unix time; None: that is not known."""
    tools: tuple[str, ...]
    """Those that tasks need and it has."""
    disk_short: str
    used: There
    """By attempts."""
    validations: int = 0
    """How many take a slot there."""

    @property
    def name(self) -> str:
        """What people call it."""
        return called(self.place)

    @property
    def status(self) -> PlaceStatus:
        """What is known of it."""
        return self.known.status if self.known is not None else PlaceStatus.UP

    @property
    def is_running(self) -> bool:
        """Whether attempts or validations may be running there."""
        return bool(self.used.tasks or self.validations) and not (
            self.known is not None and self.known.is_lease_over
        )

    @property
    def has_left(self) -> bool:
        """Whether it was a worker of a cluster, and nothing of it is left to be looked after."""
        is_member = self.known is not None and self.known.member_of != self.place
        return is_member and self.status is PlaceStatus.GONE and not self.used.tasks

    @property
    def lease_over_at(self) -> float | None:
        """When what runs there ends on its own, Unix time; None: it does not while the place is up."""
        known = self.known
        is_away = known is not None and known.status is not PlaceStatus.UP and not known.is_lease_over
        return known.since + known.lease_s if known is not None and is_away else None

    @property
    def sign(self) -> Sign:
        """The sign of its row."""
        return Sign.RUNS if self.status is PlaceStatus.UP and self.is_running else SIGNS[self.status]

    @property
    def taken(self) -> int:
        """How many slots are in use."""
        return self.used.slots + self.validations

    @property
    def running(self) -> tuple[str, ...]:
        """What runs there, in words."""
        if not self.is_running:
            return ()
        count = self.validations
        return (*self.used.tasks, *([counted(count, "validation")] if count else ()))

    @property
    def load(self) -> str:
        """Slots in use, of how many."""
        return f"{self.taken}/{'?' if self.slots is None else self.slots}"


def place_rows(state: RunState) -> list[PlaceRow]:
    """Return a row for each place of a run, in plan order; none for a run that has only this machine.

    Workers that have left their cluster have none, unless something may still run there.
    """
    return [row for row in all_place_rows(state) if not row.has_left]


def all_place_rows(state: RunState) -> list[PlaceRow]:
    """Return the rows of those that have left as well."""
    if not state.plan.places:
        return []
    places = [HERE, *state.places] if uses_here(state) else [*state.places]
    held, validations = taken(state), validations_at(state)
    return [_row(state, place, held.at(place), validations.get(place, 0)) for place in places]


def _row(state: RunState, place: PlaceName, used: There, validations: int) -> PlaceRow:
    known, capacity = state.places.get(place), capacity_at(state, place)
    if known is None:
        assert capacity is not None  # the engine's machine has one always
        has = capacity.slots, capacity.cores, capacity.memory_bytes or None, None, None, capacity.tools
        return PlaceRow(place, None, *has, capacity.disk_short, used)
    slots = capacity.slots if capacity is not None else None
    found = known.resources
    return PlaceRow(
        place,
        known,
        slots,
        found.cores if found else None,
        (found.memory_bytes or None) if found else None,
        found.disk_free_bytes if found else None,
        found.ends_at if found else None,
        known.tools,
        known.disk_short,
        used,
        validations,
    )


def status_text(row: PlaceRow, now: float, *, has_engine: bool = True) -> str:
    """Return its state in a word or two: `silent 4m`, `not reached`; without an engine `was up`."""
    if row.status is PlaceStatus.SILENT and row.known is not None and has_engine:
        if row.known.resources is None:
            return "not reached"
        return f"silent {duration(now - row.known.since)}"
    return _word(row, has_engine)


def _word(row: PlaceRow, has_engine: bool) -> str:
    return row.status.value if has_engine or row.known is None else WITHOUT_ENGINE[row.status]


def has_text(row: PlaceRow) -> str:
    """Return what there is: cores, memory, free disk, tools, and until when."""
    parts = [
        counted(row.cores, "core") if row.cores else "",
        f"{size(row.memory_bytes)} memory" if row.memory_bytes else "",
        f"{size(row.disk_free_bytes)} disk free" if row.disk_free_bytes is not None else "",
        f"has {', '.join(row.tools)}" if row.tools else "",
        f"until {clock(row.ends_at)}" if row.ends_at is not None and row.status is PlaceStatus.UP else "",
    ]
    return ", ".join(filter(None, parts))


def runs_text(row: PlaceRow, limit: str = "tasks") -> str:
    """Return what runs there; empty: nothing."""
    return f"runs {listed(row.running, limit)}" if row.is_running else ""


def why_text(row: PlaceRow) -> str:
    """Return why a place is not up, since when, and what becomes of what runs there; empty: all is well."""
    known = row.known
    if row.disk_short:
        return f"nothing starts there: {row.disk_short}"
    if known is None:
        return ""
    if known.status is PlaceStatus.UP:
        if known.memory_short:
            return f"nothing starts there while anything runs: {known.memory_short}"
        return others_text(known.resources) if known.resources is not None else ""
    why = f": {known.why}" if known.why else ""
    parts = [f"gone since {clock(known.since)}{why}"]
    if known.status is PlaceStatus.CONNECTING:
        heard_at = known.heard_at  # by an engine before this one
        parts = [f"last heard of at {clock(heard_at)}" if heard_at else f"not reached yet{why}"]
    elif known.status is PlaceStatus.SILENT:
        heard = known.heard_at or known.since
        never = known.resources is None
        parts = [f"{'not reached' if never else 'not heard of'} since {clock(heard)}{why}"]
    if row.used.tasks:
        end = row.lease_over_at
        parts.append(
            f"what runs there ends on its own at {clock(end)}"
            if end is not None
            else "nothing runs there any more"
        )
    return "; ".join(parts)


def tally_text(rows: Iterable[PlaceRow], *, has_engine: bool = True) -> str:
    """Return how many places there are of each state, and their slots: `2 up, 1 silent, 3/8 slots`."""
    rows = list(rows)
    ordered = sorted(rows, key=lambda row: [*PlaceStatus].index(row.status))
    words = [f"{count} {word}" for word, count in Counter(_word(row, has_engine) for row in ordered).items()]
    up = [row for row in rows if row.slots is not None]
    used, slots = sum(row.taken for row in up), sum(row.slots or 0 for row in up)
    return ", ".join([*words, f"{used}/{slots} slots"])


def silent_places(state: RunState) -> int:
    """Return how many places are out of reach."""
    return sum(known.status is PlaceStatus.SILENT for known in state.places.values())
