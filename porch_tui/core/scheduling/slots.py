"""How many attempts should run at once, by how busy the machine is: the answer to one reading of it.

Too many at once cost CPU-bound work a tenth of its throughput, too few cost work that waits (agents,
downloads) a factor of eight. So the number grows while cores are idle, and only memory is strict.
"""

from __future__ import annotations

import math
from collections.abc import Container, Mapping
from enum import StrEnum

from msgspec import Struct

from porch_tui.core.model import events as e
from porch_tui.core.model.index import index
from porch_tui.core.model.place import HERE, PlaceName, PlaceStatus
from porch_tui.core.model.plan import TaskId, TaskSpec
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.scheduling.placing import allowed_places, has_slot_at
from porch_tui.core.scheduling.readiness import waits
from porch_tui.core.scheduling.startable import firsts
from porch_tui.core.scheduling.taken import Taken, taken, tasks_here
from porch_tui.core.scheduling.waiting import WaitKind

IDLE_SHARE = 0.15
"""The number grows while more than this share of the cores is idle."""
BUSY_SHARE = 0.03
"""It shrinks when less than this share is idle and tasks wait for cores."""
CPU_PRESSURE_PERCENT = 85.0
"""Tasks wait for cores when something waited for one in more than this percentage of the time."""
GROWTH = 1.5
"""At most, from one reading to the next: what has just started does not show what it will use yet."""

GROW_AFTER_S = 0.4
"""Since the last change."""
SHRINK_AFTER_S = 30.0
"""Since the last change; shrinking gains little."""
GROW_AGAIN_AFTER_S = 120.0
"""Since it has shrunk."""
RELIEF_AFTER_S = 5.0
"""Since memory was short, before anything starts again."""

MOST_SLOTS = 32
"""Or `MOST_SLOTS_PER_CORE` for each core, if that is more."""
MOST_SLOTS_PER_CORE = 4

RESERVE_SHARE = 0.10
"""Of the memory, for everything but tasks; at least `RESERVE_BYTES`, at most `LARGEST_RESERVE_SHARE`."""
RESERVE_BYTES = 1 << 30
LARGEST_RESERVE_SHARE = 0.20
MEMORY_PRESSURE_PERCENT = 10.0
"""Memory is short when something waited for it in more than this percentage of the time."""
RELIEF_PRESSURE_PERCENT = 5.0
"""There is memory again when that has fallen to this."""
RELIEF_RESERVES = 1.5
"""And when this many times the reserve is free."""


class Why(StrEnum):
    """Why the number became what it is."""

    IDLE = "cores were idle"
    BUSY = "all cores were busy"
    MEMORY = "memory is short"
    RELIEF = "there is memory again"
    PLAN = "as the plan says"
    ADAPTS = "adapts to the machine"
    SERIAL = "the analysis found nothing to gain by more"
    LIMIT = "the system allows no more processes, threads or open files"


class Reading(Struct, frozen=True):
    """How busy the machine is, as far as porch may use it. None: not measured here."""

    at: float
    """Seconds since the epoch."""
    idle: float
    """Share of the cores, 0 to 1, that was idle since the previous reading."""
    memory_bytes: int
    available_bytes: int
    demand: float | None = None
    """How many cores running tasks would keep busy if they had them: other processes may use some."""
    cpu_pressure: float | None = None
    """Percent of the last ten seconds in which something that could run waited for a core."""
    memory_pressure: float | None = None
    """The same for memory."""
    memory_stall: float | None = None
    """Percent of them in which everything waited for memory."""


def most_slots(state: RunState) -> int:
    """Return how far the number may grow automatically."""
    return largest_slots(len(state.tasks), state.machine.cores)


def largest_slots(tasks: int, cores: int) -> int:
    """Return how far the number may grow automatically for so many tasks."""
    return max(1, min(tasks, max(MOST_SLOTS, MOST_SLOTS_PER_CORE * cores)))


def first_slots(tasks: int, cores: int) -> int:
    """Return how many run at once before anything was measured.

    Too many at first is the cheaper mistake: work that waits would lose more while the number grows.
    """
    return max(1, min(tasks, cores * MOST_SLOTS_PER_CORE))


def adapted(state: RunState, reading: Reading, rss: Mapping[TaskId, int]) -> e.SlotsChanged | None:
    """Return the number of slots of the engine's machine that is due now; None if it stays, or is a person's.

    `rss` is the memory of running tasks now, in bytes; they may still take the rest of what they declare.
    """
    if not state.slots.is_auto or state.closed_at is not None or not _is_binding(state):
        return None
    since_s = reading.at - state.slots.changed_at
    active = tasks_here(state)
    declared = ((task, state.specs[task].memory_bytes or 0) for task in active)
    claimed_bytes = sum(max(0, memory_bytes - rss.get(task, 0)) for task, memory_bytes in declared)
    if state.slots.starts_blocked:
        is_over = since_s >= RELIEF_AFTER_S and _has_memory(
            reading, claimed_bytes, RELIEF_RESERVES, RELIEF_PRESSURE_PERCENT
        )
        return _changed(state.slots.count, Why.RELIEF) if is_over else None
    if not _has_memory(reading, claimed_bytes, 1.0, MEMORY_PRESSURE_PERCENT):
        return _changed(state.slots.count, Why.MEMORY, starts_blocked=True)
    cores, idle = state.machine.cores, reading.idle
    if reading.demand is not None:  # what tasks leave idle, whether or not other processes use it
        idle = max(idle, 1 - reading.demand / cores)
    patience_s = GROW_AGAIN_AFTER_S if state.slots.reason in (Why.BUSY, Why.LIMIT) else GROW_AFTER_S
    lives = [one for task in active if (one := state.tasks[task].attempt) is not None]
    is_any_starting = any(
        state.tasks[one.id.task].status is TaskStatus.STARTING and not one.lane for one in lives
    )
    if since_s >= patience_s and idle > IDLE_SHARE and not is_any_starting:
        # as many tasks like the running ones as would keep all cores busy
        running = len({one.slot for one in lives})
        fitting = min(math.floor(running / max(1 - idle, 0.01)), math.ceil(running * GROWTH))
        more = min(max(running + 1, fitting), most_slots(state))
        return _changed(more, Why.IDLE) if more > state.slots.count else None
    if reading.cpu_pressure is None:
        is_pressed = state.slots.count > 2 * cores
    else:
        is_pressed = reading.cpu_pressure > CPU_PRESSURE_PERCENT
    if since_s >= SHRINK_AFTER_S and state.slots.count > cores and idle < BUSY_SHARE and is_pressed:
        return _changed(state.slots.count - 1, Why.BUSY)
    return None


def room(
    state: RunState, reading: Reading, rss: Mapping[TaskId, int], place: PlaceName = HERE
) -> e.MemoryMeasured | None:
    """Return the memory tasks may declare together, if that lets a waiting one start or keeps one waiting.

    That is what is free at the place, and what tasks that declare memory already use there, without the
    reserve.
    """
    machine, used = state.places.get(place) if place else state.machine, taken(state).at(place)
    if machine is None:
        return None
    declaring = [task for task in used.tasks if state.specs[task].memory_bytes]
    if not declaring or not reading.memory_bytes or state.closed_at is not None:
        return None
    held_bytes = sum(rss.get(task, 0) for task in declaring)
    found = to_be_had(reading.memory_bytes, reading.available_bytes + held_bytes)
    held = taken(state)
    for spec in firsts(state):  # a task that waits for another one waits for more than room
        need = used.memory_bytes + (spec.memory_bytes or 0)
        is_other = (need <= found) != (need <= machine.memory_bytes)
        if (
            spec.memory_bytes
            and is_other
            and _waits_only(state, spec, held, _FOR_ROOM)
            and _may_run_at(state, spec, place)
        ):
            return e.MemoryMeasured(found, place)
    return None


def short_at(
    state: RunState, place: PlaceName, memory_bytes: int, available_bytes: int
) -> e.MemoryMeasured | None:
    """Return that another machine is short of memory, or no longer; None if nothing changes.

    Only while a task waits to start: otherwise the answer is not needed.
    """
    known = state.places.get(place)
    if known is None or known.status is not PlaceStatus.UP or not memory_bytes or state.closed_at is not None:
        return None
    if not index(state).of_task(TaskStatus.PENDING):
        return None
    need = int((RELIEF_RESERVES if known.memory_short else 1.0) * _reserve(memory_bytes))
    why = f"{available_bytes >> 20} MiB of memory are free" if available_bytes < need else ""
    if bool(why) == bool(known.memory_short):
        return None
    return e.MemoryMeasured(known.memory_bytes, place, why)


def to_be_had(memory_bytes: int, available_bytes: int) -> int:
    """Return how much of the available memory tasks may take; 0 if the machine's memory is not known."""
    return max(1, available_bytes - _reserve(memory_bytes)) if memory_bytes else 0


def _changed(slots: int, why: Why, starts_blocked: bool = False) -> e.SlotsChanged:
    return e.SlotsChanged(slots, is_auto=True, starts_blocked=starts_blocked, reason=why.value)


def _has_memory(reading: Reading, claimed_bytes: int, times: float, pressure: float) -> bool:
    if (reading.memory_pressure or 0.0) > pressure:
        return False
    left_bytes = reading.available_bytes - claimed_bytes
    return not reading.memory_bytes or left_bytes >= times * _reserve(reading.memory_bytes)


def _reserve(memory_bytes: int) -> int:
    return int(min(max(RESERVE_SHARE * memory_bytes, RESERVE_BYTES), LARGEST_RESERVE_SHARE * memory_bytes))


def _is_binding(state: RunState) -> bool:
    """Say whether a task waits for nothing but a slot, so that the number matters."""
    held = taken(state)
    if state.is_paused or has_slot_at(state, held, HERE):
        return False
    return any(
        _waits_only(state, spec, held, _FOR_SLOT) and _may_run_at(state, spec, HERE) for spec in firsts(state)
    )


_FOR_SLOT, _FOR_ROOM = {WaitKind.SLOT}, {WaitKind.SLOT, WaitKind.MEMORY}


def _may_run_at(state: RunState, spec: TaskSpec, place: PlaceName) -> bool:
    return not state.plan.places or place in allowed_places(state, spec)


def _waits_only(state: RunState, spec: TaskSpec, held: Taken, kinds: Container[WaitKind]) -> bool:
    return all(wait.kind in kinds for wait in waits(state, spec, held))
