"""Memory that is really short while tasks run: the youngest stands still until there is room.

The alternative is that the kernel picks a process and kills it. A frozen task loses nothing, takes no
more, and what it holds can be swapped out. It is told, undone by itself, and never done to what a
person has let go on or paused.
"""

from __future__ import annotations

from porch_tui.core.model import events as e
from porch_tui.core.model.state import Attempt, RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.scheduling.slots import Reading

LEAST = 0.03
"""Of the memory: with less free, the next large allocation of anybody may be one too many."""
STALLED = 10.0
"""Percent of the time in which everything waited for memory: the machine is busy with swapping."""
ROOM = 2.0
"""Times what is too little: from there a task goes on. Half of what stalls is little enough again."""
NEXT_S, RELIEF_S = 5.0, 10.0
"""After the last step, before another task is paused, and before one goes on: the kernel's figures are
means of ten seconds, and what was just paused does not show in them yet."""


def auto_pause(state: RunState, reading: Reading) -> e.AttemptPaused | e.AttemptResumed | None:
    """Return which task is to stand still, or to go on, for what memory there is; None: all stays as it is.

    One always runs: when no other does, the oldest goes on whatever the memory, for it would never end.
    """
    if state.closed_at is not None:
        return None
    running = _attempts(state, TaskStatus.RUNNING)
    paused = [attempt for attempt in _attempts(state, TaskStatus.PAUSED) if attempt.auto_pause_reason]
    since_s = reading.at - state.machine.auto_paused_at
    why = _shortage(reading)
    if why and len(running) > 1 and since_s >= NEXT_S:
        youngest = max((one for one in running if not one.is_exempt), key=_age, default=None)
        return e.AttemptPaused(youngest.id, why) if youngest else None
    if not paused:
        return None
    oldest = min(paused, key=_age)
    if not running and not _attempts(state, TaskStatus.STARTING):
        return e.AttemptResumed(oldest.id, "nothing else runs any more")
    is_roomy = since_s >= RELIEF_S and _has_room(reading)
    return e.AttemptResumed(oldest.id, "there is memory again") if is_roomy else None


def _attempts(state: RunState, status: TaskStatus) -> list[Attempt]:
    tasks = (state.tasks[task] for task in state.active if state.tasks[task].status is status)
    return [task.attempt for task in tasks if task.attempt is not None]


def _age(attempt: Attempt) -> tuple[float, int]:
    """Return what attempts are ordered by, the youngest last; of those begun together the last slot is."""
    return attempt.started_at or attempt.scheduled_at, attempt.slot


def _shortage(reading: Reading) -> str:
    """Return what is too little; empty if there is enough, or nobody tells."""
    if reading.memory_bytes and reading.available_bytes < LEAST * reading.memory_bytes:
        return f"memory is short: {reading.available_bytes / reading.memory_bytes:.0%} of it is free"
    stalled = reading.memory_stall or 0.0
    return f"memory is short: everything waits for it {stalled:.0f}% of the time" if stalled > STALLED else ""


def _has_room(reading: Reading) -> bool:
    is_free = not reading.memory_bytes or reading.available_bytes >= ROOM * LEAST * reading.memory_bytes
    return is_free and (reading.memory_stall or 0.0) <= STALLED / ROOM
