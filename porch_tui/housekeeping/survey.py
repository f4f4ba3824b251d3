"""What is in a repository: runs, worktrees, branches, processes, and the disk space they take.

Everything is read once, when it is first needed, and nothing is changed. Cleanup candidates, stale artifacts,
orphan processes and repository checks are all derived from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import EntryStatus
from porch_tui.core.model.transitions import IllegalTransition
from porch_tui.core.model.wording import listed
from porch_tui.errors import PorchError, RepositoryError
from porch_tui.git.repository import Repository
from porch_tui.git.worktree.disk_usage import DiskMeter, DiskUsage
from porch_tui.git.worktree_list import Worktree, list_worktrees
from porch_tui.journal.rundir import RunDir, all_runs
from porch_tui.present.amounts import size
from porch_tui.process.processes import Process, all_processes
from porch_tui.session.session import Session


class Survey:
    """Reads a repository."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self._disk_meter = DiskMeter()

    @cached_property
    def runs(self) -> list[RunDir]:
        """Every run, newest first."""
        return all_runs(self.repository.common_dir)

    @cached_property
    def states(self) -> dict[RunDir, RunState | str]:
        """The state of each run, or why it cannot be read."""
        return {rundir: self.state_of(rundir) for rundir in self.runs}

    def state_of(self, rundir: RunDir) -> RunState | str:
        """Return the state of a run, or why it cannot be read."""
        try:
            return Session(rundir).state
        except (PorchError, IllegalTransition) as error:
            return str(error)

    @cached_property
    def worktrees(self) -> tuple[Worktree, ...]:
        """Every worktree git has on record, the main one first."""
        return list_worktrees(self.repository)

    def worktrees_of(self, run: str) -> list[Worktree]:
        """Return the worktrees that were made for a run."""
        return [one for one in self.worktrees if one.is_ours and one.run == run]

    @cached_property
    def branches(self) -> dict[str, str]:
        """Every branch with its commit."""
        lines = self.repository.git.text("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads")
        pairs = (line.rpartition(" ") for line in lines.splitlines())
        return {ref.removeprefix("refs/heads/"): oid for ref, _, oid in pairs}

    @cached_property
    def processes(self) -> list[Process]:
        """Every process on the machine but this one."""
        return list(all_processes())

    def processes_in(self, folder: Path) -> list[Process]:
        """Return the processes whose working directory is the folder or below it."""
        place = folder.resolve()
        return [one for one in self.processes if one.is_in(place)]

    def usage(self, folders: Iterable[Path]) -> DiskUsage:
        """Return the disk space of folders, as far as there is time to measure it."""
        return self._disk_meter.measure(folders)

    def usage_of_run(self, rundir: RunDir) -> DiskUsage:
        """Return the disk space of a run's worktrees and its directory."""
        return self.usage([rundir.path, *(one.path for one in self._listed_of(rundir.run))])

    def usage_of_tasks(self, run: str) -> dict[TaskId, int]:
        """Return the bytes of each task's worktree that exists and could be measured completely."""
        folders: dict[TaskId, list[Path]] = {}
        for one in self._listed_of(run):
            if one.task:
                folders.setdefault(one.task, []).append(one.path)
        measured = {task: self.usage(paths) for task, paths in folders.items()}
        return {task: usage.allocated_bytes for task, usage in measured.items() if usage.is_whole}

    def _listed_of(self, run: str) -> list[Worktree]:
        """Return the worktrees of a run; none if git cannot list them, which `porch doctor` reports."""
        try:
            return self.worktrees_of(run)
        except RepositoryError:
            return []


def is_obsolete(state: RunState, worktree: Worktree) -> bool:
    """Say whether a worktree was made to resolve a conflict of the run that is settled by now."""
    task = worktree.resolved_task
    if task is None:
        return False
    entry = state.entries.get(task)
    return entry is None or entry.status not in (EntryStatus.CONFLICTED, EntryStatus.RESOLVING)


def usage_text(usage: DiskUsage) -> str:
    """Return an amount of disk space for people, with a `+` if not all of it was measured."""
    return size(usage.allocated_bytes) + ("" if usage.is_whole else "+")


def names_of(processes: Sequence[Process]) -> str:
    """Return a few processes by name and number."""
    return listed([f"{one.name} ({one.pid})" for one in processes])
