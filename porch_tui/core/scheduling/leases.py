"""When what runs on a place that is out of reach counts as lost, and what is lost then.

Attempts on other machines have a lease, which the place ends by its own clock once it is not heard of for so
long. Until that is over they run there, as far as anybody can know; no other attempt starts before. A person
who knows better says so (`RunElsewhere`).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile

from porch_tui.core.model import events as e
from porch_tui.core.model.place import PlaceName, PlaceState, PlaceStatus, is_other_machine
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.scheduling.placing import allowed_places
from porch_tui.core.scheduling.taken import taken

GRACE_S = 5.0
"""Between SIGTERM and SIGKILL, when a lease is over."""
MARGIN_SHARE = 0.05
"""Of the lease, for clocks that run at another speed and hosts that are slow to kill."""
LEAST_MARGIN_S = 2.0
MOST_MARGIN_S = 30.0
MOST_LOSSES = 3
"""In a row: then a task may be what takes its places away, and is not started again automatically."""


def over_at(known: PlaceState) -> float:
    """Return from when on nothing runs at a place that is out of reach, in seconds since the epoch."""
    margin_s = min(max(MARGIN_SHARE * known.lease_s, LEAST_MARGIN_S), MOST_MARGIN_S)
    return known.since + known.lease_s + GRACE_S + margin_s


def is_counting(known: PlaceState) -> bool:
    """Say whether the leases of a place run out, as it is out of reach, and are not over."""
    return known.status is not PlaceStatus.UP and not known.is_lease_over and known.resources is not None


def after_expiry(state: RunState, event: e.LeaseExpired) -> list[e.AnyEvent]:
    """Return what follows when the leases of a place are over. What is lost comes first: see `admit`."""
    why = f"is lost: {event.place} stayed out of reach until its lease was over"
    return [*_lost(state, taken(state).at(event.place).tasks, why), event]


def after_return(state: RunState, event: e.PlaceUp) -> list[e.AnyEvent]:
    """Return what follows when a place is up: where its machine was started again, what ran there is lost."""
    active = taken(state).at(event.place).tasks
    attempts = {task: state.tasks[task].attempt for task in active}
    others = [task for task, one in attempts.items() if one is not None and one.boot != event.boot]
    return [*_lost(state, others, f"is lost: {event.place} was started again"), event]


def may_run_on_another_machine(state: RunState, event: e.PlaceUp) -> bool:
    """Say whether a name leads to another machine now, and the one before may still run what it was given.

    Such as a worker that another node has got, or an alias of several login nodes. Until the leases are over
    the place counts as out of reach.
    """
    known = state.places.get(event.place)
    if known is None or known.is_lease_over:
        return False
    attempts = (state.tasks[task].attempt for task in taken(state).at(event.place).tasks)
    return any(one is not None and is_other_machine(one.boot, event.boot) for one in attempts)


def after_removal(state: RunState, event: e.PlaceGone) -> list[e.AnyEvent]:
    """Return what follows when a place is gone: what ran there is lost, if nothing can be running there."""
    active = taken(state).at(event.place).tasks if event.is_empty else ()
    return [*_lost(state, active, f"is lost: {event.place} is gone: {event.why}"), event]


def after_lost_end(state: RunState, event: e.AttemptFailed) -> list[e.AnyEvent]:
    """Return what follows when an attempt has ended without a trace of how.

    Elsewhere than here that is mostly its place's doing, or that of its lease, so it begins again.
    """
    attempt = state.tasks[event.attempt.task].attempt
    if attempt is None or not attempt.place:
        return [event]
    text = event.failure.text
    lost = e.AttemptLost(event.attempt, f"is lost: {text}", f"failed: {text}", event.leftover_ref)
    return [lost, *_too_often(state, event.attempt.task)]


def why_not_elsewhere(state: RunState, task_id: TaskId) -> str | None:
    """Return why an attempt cannot be given up to be run elsewhere now; None if it can."""
    task = state.tasks[task_id]
    attempt = task.attempt
    if attempt is None or not task.is_active:
        return f"{task_id} is not running"
    if not attempt.place:
        return f"{task_id} runs on this machine: porch stop {task_id} ends it"
    if not is_out_of_reach(state, attempt.place):
        return (
            f"{task_id} runs on {attempt.place}, which can be reached:"
            f" porch stop {task_id} ends it, and porch retry {task_id} runs it again"
        )
    others = (place for place in allowed_places(state, state.specs[task_id]) if place != attempt.place)
    if not any(_may_come(state, place) for place in others):
        return f"{task_id} may run only on {attempt.place}, and there is no other place for it"
    return None


def is_out_of_reach(state: RunState, place: PlaceName) -> bool:
    """Say whether nothing is known of what runs at a place now."""
    known = state.places.get(place)
    return known is not None and known.status is not PlaceStatus.UP


def _may_come(state: RunState, place: PlaceName) -> bool:
    known = state.places.get(place)
    return known is None or known.status is not PlaceStatus.GONE


def _lost(state: RunState, tasks: Iterable[TaskId], why: str) -> list[e.AnyEvent]:
    due: list[e.AnyEvent] = []
    for task in tasks:
        due += [e.AttemptLost(state.tasks[task].attempts[-1].id, why), *_too_often(state, task)]
    return due


def _too_often(state: RunState, task_id: TaskId) -> list[e.AnyEvent]:
    """Return that a task does not begin again, if its present attempt is one too many to be lost."""
    task = state.tasks[task_id]
    earlier = takewhile(lambda one: one.lost_because, reversed(task.attempts[:-1]))
    in_a_row = 1 + sum(1 for _ in earlier)
    if in_a_row % MOST_LOSSES or task.status is TaskStatus.STOPPING:
        return []
    return [e.TaskCancelled(task_id, f"{in_a_row} attempts in a row were lost with their places")]
