"""Measures once a second whether disks have space for another task, and other machines memory.

The core decides what follows.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from porch_tui.core.model import events as e
from porch_tui.core.model.place import PlaceName
from porch_tui.core.model.plan import Plan
from porch_tui.core.model.state import RunState
from porch_tui.core.scheduling.disk import Space, measured
from porch_tui.core.scheduling.slots import short_at
from porch_tui.engine.effects.tools import Tools
from porch_tui.engine.watchers.watcher import Watcher
from porch_tui.executors.executor import Disk
from porch_tui.git.worktree.disk_usage import existing_parent, tree_size


class DiskWatch(Watcher):
    """Offers that no task starts, or that tasks start again."""

    def __init__(
        self, tools: Tools, state: Callable[[], RunState], elsewhere: Callable[[], Mapping[PlaceName, Disk]]
    ) -> None:
        """`elsewhere`: the disks of other machines, as those say."""
        self._tools = tools
        self._elsewhere = elsewhere
        self._state = state
        self._tree: tuple[int, int] | None = None
        """Bytes and files of a checkout; counted at the first look."""
        self._plan: Plan | None = None
        self._folders: set[Path] = set()
        """Where that plan's worktrees are created; it only changes when a task is added."""
        super().__init__("disk", period_s=1.0)

    def look(self) -> None:
        """Measure, and offer what follows from it."""
        state = self._state()
        if state.closed_at is not None:
            return
        steps: list[e.AnyEvent | None] = [measured(state, self._spaces(state))]
        for place, disk in self._elsewhere().items():
            assert self._tree is not None  # counted for this machine
            space = Space(f"the disk of {place}", disk.total_bytes, disk.free_bytes, self._tree[0])
            steps.append(measured(state, [space], place))
            steps.append(short_at(state, place, disk.memory_bytes, disk.memory_free_bytes))
        if found := [step for step in steps if step is not None]:
            self._tools.offer(*found)

    def _spaces(self, state: RunState) -> list[Space]:
        if self._tree is None:
            self._tree = tree_size(self._tools.repository, state.target.base)
        if self._plan is not state.plan:
            self._plan = state.plan
            self._folders = {self._tools.worktree(state, task).parent for task in state.tasks}
        parents = {existing_parent(folder / "any") for folder in self._folders}
        disks = {parent.stat().st_dev: parent for parent in sorted(parents, reverse=True)}
        made = [_space(parent, *self._tree) for parent in disks.values()]
        kept = self._tools.repository.common_dir
        return made if kept.stat().st_dev in disks else [*made, _space(kept, 0, 0)]


def _space(folder: Path, start_bytes: int, start_files: int) -> Space:
    disk = os.statvfs(folder)
    return Space(
        where=str(folder),
        total_bytes=disk.f_blocks * disk.f_frsize,
        free_bytes=disk.f_bavail * disk.f_frsize,
        start_bytes=start_bytes,
        free_files=disk.f_favail if disk.f_files else None,  # btrfs counts none
        start_files=start_files,
    )
