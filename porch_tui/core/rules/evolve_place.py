"""Folds facts about places into state, and what becomes known of attempts that count as lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import PlaceName, PlaceState, PlaceStatus
from porch_tui.core.model.plan import Plan
from porch_tui.core.model.state import Attempt, RunState, TaskState
from porch_tui.core.model.transitions import IllegalTransition


def first_places(plan: Plan, at: float) -> Mapping[PlaceName, PlaceState]:
    """Return the places of a plan at the start of its run. Members of clusters join later."""
    return {
        spec.name: PlaceState(spec.name, spec.lease, since=at, slots=spec.slots, has=spec.has)
        for spec in plan.places
        if spec.name and not spec.is_cluster
    }


def evolve_place(state: RunState, event: e.PlaceEvent, at: float) -> RunState:
    """Return the state after an event of a place."""
    known = _changed(state, event, at)
    return replace(state, places={**state.places, event.place: known}, changed_at=at)


def _changed(state: RunState, event: e.PlaceEvent, at: float) -> PlaceState:
    known = state.places.get(event.place)
    match event:
        case e.PlaceUp():
            if known is None:
                spec = next((one for one in state.plan.places if one.name == event.member_of), None)
                if spec is None:
                    raise IllegalTransition(f"{event.place} belongs to no place of the plan")
                known = PlaceState(spec.name, spec.lease, slots=spec.slots, has=spec.has)
            since = known.since if known.status is PlaceStatus.UP else at
            return replace(
                known,
                status=PlaceStatus.UP,
                since=since,
                heard_at=None,
                is_lease_over=False,
                why="",
                boot=event.boot,
                resources=event.resources,
                memory_bytes=event.resources.memory_bytes,
                memory_short="",
            )
        case e.PlaceSilent() if known is not None:
            return replace(known, status=PlaceStatus.SILENT, since=at, heard_at=event.heard_at, why=event.why)
        case e.PlaceGone() if known is not None:
            is_over = event.is_empty or known.is_lease_over
            # since it was given up nothing has prolonged the leases of what runs there
            since = at if known.status is PlaceStatus.UP else known.since
            return replace(known, status=PlaceStatus.GONE, since=since, why=event.why, is_lease_over=is_over)
        case e.LeaseExpired() if known is not None:
            return replace(known, is_lease_over=True)
        case e.PlaceSilent() | e.PlaceGone() | e.LeaseExpired():
            raise IllegalTransition(f"{event.place} was never up")
        case _:
            assert_never(event)


def measured(state: RunState, event: e.MemoryMeasured | e.DiskMeasured) -> RunState:
    """Return the state with what was measured on the engine's machine, or on a place."""
    machine = state.places[event.place] if event.place else state.machine
    if isinstance(event, e.MemoryMeasured):
        machine = replace(machine, memory_bytes=event.memory_bytes)
        if isinstance(machine, PlaceState):
            machine = replace(machine, memory_short=event.short)
    else:
        machine = replace(machine, disk_short=event.why)
    if isinstance(machine, PlaceState):
        return replace(state, places={**state.places, event.place: machine})
    return replace(state, machine=machine)


def eased(state: RunState, task: TaskState, at: float) -> RunState:
    """Return the state after an automatic pause, or its end, at the place where a task runs."""
    place = task.attempts[-1].place
    if not place:
        return replace(state, machine=replace(state.machine, auto_paused_at=at))
    known = replace(state.places[place], auto_paused_at=at)
    return replace(state, places={**state.places, place: known})


def taken_over(state: RunState, at: float) -> RunState:
    """Return the state with all places as an engine finds them that has reached none of them yet.

    The engine before it may have prolonged their leases until it ended, without a word in the journal.
    """
    if not state.places:
        return state
    places = dict(state.places)
    for name, known in places.items():
        if known.status is not PlaceStatus.GONE or not known.is_lease_over:
            is_up = known.status is PlaceStatus.UP
            status = PlaceStatus.CONNECTING if is_up else known.status
            heard_at = state.changed_at if is_up else known.heard_at
            places[name] = replace(known, status=status, since=at, heard_at=heard_at, is_lease_over=False)
    return replace(state, places=places)


def placed(places: Mapping[PlaceName, PlaceState], task: TaskState, event: e.AttemptEvent) -> TaskState:
    """Return the task with the boot of the machine in its attempt, if that was just given a place."""
    if not isinstance(event, e.AttemptScheduled) or not event.place:
        return task
    if event.place not in places:
        raise IllegalTransition(f"{event.attempt} was given the place {event.place}, which was never up")
    attempt = replace(task.attempts[-1], boot=places[event.place].boot)
    return replace(task, attempts=(*task.attempts[:-1], attempt))


def lost_attempt(task: TaskState, event: e.LostAttemptEvent) -> TaskState:
    """Return the task after an event of one of its attempts that counts as lost."""
    number = event.attempt.number
    attempt = task.attempts[number - 1] if number <= len(task.attempts) else None
    if attempt is None or not attempt.lost_because:
        raise IllegalTransition(f"{type(event).__name__} of {event.attempt}, which does not count as lost")
    attempt = _after_loss(attempt, event)
    return replace(task, attempts=(*task.attempts[: number - 1], attempt, *task.attempts[number:]))


def _after_loss(attempt: Attempt, event: e.LostAttemptEvent) -> Attempt:
    match event:
        case e.LostAttemptEnded():
            return replace(attempt, lost_end=event.text, lost_head=event.head)
        case e.LostWorkKept():
            return replace(attempt, lost_head=None)
        case _:
            assert_never(event)
