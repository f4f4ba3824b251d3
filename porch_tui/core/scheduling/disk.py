"""Whether the disks have room for another attempt: asked before one starts, so that none meets a full disk.

A start wants twice what is checked out: once for the worktree, once for what is built in it. Besides,
some room is left alone for logs, objects and the person's own work. A share of the disk alone would be
wrong at both ends: four percent of two terabytes hold a thousand builds, and a memory disk may be smaller
than any fixed amount. So it is a twentieth, at least 200 MiB and at most 2 GiB, and never more than a tenth.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from porch_tui.core.model import events as e
from porch_tui.core.model.index import index
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus

LEFT_ALONE, LEFT_BYTES, LEFT_MOST_BYTES, LEFT_MOST = 0.05, 200 << 20, 2 << 30, 0.10
"""A share, but at least and at most so many bytes; and of a small disk never more than that share."""
FOR_A_START = 2
"""Times what is checked out."""
AGAIN = 1.2
"""Times what a start needs, from which there is room again: who is done may give back just a little."""
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


def measured(state: RunState, spaces: Sequence[Space]) -> e.DiskMeasured | None:
    """Return that nothing starts any more, and why, or that tasks may start again; None: it is as it was.

    Only while somebody waits: else nobody needs to know.
    """
    if state.closed_at is not None or not _count(state, TaskStatus.PENDING):
        return None
    starting = _count(state, TaskStatus.STARTING)  # whose worktrees are not all there yet
    times = AGAIN if state.machine.disk_short else 1.0
    why = next(filter(None, (_shortage(space, starting, times) for space in spaces)), "")
    return e.DiskMeasured(why) if bool(why) != bool(state.machine.disk_short) else None


def left_alone(total_bytes: int) -> int:
    """Return how much of a disk of this size no start may take."""
    share = min(max(int(LEFT_ALONE * total_bytes), LEFT_BYTES), LEFT_MOST_BYTES)
    return min(share, int(LEFT_MOST * total_bytes))


def _shortage(space: Space, starting: int, times: float) -> str:
    starts = FOR_A_START * (1 + starting)
    need = int(times * (left_alone(space.total_bytes) + starts * space.start_bytes))
    if space.free_bytes < need:
        return f"{_mib(space.free_bytes)} are free in {space.where}, and a start needs {_mib(need)}"
    files = int(times * starts * space.start_files)
    if space.free_files is not None and space.free_files < files:
        return f"{space.free_files} more files fit in {space.where}, and a start needs {files}"
    return ""


def _count(state: RunState, status: TaskStatus) -> int:
    return len(index(state).of_task(status))


def _mib(size_bytes: int) -> str:
    return f"{size_bytes / MIB:.0f} MiB"
