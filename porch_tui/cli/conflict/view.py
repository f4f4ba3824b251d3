"""Loads a task's conflict: merges again to look at it, and adds the choices so far. Writes nothing."""

from __future__ import annotations

import tempfile
from pathlib import Path

from porch_tui.core.conflict.view import Parked
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.state import QueueEntry
from porch_tui.core.model.status import EntryStatus
from porch_tui.core.model.wording import listed
from porch_tui.engine.effects.resolving import as_parked
from porch_tui.errors import RefusedError
from porch_tui.git.merge import candidates
from porch_tui.git.merge.resolution import conflict_of
from porch_tui.git.repository import Repository
from porch_tui.journal.resolutions import read_resolution
from porch_tui.session.session import Session


def in_conflict(session: Session) -> list[TaskId]:
    """Return the tasks in conflict, in plan order."""
    entries = session.state.entries
    return [
        task
        for task in session.state.tasks
        if task in entries and entries[task].status is EntryStatus.CONFLICTED
    ]


def conflict_view(repository: Repository, session: Session, task: TaskId) -> Parked:
    """Return a task's conflict; RefusedError if it has none."""
    entry, onto = _entry(session, task)
    with tempfile.TemporaryDirectory(prefix="porch-conflict-") as scratch:
        conflicted = candidates.preview(repository, Path(scratch), onto, entry.head)
    if conflicted is None:
        raise RefusedError(f"{task} merges without a conflict now: porch requeue {task}")
    conflict = conflict_of(repository, conflicted, onto, entry.head)
    record = read_resolution(session.rundir, task)
    return as_parked(repository, session.rundir, session.state, entry, conflict=conflict, record=record)


def sides(session: Session, task: TaskId) -> tuple[Sha, Sha]:
    """Return the commits whose merge conflicts: the one ahead of the task, and the task's."""
    entry, onto = _entry(session, task)
    return onto, entry.head


def _entry(session: Session, task: TaskId) -> tuple[QueueEntry, Sha]:
    entry = session.state.entries.get(task)
    if entry is None or entry.status is not EntryStatus.CONFLICTED or entry.onto is None:
        where = f"{entry.status} in the merge queue" if entry else str(session.state.tasks[task].status)
        others = in_conflict(session)
        hint = f"in conflict: {listed(others)}" if others else "no task is in conflict"
        raise RefusedError(f"{task} is not in conflict, it is {where}; {hint}")
    return entry, entry.onto
