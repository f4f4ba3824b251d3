"""What live attempts use, at each place and all together.

Known at any moment without a look at every attempt: each event moves one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from porch_tui.core.model.copying import replace
from porch_tui.core.model.derived import once
from porch_tui.core.model.events import PauseCause
from porch_tui.core.model.place import HERE, PlaceName
from porch_tui.core.model.plan import LaneName, TaskId
from porch_tui.core.model.state import RunState, numbers
from porch_tui.core.model.status import TaskStatus

THOUSANDTHS = 1000
"""Cores are added up in thousandths, so that it does not matter in which order."""


class There(Struct, frozen=True):
    """What live attempts use at one place."""

    slots: int = 0
    """Without those of attempts that are held: see `is_held`."""
    core_thousandths: int = 0
    memory_bytes: int = 0
    tasks: tuple[TaskId, ...] = ()
    """In plan order, as everywhere."""
    numbers: tuple[int, ...] = ()
    """Of their slots."""
    short: tuple[TaskId, ...] = ()
    """Auto-paused until there is memory again."""

    @property
    def cpus(self) -> float:
        """How many cores they have declared."""
        return self.core_thousandths / THOUSANDTHS

    @property
    def free_number(self) -> int:
        """The first number that no slot in use has."""
        used = set(self.numbers)
        return next(number for number in range(len(used) + 1) if number not in used)


NOTHING = There()


class Taken(Struct, frozen=True):
    """What live attempts use, all together."""

    slots: int
    """Those of a lane have one together."""
    there: Mapping[PlaceName, There]
    """By place; without places where there are none."""
    locks: Mapping[str, tuple[TaskId, ...]]
    """By lock: who holds it. It is the same everywhere."""
    lanes: Mapping[LaneName, int] = {}
    """How many attempts that are not held each lane has."""

    def at(self, place: PlaceName) -> There:
        """Return what is used at a place."""
        return self.there.get(place, NOTHING)


class _Use(Struct, frozen=True):
    """What one live attempt uses."""

    place: PlaceName
    number: int
    slots: int
    core_thousandths: int
    memory_bytes: int
    is_short: bool
    locks: tuple[str, ...]
    lane: LaneName


@once("tasks", "specs")
def taken(state: RunState) -> Taken:
    """Return what live attempts use."""
    return _moved(Taken(0, {}, {}), state, ((task, None, _use(state, task)) for task in state.active))


def moved_on(held: Taken, before: RunState, after: RunState, touched: Iterable[TaskId]) -> Taken:
    """Return what is used in a state from what was in the previous one, which differs in these tasks only."""
    known = before.tasks
    uses = ((one, _use(before, one) if one in known else None, _use(after, one)) for one in touched)
    changed = [(task, was, now) for task, was, now in uses if was != now]
    return _moved(held, after, changed) if changed else held


def is_held(state: RunState, task: TaskId) -> bool:
    """Say whether an attempt is paused for an account or a budget: for long, and others take its slot."""
    attempt = state.tasks[task].attempt
    causes = (PauseCause.AGENT, PauseCause.BUDGET)
    is_paused = state.tasks[task].status is TaskStatus.PAUSED
    return is_paused and attempt is not None and attempt.pause_cause in causes


def _use(state: RunState, task: TaskId) -> _Use | None:
    known, spec = state.tasks[task], state.specs[task]
    attempt = known.attempt
    if attempt is None or not known.is_active:
        return None
    return _Use(
        attempt.place,
        attempt.slot,
        0 if is_held(state, task) else 1,
        round((spec.cpus or 0.0) * THOUSANDTHS),
        spec.memory_bytes or 0,
        known.status is TaskStatus.PAUSED and attempt.pause_cause is PauseCause.MEMORY,
        spec.locks,
        attempt.lane,
    )


def _moved(held: Taken, state: RunState, changes: Iterable[tuple[TaskId, _Use | None, _Use | None]]) -> Taken:
    number = numbers(state)
    slots, there, locks, lanes = held.slots, dict(held.there), dict(held.locks), dict(held.lanes)
    for task, was, now in changes:
        for use, sign in ((was, -1), (now, 1)):
            if use is None:
                continue
            own = use
            if use.lane and use.slots:
                count = lanes.pop(use.lane, 0)
                if count + sign:
                    lanes[use.lane] = count + sign
                own = replace(use, slots=int(not count or not count + sign))
            slots += sign * own.slots
            moved = _changed(there.get(use.place, NOTHING), task, own, sign, number)
            if moved.tasks:
                there[use.place] = moved
            else:
                del there[use.place]
            for lock in use.locks:
                holders = _with(locks.get(lock, ()), task, sign, number)
                if holders:
                    locks[lock] = holders
                else:
                    del locks[lock]
    return Taken(slots, there, locks, lanes)


def _changed(there: There, task: TaskId, use: _Use, sign: int, number: Mapping[TaskId, int]) -> There:
    numbers_ = list(there.numbers)
    if sign > 0:
        numbers_.append(use.number)
    else:
        numbers_.remove(use.number)
    return There(
        there.slots + sign * use.slots,
        there.core_thousandths + sign * use.core_thousandths,
        there.memory_bytes + sign * use.memory_bytes,
        _with(there.tasks, task, sign, number),
        tuple(sorted(numbers_)),
        _with(there.short, task, sign, number) if use.is_short else there.short,
    )


def _with(
    tasks: tuple[TaskId, ...], task: TaskId, sign: int, number: Mapping[TaskId, int]
) -> tuple[TaskId, ...]:
    """Return the tasks with one more, in plan order, or with one less."""
    if sign < 0:
        return tuple(one for one in tasks if one != task)
    if not tasks or number[tasks[-1]] < number[task]:
        return (*tasks, task)
    return tuple(sorted((*tasks, task), key=lambda one: number[one]))


def tasks_here(state: RunState) -> tuple[TaskId, ...]:
    """Return the tasks with a live attempt on the engine's machine."""
    return taken(state).at(HERE).tasks
