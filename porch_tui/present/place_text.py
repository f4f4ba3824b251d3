"""What is said of places: how one is called, and what has become of it."""

from __future__ import annotations

from typing import assert_never

from porch_tui.core.model import events as e
from porch_tui.core.model.place import HERE, PlaceName, PlaceStatus, Resources, called
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import Attempt, RunState
from porch_tui.core.model.wording import counted, listed
from porch_tui.core.scheduling.placing import all_slots, uses_here
from porch_tui.present.amounts import clock
from porch_tui.present.clean import clean


def where_text(state: RunState, attempt: Attempt) -> str:
    """Return where a live attempt runs, and until when, if that place is out of reach; empty: here."""
    known = state.places.get(attempt.place)
    if known is None or known.status is PlaceStatus.UP:
        return f"on {attempt.place}" if attempt.place else ""
    heard = f"not heard of since {clock(known.heard_at or known.since)}"
    return f"on {attempt.place}, {heard}, ends on its own at {clock(known.since + known.lease_s)}"


def short_name(place: PlaceName) -> str:
    """Return a place's name for a narrow column: `big` for `ssh:big`, `w1` for `tls://cluster:8786/w1`."""
    return place.rpartition("/")[2].removeprefix("ssh:")


def on_place(state: RunState, task: TaskId) -> str:
    """Return ` on box` for a live attempt that is not on this machine; empty for any other."""
    known = state.tasks[task]
    is_away = known.is_active and known.attempt is not None and known.attempt.place
    return f" on {short_name(known.attempt.place)}" if is_away and known.attempt is not None else ""


def beside_place(state: RunState, task: TaskId, reason: str) -> str:
    """Return a reason that stands beside `on_place` without saying once more where the task runs."""
    attempt = state.tasks[task].attempt
    where = f"on {clean(attempt.place)}" if attempt is not None and on_place(state, task) else ""
    return reason.removeprefix(where).lstrip(",; ") if where else reason


def room_text(state: RunState) -> str:
    """Return how many attempts run at once on the places that can be reached now, and which these are."""
    up = [place for place, known in state.places.items() if known.status is PlaceStatus.UP]
    names = [called(place) for place in ([HERE] if uses_here(state) else []) + up]
    if not names:
        return "no place can be reached yet"
    return f"{counted(all_slots(state), 'slot')} on {listed(names)}"


def others_text(found: Resources) -> str:
    """Return what else runs on a place, as it was when that was reached; empty: nothing."""
    if not found.others:
        return ""
    run = "runs" if found.others == 1 else "run"
    return f"{counted(found.others, 'attempt')} of other repositories {run} there, beside its slots"


def place_line(event: e.PlaceEvent) -> str:
    """Return what has become of a place."""
    match event:
        case e.PlaceUp():
            slots = counted(event.resources.slots, "slot")
            others = others_text(event.resources)
            up = f"{event.place} is up: {slots}, {counted(event.resources.cores, 'core')}"
            return f"{up}; {others}" if others else up
        case e.PlaceSilent():
            why = f": {event.why}" if event.why else ""
            if event.heard_at is None:
                return f"{event.place} cannot be reached{why}"
            return f"{event.place} is out of reach{why}; what runs there goes on"
        case e.LeaseExpired():
            return f"{event.place} stayed out of reach until its lease was over: nothing runs there any more"
        case e.PlaceGone():
            return f"{event.place} is gone: {event.why}"
        case _:
            assert_never(event)


def lost_line(event: e.LostAttemptEvent) -> str | None:
    """Return what has become of an attempt that counts as lost; None: that is not shown."""
    match event:
        case e.LostAttemptEnded():
            kept = "; its commits are kept, and not merged" if event.head else ""
            return f"attempt {event.attempt.number}, which counted as lost, {event.text}{kept}"
        case e.LostWorkKept():
            return None
        case _:
            assert_never(event)
