"""Where a task may run now: which of the places has room, and what it has to be asked for.

A run that names no places has one, the engine's machine, of which `state.slots` and `state.machine` say all.
Else each place counts for itself, and a number of slots that the plan or a person gave caps the sum.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec import Struct

from porch_tui.core.model.derived import once
from porch_tui.core.model.place import HERE, PlaceName, PlaceState, PlaceStatus, is_other_machine
from porch_tui.core.model.plan import TaskId, TaskSpec
from porch_tui.core.model.state import Attempt, RunState
from porch_tui.core.scheduling.job_time import has_time
from porch_tui.core.scheduling.shared import groups
from porch_tui.core.scheduling.taken import Taken, There, taken

Vacancy = tuple[int, PlaceName]
"""How many slots are free, negative so that the most come first, and where."""
Alike = tuple[bool, tuple[str, ...]]
"""Whether all tasks may run there that name no place, and which tools are there."""


class Capacity(Struct, frozen=True):
    """What one place gives to tasks."""

    slots: int
    cores: int
    memory_bytes: int
    disk_short: str = ""
    tools: tuple[str, ...] = ()


@once("plan", "slots", "machine")
def here(state: RunState) -> Capacity:
    """Return what the engine's machine gives to tasks."""
    known, count = state.machine, state.slots.count
    spec = next((one for one in state.plan.places if one.name == HERE), None)
    if state.plan.places and not state.slots.is_auto:
        own = spec.slots if spec is not None and spec.slots is not None else known.cores
        count = min(count, own)
    elif spec is not None and spec.slots is not None:
        count = min(count, spec.slots)
    has = spec.has if spec is not None else ()
    tools = tuple(sorted({*known.tools, *has}))
    return Capacity(count, known.cores, known.memory_bytes, known.disk_short, tools)


def _capacity_of(known: PlaceState) -> Capacity | None:
    """Return what a place gives to tasks; None while nothing can start there."""
    if known.status is not PlaceStatus.UP or known.resources is None:
        return None
    has = known.resources
    slots = has.slots if known.slots is None else known.slots
    if known.memory_short:  # one always runs: else it might wait for what others hold for ever
        slots = min(1, slots)
    return Capacity(slots, has.cores, known.memory_bytes, known.disk_short, known.tools)


def capacity_at(state: RunState, place: PlaceName) -> Capacity | None:
    """Return what a place of the run, the engine's machine among them, gives to tasks."""
    if not place:
        return here(state)
    known = state.places.get(place)
    return None if known is None else _capacity_of(known)


@once("validations")
def validations_at(state: RunState) -> Mapping[PlaceName, int]:
    """Return how many validations take a slot of each place; those on the engine's machine take none."""
    places = (flight.place for flight in state.validations.in_flight.values())
    return Counter(place for place in places if place)


class Vacancies(Struct, frozen=True):
    """Places other than the engine's machine that have a free slot."""

    alike: Mapping[Alike, tuple[Vacancy, ...]]

    @property
    def is_any(self) -> bool:
        """Whether there is one."""
        return bool(self.alike)


@once("places", "tasks", "specs", "validations")
def vacancies(state: RunState) -> Vacancies:
    """Return which places have free slots, by looking at all of them: what it is by definition."""
    groups: dict[Alike, list[Vacancy]] = {}
    held = taken(state)
    for place in state.places:
        if (found := _vacancy(state, held, place)) is not None:
            groups.setdefault(found[0], []).append(found[1])
    return Vacancies({alike: tuple(sorted(free)) for alike, free in groups.items()})


def moved_on(
    known: Vacancies,
    before: tuple[RunState, Taken],
    after: tuple[RunState, Taken],
    places: Iterable[PlaceName],
) -> Vacancies:
    """Return the vacancies of a state from those of the previous one, which differs in these places only."""
    moved = dict(known.alike)
    for place in dict.fromkeys(places):
        was, now = _vacancy(*before, place), _vacancy(*after, place)
        if was == now:
            continue
        if was is not None:
            alike, vacancy = was
            free = list(moved[alike])
            del free[bisect_left(free, vacancy)]
            moved[alike] = tuple(free)
            if not free:
                del moved[alike]
        if now is not None:
            alike, vacancy = now
            free = list(moved.get(alike, ()))
            insort(free, vacancy)
            moved[alike] = tuple(free)
    return Vacancies(moved)


def _vacancy(state: RunState, held: Taken, place: PlaceName) -> tuple[Alike, Vacancy] | None:
    known = state.places.get(place)
    capacity = None if known is None else _capacity_of(known)
    if known is None or capacity is None or capacity.disk_short:
        return None
    used = held.at(place)
    free = capacity.slots - used.slots - validations_at(state).get(place, 0)
    if free <= 0 or used.short:
        return None
    return (known.member_of in _for_all(state), capacity.tools), (-free, place)


@once("plan")
def _for_all(state: RunState) -> frozenset[PlaceName]:
    return frozenset(state.plan.on)


def vacant_places(state: RunState, entries: Collection[PlaceName]) -> Iterator[PlaceName]:
    """Yield the places of these entries of the plan with a free slot, without the engine's machine."""
    for _, place in heapq.merge(*vacancies(state).alike.values()):
        if state.places[place].member_of in entries:
            yield place


def is_capped(state: RunState, held: Taken) -> bool:
    """Say whether as many attempts run as the plan or a person wants at once, wherever they run."""
    return bool(state.plan.places) and not state.slots.is_auto and held.slots >= state.slots.count


def has_slot_at(state: RunState, held: Taken, place: PlaceName) -> bool:
    """Say whether one more attempt may run at a place; when memory is short here, only if no other does."""
    if is_capped(state, held):
        return False
    if not place:
        return held.at(HERE).slots < (1 if state.slots.starts_blocked else here(state).slots)
    capacity, validations = capacity_at(state, place), validations_at(state).get(place, 0)
    return capacity is not None and held.at(place).slots + validations < capacity.slots


def has_slot(state: RunState, held: Taken) -> bool:
    """Say whether one more attempt may run anywhere."""
    if not state.plan.places:
        return has_slot_at(state, held, HERE)
    return not is_capped(state, held) and (vacancies(state).is_any or has_slot_at(state, held, HERE))


def all_slots(state: RunState) -> int:
    """Return how many attempts may run at once, at all places together that can be reached now."""
    if not state.plan.places:
        return state.slots.count
    known = (_capacity_of(place) for place in state.places.values())
    total = sum(one.slots for one in known if one is not None)
    if uses_here(state):
        total += here(state).slots
    return total if state.slots.is_auto else min(total, state.slots.count)


@once("plan")
def uses_here(state: RunState) -> bool:
    """Say whether tasks may run on the engine's machine."""
    return any(HERE in state.plan.places_of(spec) for spec in state.plan.tasks)


def wanted_place(state: RunState, spec: TaskSpec) -> PlaceName | None:
    """Return the one place where a task must run next: where its worktree is; None if it has a choice.

    A worktree whose place is gone, out of reach for good, or about to end, is none: the task begins again.
    """
    task = state.tasks[spec.id]
    if spec.is_shared and state.plan.places:
        others = (state.tasks[other].attempt for other in groups(state)[spec.group])
        places = dict.fromkeys(one.place for one in others if one is not None and _is_there(state, spec, one))
        return next((place for place in places if may_run_at(state, spec, place)), None)
    attempt = task.attempt if task.keep_worktree else None
    return attempt.place if attempt is not None and _is_there(state, spec, attempt) else None


def _is_there(state: RunState, spec: TaskSpec, attempt: Attempt) -> bool:
    """Say whether the worktree of an attempt may still be where it was, for long enough to go on in it."""
    if not attempt.place:
        return True
    known = state.places.get(attempt.place)
    is_gone = known is None or known.status is PlaceStatus.GONE or known.is_lease_over
    is_gone = is_gone or is_on_another_machine(state, attempt)
    return not is_gone and not attempt.lost_because and has_time(state, spec, attempt.place)


def is_on_another_machine(state: RunState, attempt: Attempt) -> bool:
    """Say whether an attempt was given to another machine than the one its place leads to now."""
    known = state.places.get(attempt.place)
    return known is not None and is_other_machine(attempt.boot, known.boot)


def keeps_worktree(state: RunState, task: TaskId) -> bool:
    """Say whether a task's next attempt goes on in the worktree of its last one."""
    known = state.tasks[task]
    if not known.keep_worktree or known.attempt is None:
        return False
    return known.attempt.place == wanted_place(state, state.specs[task])


def place_for(state: RunState, spec: TaskSpec, held: Taken) -> PlaceName | None:
    """Return the place with the most free slots that a task may start on now; None if there is none."""
    if not state.plan.places:
        all_there_is, used = here(state), held.at(HERE)
        is_free = has_slot_at(state, held, HERE) and not all_there_is.disk_short and not used.short
        fits = is_free and _has_tools(spec, all_there_is) and has_room(spec, all_there_is, used)
        return HERE if fits else None
    if is_capped(state, held):
        return None
    for _, place in _candidates(state, spec, held):
        capacity = capacity_at(state, place)
        if capacity is None or not has_room(spec, capacity, held.at(place)):
            continue
        if _has_tools(spec, capacity) and has_time(state, spec, place):
            return place
    return None


def has_room(spec: TaskSpec, capacity: Capacity, used: There) -> bool:
    """Say whether a place has the cores and the memory that a task declares.

    One that wants more than there is runs when no other there uses any.
    """
    fits = not spec.cpus or not used.cpus or used.cpus + spec.cpus <= capacity.cores
    total = used.memory_bytes + (spec.memory_bytes or 0)
    is_short = spec.memory_bytes and used.memory_bytes and 0 < capacity.memory_bytes < total
    return fits and not is_short


def may_run_at(state: RunState, spec: TaskSpec, place: PlaceName) -> bool:
    """Say whether a task may run at a place, as far as is known of its tools."""
    known = state.places.get(place)
    entry = known.member_of if known is not None else HERE
    tools = known.tools if known is not None else here(state).tools
    is_known = known is None or known.resources is not None
    return entry in state.plan.places_of(spec) and (not is_known or set(spec.needs) <= set(tools))


def allowed_places(state: RunState, spec: TaskSpec) -> Iterator[PlaceName]:
    """Yield the places of the run on which a task may run, in the order of the plan, up or not."""
    only = wanted_place(state, spec)
    if only is not None:
        yield only
        return
    entries, members = state.plan.places_of(spec), _members(state)
    for entry in entries:
        if not entry:
            yield HERE
        yield from members.get(entry, ())


def _has_tools(spec: TaskSpec, capacity: Capacity) -> bool:
    return not spec.needs or set(spec.needs) <= set(capacity.tools)


def _candidates(state: RunState, spec: TaskSpec, held: Taken) -> Iterator[Vacancy]:
    """Yield the places that a task may choose and that have a free slot, the one with the most first."""
    only = wanted_place(state, spec)
    known = vacancies(state).alike
    if only is not None or spec.place or spec.of is not None:
        names = [only] if only is not None else list(allowed_places(state, spec))
        found = (_vacancy(state, held, place) for place in names if place)
        free = sorted(one[1] for one in found if one is not None)
        return heapq.merge(free, _vacancy_here(state, held) if HERE in names else ())
    fitting = (group for (is_on, tools), group in known.items() if is_on and set(spec.needs) <= set(tools))
    at_home = _vacancy_here(state, held) if HERE in (state.plan.on or (HERE,)) else ()
    return heapq.merge(at_home, *fitting)


def _vacancy_here(state: RunState, held: Taken) -> tuple[Vacancy, ...]:
    capacity, used = here(state), held.at(HERE)
    if capacity.disk_short or used.short or not has_slot_at(state, held, HERE):
        return ()
    return ((used.slots - capacity.slots, HERE),)


@once("places")
def _members(state: RunState) -> Mapping[PlaceName, tuple[PlaceName, ...]]:
    """Return the places by their entry in the plan."""
    found: dict[PlaceName, list[PlaceName]] = {}
    for place, known in state.places.items():
        found.setdefault(known.member_of, []).append(place)
    return {entry: tuple(places) for entry, places in found.items()}
