"""Whether what is reported of places is still true, and of attempts that count as lost."""

from __future__ import annotations

from typing import assert_never

from porch_tui.core.model import events as e
from porch_tui.core.model.place import PlaceState, PlaceStatus
from porch_tui.core.model.state import Attempt, RunState
from porch_tui.core.scheduling.leases import (
    after_expiry,
    after_removal,
    after_return,
    is_counting,
    may_run_on_another_machine,
)

End = e.AttemptSucceeded | e.AttemptFailed | e.AttemptLimited | e.AttemptStopped


def is_news_of_place(state: RunState, event: e.PlaceEvent) -> bool:
    """Say whether a report says something of a place that is not known."""
    known = state.places.get(event.place)
    match event:
        case e.PlaceUp():
            if known is None and all(spec.name != event.member_of for spec in state.plan.places):
                return False
            if known is not None and known.member_of != event.member_of:
                return False
            if may_run_on_another_machine(state, event):
                return False
            has = None if known is None else (known.status, known.boot, known.resources)
            return has != (PlaceStatus.UP, event.boot, event.resources)
        case e.PlaceSilent():
            return known is not None and known.status in (PlaceStatus.CONNECTING, PlaceStatus.UP)
        case e.LeaseExpired():
            is_same = known is not None and known.since == event.since
            return is_same and known is not None and is_counting(known)
        case e.PlaceGone():
            return known is not None and known.status is not PlaceStatus.GONE


def after_report(state: RunState, event: e.PlaceEvent) -> list[e.AnyEvent]:
    """Return a report of a place that is news, with what is lost by it."""
    match event:
        case e.PlaceUp():
            return after_return(state, event)
        case e.PlaceGone():
            return after_removal(state, event)
        case e.LeaseExpired():
            return after_expiry(state, event)
        case e.PlaceSilent():
            return [event]


def is_other_measurement(state: RunState, event: e.MemoryMeasured | e.DiskMeasured) -> bool:
    """Say whether what was measured of a machine is another figure than the one that is known."""
    machine = state.places.get(event.place) if event.place else state.machine
    if machine is None:
        return False
    if isinstance(event, e.MemoryMeasured):
        is_other = isinstance(machine, PlaceState) and bool(event.short) != bool(machine.memory_short)
        return is_other or event.memory_bytes != machine.memory_bytes
    return bool(event.why) != bool(machine.disk_short)


def is_of_lost_attempt(state: RunState, event: e.LostAttemptEvent) -> bool:
    """Say whether a report is about an attempt that counts as lost, and says something new of it."""
    attempt = lost(state, event.attempt)
    if attempt is None:
        return False
    return not attempt.lost_end if isinstance(event, e.LostAttemptEnded) else attempt.lost_head is not None


def lost(state: RunState, attempt: e.AttemptId) -> Attempt | None:
    """Return an attempt that counts as lost; None if this one does not."""
    task = state.tasks.get(attempt.task)
    if task is None or not 1 <= attempt.number <= len(task.attempts):
        return None
    known = task.attempts[attempt.number - 1]
    return known if known.lost_because else None


def after_loss(event: End) -> e.LostAttemptEnded:
    """Return what the end of an attempt means once it counts as lost."""
    match event:
        case e.AttemptSucceeded():
            return e.LostAttemptEnded(event.attempt, "succeeded", event.head)
        case e.AttemptFailed():
            return e.LostAttemptEnded(event.attempt, f"failed: {event.failure.text}")
        case e.AttemptLimited():
            return e.LostAttemptEnded(event.attempt, f"met a limit: {event.text}")
        case e.AttemptStopped():
            return e.LostAttemptEnded(event.attempt, "was stopped")
        case _:
            assert_never(event)
