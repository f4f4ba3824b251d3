"""What a pending task can wait for, and what is said where it is room that it waits for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from porch_tui.core.model.place import HERE, PlaceName, PlaceStatus, called
from porch_tui.core.model.plan import TaskId, TaskSpec
from porch_tui.core.model.state import RunState
from porch_tui.core.model.wording import all_of, listed
from porch_tui.core.scheduling.job_time import (
    has_time,
    has_timeout,
    is_never_long_enough,
    is_too_short,
    needed_s,
)
from porch_tui.core.scheduling.placing import (
    Capacity,
    allowed_places,
    capacity_at,
    has_slot_at,
    here,
    is_capped,
    wanted_place,
)
from porch_tui.core.scheduling.taken import Taken, There


class WaitKind(StrEnum):
    """What a pending task can wait for."""

    AFTER = "after"
    """Another task, or the winner of a hypothesis, must land first."""
    ORDER = "order"
    """Another task writes the same paths and goes first."""
    SETUP = "setup"
    """Another check sets up the worktree that it shares."""
    LOCK = "lock"
    CPUS = "cpus"
    MEMORY = "memory"
    SHORTAGE = "shortage"
    """A task is auto-paused until there is memory again."""
    DISK = "disk"
    AGENT = "agent"
    """Its agent's account has reached a limit of use."""
    MEASUREMENT = "measurement"
    """Theories are being measured, which others would disturb."""
    BUDGET = "budget"
    """Its budget, or the run's, is used up."""
    SLOT = "slot"
    PLACE = "place"
    """None of the places that can run it can be reached now, or takes anything."""
    NOWHERE = "nowhere"
    """No place of the run can run it."""
    PAUSED = "paused"


class Wait(Struct, frozen=True):
    """One reason why a task does not start now."""

    kind: WaitKind
    task: TaskId | None = None
    """The task it waits for, if it is one."""
    text: str = ""


_NEARNESS = (WaitKind.SLOT, WaitKind.CPUS, WaitKind.MEMORY, WaitKind.SHORTAGE, WaitKind.DISK)
"""Which is given where several places have no room, each for another reason."""


def waits_here(state: RunState, spec: TaskSpec, held: Taken) -> Iterator[Wait]:
    """Yield what a task waits for on the engine's machine, where a run has no other: its tools, and room."""
    capacity = here(state)
    if missing := _missing(spec, capacity.tools):
        text = f"it needs {listed(missing)}, which is not found on this machine"
        yield Wait(WaitKind.NOWHERE, text=text)
    yield from _waits_for_room(spec, capacity, held.at(HERE))


def wait_for_place(state: RunState, spec: TaskSpec, held: Taken) -> Wait:
    """Return what a task waits for that may start nowhere now, in a run with places."""
    if is_capped(state, held):
        return Wait(WaitKind.SLOT, text=slot_text(state))
    places = list(allowed_places(state, spec))
    unable = {place: why for place in places if (why := _why_never(state, spec, place))}
    able = [place for place in places if place not in unable]
    if not able:
        return _nowhere(state, spec, unable)
    late = [place for place in able if not has_time(state, spec, place)]
    able = [place for place in able if place not in late]
    if not able:
        entries = list(dict.fromkeys(state.places[place].member_of for place in late))
        has = "has" if len(late) == 1 else "have"
        text = f"waits for another job of {listed(entries)}: {all_of(late)} {has} too little time left for it"
        return Wait(WaitKind.PLACE, text=text)
    found = {place: wait for place in able if (wait := _wait_at(state, spec, held, place)) is not None}
    if not found:
        return Wait(WaitKind.PLACE, text=_out_of_reach(state, able))
    full = [called(place) for place, wait in found.items() if wait.kind is WaitKind.SLOT]
    if len(full) > 1:
        return Wait(WaitKind.SLOT, text=f"all slots of {listed(full)} are taken")
    return min(found.values(), key=lambda wait: _NEARNESS.index(wait.kind))


def slot_text(state: RunState) -> str:
    """Return why no slot is free in the whole run."""
    if state.slots.starts_blocked:
        return f"nothing starts while anything runs: {state.slots.reason}"
    return "the only slot is taken" if state.slots.count == 1 else f"all {state.slots.count} slots are taken"


def _missing(spec: TaskSpec, tools: Collection[str]) -> list[str]:
    return [tool for tool in spec.needs if tool not in tools]


def _why_never(state: RunState, spec: TaskSpec, place: PlaceName) -> str:
    """Return why a place can never run a task, as far as is known; empty if it may.

    With `@` for its name, so that it can be said of several places at once.
    """
    known = state.places.get(place)
    has = known.resources if known is not None else None
    if has is not None and has_timeout(spec) and is_too_short(has, needed_s(state, spec)):
        return f"@ lasts {has.lasts_s:g} s in all, too short for its timeout of {spec.timeout_s:g} s"
    if known is not None and known.status is PlaceStatus.GONE:
        return "@ went away"
    if place and has is None:
        return ""
    missing = _missing(spec, known.tools if known is not None else here(state).tools)
    return f"there is no {listed(missing)} on @" if missing else ""


def _nowhere(state: RunState, spec: TaskSpec, unable: Mapping[PlaceName, str]) -> Wait:
    entries = state.plan.places_of(spec)
    open_ = [
        one.name
        for one in state.plan.places
        if one.is_cluster and one.name in entries and not is_never_long_enough(state, spec, one.name)
    ]
    if open_ and wanted_place(state, spec) is None:
        what = f" that has {listed(spec.needs)}" if spec.needs else ""
        return Wait(WaitKind.PLACE, text=f"waits for a worker of {listed(open_)}{what}")
    alike: dict[str, list[str]] = {}
    for place, why in unable.items():
        alike.setdefault(why, []).append(called(place))
    found = "; ".join(why.replace("@", all_of(names)) for why, names in alike.items())
    return Wait(WaitKind.NOWHERE, text=f"no place can run it: {found}")


def _wait_at(state: RunState, spec: TaskSpec, held: Taken, place: PlaceName) -> Wait | None:
    """Return what a task would wait for at a place; None if that takes nothing now."""
    capacity, used = capacity_at(state, place), held.at(place)
    if capacity is None or capacity.slots <= 0:
        return None
    name = called(place)
    if not has_slot_at(state, held, place):
        if not place and state.slots.starts_blocked:
            return Wait(WaitKind.SLOT, text=slot_text(state))
        known = state.places.get(place)
        if known is not None and known.memory_short:
            return Wait(
                WaitKind.SLOT, text=f"nothing starts on {name} while anything runs: {known.memory_short}"
            )
        return Wait(WaitKind.SLOT, text=f"all slots of {name} are taken")
    for wait in _waits_for_room(spec, capacity, used):
        return Wait(wait.kind, wait.task, f"{wait.text}, on {name}")
    return Wait(WaitKind.DISK, text=f"waits for disk on {name}: {capacity.disk_short}")


def _out_of_reach(state: RunState, places: Sequence[PlaceName]) -> str:
    """Return why nothing starts at places that take nothing now."""
    if len(places) > 1:
        return f"waits until one of {listed(places)} can be reached"
    known = state.places.get(places[0])
    match known.status if known is not None else PlaceStatus.CONNECTING:
        case PlaceStatus.SILENT if known is not None and known.why:
            return f"waits for {places[0]}, which is out of reach: {known.why}"
        case PlaceStatus.SILENT:
            return f"waits for {places[0]}, which is out of reach"
        case PlaceStatus.UP:
            return f"waits for {places[0]}, which takes nothing now"
        case _:
            return f"waits for {places[0]}, which is being connected"


def _waits_for_room(spec: TaskSpec, capacity: Capacity, used: There) -> Iterator[Wait]:
    # a task that wants more cores or memory than there are runs when no other uses any
    if spec.cpus and used.cpus and used.cpus + spec.cpus > capacity.cores:
        yield Wait(WaitKind.CPUS, text=f"{spec.cpus:g} of {capacity.cores} cores; {used.cpus:g} are taken")
    total = used.memory_bytes + (spec.memory_bytes or 0)
    if spec.memory_bytes and used.memory_bytes and 0 < capacity.memory_bytes < total:
        sizes = (spec.memory_bytes, capacity.memory_bytes, used.memory_bytes)
        want, have, declared = (f"{size >> 20} MiB" for size in sizes)
        text = f"{want} of the {have} to be had; running tasks have declared {declared}"
        yield Wait(WaitKind.MEMORY, text=text)
    if short := used.short:
        yield Wait(WaitKind.SHORTAGE, short[0], f"memory is short; first to go on: {', '.join(short)}")
