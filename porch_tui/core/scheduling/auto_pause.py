"""Pauses the youngest task while memory is very short, and resumes it when there is room.

The alternative is that the kernel picks a process and kills it. A frozen task loses nothing, takes no
more memory, and what it has can be swapped out. The pause is reported and ends automatically. A task that
a person has paused, or has resumed from an automatic pause, is exempt.
"""

from __future__ import annotations

from porch_tui.core.model import events as e
from porch_tui.core.model.place import HERE, PlaceName
from porch_tui.core.model.state import Attempt, RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.scheduling.slots import Reading
from porch_tui.core.scheduling.taken import taken

SHORT_SHARE = 0.03
"""With a smaller share of the memory free, the next large allocation may be one too many."""
STALLED_PERCENT = 10.0
"""Everything waited for memory in more than this percentage of the time: the machine is busy swapping."""
RELIEF_FACTOR = 2.0
"""A task resumes when this many times `SHORT_SHARE` is free, and stalls are below this part of
`STALLED_PERCENT`."""
PAUSE_AFTER_S = 5.0
"""Since the last pause or resumption. The kernel's figures are means of ten seconds, and what was just
paused does not show in them yet."""
RESUME_AFTER_S = 10.0
"""Since the last pause or resumption."""


def auto_pause(
    state: RunState, reading: Reading, place: PlaceName = HERE
) -> e.AttemptPaused | e.AttemptResumed | None:
    """Return which task of a place to pause or to resume, given the memory there; None: nothing changes.

    One always runs: when no other does, the oldest resumes whatever the memory, for the run would never end.
    """
    if state.closed_at is not None:
        return None
    running = _attempts(state, place, TaskStatus.RUNNING)
    paused = _attempts(state, place, TaskStatus.PAUSED)
    paused = [one for one in paused if one.pause_cause is e.PauseCause.MEMORY]
    machine = state.places.get(place) if place else state.machine
    if machine is None:
        return None
    since_s = reading.at - machine.auto_paused_at
    stalled = reading.memory_stall or 0.0
    why = f"everything waits for it {stalled:.0f}% of the time" if stalled > STALLED_PERCENT else ""
    short_bytes = SHORT_SHARE * reading.memory_bytes  # 0: not measured
    if reading.available_bytes < short_bytes:
        why = f"{reading.available_bytes / reading.memory_bytes:.0%} of it is free"
    if why and len(running) > 1 and since_s >= PAUSE_AFTER_S:
        youngest = max((one for one in running if not one.is_exempt), key=_age, default=None)
        return e.AttemptPaused(youngest.id, f"memory is short: {why}") if youngest else None
    if not paused:
        return None
    oldest = min(paused, key=_age)
    if not running and not _attempts(state, place, TaskStatus.STARTING):
        return e.AttemptResumed(oldest.id, "nothing else runs")
    has_room = reading.available_bytes >= RELIEF_FACTOR * short_bytes
    if since_s >= RESUME_AFTER_S and has_room and stalled <= STALLED_PERCENT / RELIEF_FACTOR:
        return e.AttemptResumed(oldest.id, "there is memory again")
    return None


def _attempts(state: RunState, place: PlaceName, status: TaskStatus) -> list[Attempt]:
    tasks = (state.tasks[task] for task in taken(state).at(place).tasks)
    return [task.attempt for task in tasks if task.attempt is not None and task.status is status]


def _age(attempt: Attempt) -> tuple[float, int]:
    """Return the sort key by which the youngest attempt is last; of several begun together, the last slot."""
    return attempt.started_at or attempt.scheduled_at, attempt.slot
