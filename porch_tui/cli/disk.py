"""What runs take on disk: measured when a person asks, newest run first, and with an end to the patience."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from porch_tui.core.model.plan import TaskId
from porch_tui.errors import RepositoryError
from porch_tui.git.repository import Repository
from porch_tui.git.worktree.disk_usage import NOTHING, DiskMeter, DiskUsage
from porch_tui.git.worktree_list import Worktree, list_worktrees
from porch_tui.journal.rundir import RunDir
from porch_tui.present.amounts import size


class DiskUse:
    """Measures what belongs to runs; the list of worktrees is read once, each folder at most once."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._gauge = DiskMeter()

    def of_run(self, rundir: RunDir) -> DiskUsage:
        """Return what the run's worktrees and its directory take."""
        return self._gauge.measure([rundir.path, *(one.path for one in self._of(rundir.run))])

    def of_tasks(self, run: str) -> dict[TaskId, int]:
        """Return the bytes of each task's worktree that is there, as far as the patience reaches."""
        found: dict[TaskId, DiskUsage] = {}
        for one in self._of(run):
            task = one.task
            if task is not None:
                found[TaskId(task)] = found.get(TaskId(task), NOTHING) + self.of([one.path])
        return {task: room.allocated_bytes for task, room in found.items() if room.is_whole}

    def of(self, folders: Iterable[Path]) -> DiskUsage:
        """Return what folders take."""
        return self._gauge.measure(folders)

    def _of(self, run: str) -> list[Worktree]:
        return [one for one in self._ours if one.run == run]

    @cached_property
    def _ours(self) -> list[Worktree]:
        try:
            return [one for one in list_worktrees(self._repository) if one.is_ours]
        except RepositoryError:  # whoever asks has something else to tell, and will
            return []


def told(room: DiskUsage) -> str:
    """Return an amount of disk as people read it; with a `+` where not all of it was looked at."""
    return size(room.allocated_bytes) + ("" if room.is_whole else "+")
