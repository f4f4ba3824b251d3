"""What must hold of runs with places, in the fake world's own terms: see `fake_places` for the rest."""

from __future__ import annotations

from porch_tui.core.model import events as e
from porch_tui.core.model.place import HERE, PlaceStatus
from porch_tui.core.model.state import RunState
from porch_tui.core.scheduling.lanes import lane_of
from porch_tui.core.scheduling.placing import Capacity, capacity_at, here
from porch_tui.core.scheduling.taken import is_held
from tests.core.fake_world import World


def capacity_of(state: RunState, event: e.AttemptScheduled) -> Capacity:
    """Return what the place gives that an attempt is given to; it must be one that may run it."""
    task, place = event.attempt.task, event.place
    spec = state.specs[task]
    if not state.plan.places:
        assert place == HERE, f"{task} starts on {place}, and the run has no places"
        return here(state)
    entries = state.plan.places_of(spec)
    if place:
        assert state.places[place].status is PlaceStatus.UP, f"{task} starts on {place}, which is not up"
    member_of = state.places[place].member_of if place else HERE
    last = state.tasks[task].attempt
    assert event.keep_worktree or member_of in entries, f"{task} may not run on {place}"
    assert not event.keep_worktree or (last is not None and last.place == place), (
        f"{task} goes on in a worktree that is not on {place or 'this machine'}"
    )
    capacity = capacity_at(state, place)
    assert capacity is not None
    assert set(spec.needs) <= set(capacity.tools), f"{task} lacks tools on {place}"
    return capacity


def check_slots(state: RunState, event: e.AttemptScheduled, capacity: Capacity) -> None:
    """Assert that a place has a slot for an attempt that was just given to it, and so has the run."""
    free = [one for one in state.active if not is_held(state, one)]
    here = [one for one in free if (last := state.tasks[one].attempt) and last.place == event.place]
    going, there = ({lane_of(state, one) for one in tasks} for tasks in (free, here))
    assert len(there) <= capacity.slots, f"more attempts than slots on {event.place}"
    if not state.plan.places or not state.slots.is_auto:
        assert len(going) <= state.slots.count, "more attempts than slots"
    is_blocked = state.slots.starts_blocked and not event.place
    assert not is_blocked or len(there) == 1, f"{event.attempt} starts while memory is short"


def check_validation_place(state: RunState, event: e.ValidationScheduled) -> None:
    """Assert that a validation was given to a place that may run it and has a slot for it."""
    place, allowed = event.place, state.plan.validation_places
    if not place:
        others = [one for one in state.places.values() if one.member_of in allowed]
        is_last = all(one.status is PlaceStatus.GONE for one in others)
        assert HERE in allowed or is_last, "a validation runs here, and the plan says elsewhere"
        return
    known = state.places[place]
    assert known.status is PlaceStatus.UP and known.member_of in allowed, f"nothing is validated on {place}"
    capacity = capacity_at(state, place)
    attempts = [one for one in state.active_attempts.values() if one.place == place]
    going = [one for one in attempts if not is_held(state, one.id.task)]
    flights = [one for one in state.validations.in_flight.values() if one.place == place]
    assert capacity and len(going) + len(flights) <= capacity.slots, f"more than slots on {place}"


def check_lost(before: RunState, event: e.AnyEvent, world: World) -> None:
    """Assert that what counts as lost is not at work, unless a person has given it up, and never merged."""
    match event:
        case e.AttemptLost():
            process = world.processes.get(event.attempt)
            is_over = process is None or process.outcome is not None
            assert is_over or event.attempt in world.places.given_up, f"{event.attempt} is lost, and runs"
        case e.EntryQueued():
            attempt = before.tasks[event.task].attempt
            assert attempt is not None and not attempt.lost_because, f"{event.task} is lost, and merged"
        case _:
            pass


def check_lost_work(state: RunState, world: World) -> None:
    """Assert at the end that nothing of a lost attempt has landed, and all of it is kept."""
    lost = [one for task in state.tasks.values() for one in task.attempts if one.lost_because]
    for attempt in lost:
        assert attempt.lost_head is None, f"what {attempt.id} left is not kept"
        process = world.processes.get(attempt.id)
        if process is None or not isinstance(process.outcome, e.AttemptSucceeded):
            continue
        head = process.outcome.head
        is_landed = any(landing.head == head for landing in world.landings)
        assert not is_landed or head == attempt.base, f"{attempt.id} is lost, and has landed"
