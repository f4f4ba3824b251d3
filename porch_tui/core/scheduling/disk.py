"""Whether the disks have room for another attempt: checked before one starts, so that none meets a full disk.

A start needs twice what is checked out: once for the worktree, once for what is built in it. In addition
some room is reserved for logs, objects and the person's own work. A share alone would be wrong at both
ends: four percent of two terabytes hold a thousand builds, and a memory disk may be smaller than any fixed
amount.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from porch_tui.core.model import events as e
from porch_tui.core.model.index import index
from porch_tui.core.model.place import HERE, PlaceName
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.scheduling.taken import taken

RESERVE_SHARE = 0.05
"""Of the disk; at least `LEAST_RESERVE_BYTES`, at most `MOST_RESERVE_BYTES`."""
LEAST_RESERVE_BYTES = 200 << 20
MOST_RESERVE_BYTES = 2 << 30
MOST_RESERVE_SHARE = 0.10
"""Of a small disk, whatever the limits in bytes."""
CHECKOUTS_PER_START = 2
RELIEF_FACTOR = 1.2
"""There is room again from this many times what a start needs: a task that ends may free very little."""
MIB = 1 << 20


class Space(Struct, frozen=True):
    """A disk that the run writes to, and what one more start takes of it."""

    where: str
    total_bytes: int
    free_bytes: int
    start_bytes: int = 0
    """What is checked out for an attempt; 0: no worktree is made there."""
    free_files: int | None = None
    """How many more files there can be; None: as many as there is room for."""
    start_files: int = 0


def measured(state: RunState, spaces: Sequence[Space], place: PlaceName = HERE) -> e.DiskMeasured | None:
    """Return that nothing starts at a place for now, and why, or that tasks may; None if nothing changes.

    Only while a task waits to start: otherwise the answer is not needed.
    """
    if state.closed_at is not None or not index(state).of_task(TaskStatus.PENDING):
        return None
    machine = state.places.get(place) if place else state.machine
    if machine is None:
        return None
    statuses = (state.tasks[task].status for task in taken(state).at(place).tasks)
    starting = sum(status is TaskStatus.STARTING for status in statuses)  # their worktrees are not there yet
    times = RELIEF_FACTOR if machine.disk_short else 1.0
    why = next(filter(None, (_shortage(space, starting, times) for space in spaces)), "")
    return e.DiskMeasured(why, place) if bool(why) != bool(machine.disk_short) else None


def reserve(total_bytes: int) -> int:
    """Return how much of a disk of this size is reserved."""
    share = min(max(int(RESERVE_SHARE * total_bytes), LEAST_RESERVE_BYTES), MOST_RESERVE_BYTES)
    return min(share, int(MOST_RESERVE_SHARE * total_bytes))


def _shortage(space: Space, starting: int, times: float) -> str:
    starts = CHECKOUTS_PER_START * (1 + starting)
    need = int(times * (reserve(space.total_bytes) + starts * space.start_bytes))
    if space.free_bytes < need:
        return f"{_mib(space.free_bytes)} are free in {space.where}, and a start needs {_mib(need)}"
    files = int(times * starts * space.start_files)
    if space.free_files is not None and space.free_files < files:
        return f"{space.free_files} more files fit in {space.where}, and a start needs {files}"
    return ""


def _mib(size_bytes: int) -> str:
    return f"{size_bytes / MIB:.0f} MiB"
