"""The conflicts of a run as they stand: merged again to look at, with the choices so far. Writes nothing."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from porch_tui.cli.lookup import repository_at, run_named
from porch_tui.cli.naming import task_named
from porch_tui.cli.output.printing import write, write_json
from porch_tui.core.conflict.parked import Parked, document
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
from porch_tui.report.conflicts import conflicts_text
from porch_tui.session.session import Session


def conflicts(options: argparse.Namespace) -> int:
    """Print the conflicts of a run, or of one task."""
    repository = repository_at(options.directory)
    session = Session(run_named(repository, options.run))
    tasks = [task_named(session.state, options.task)] if options.task else in_conflict(session)
    found = [parked(repository, session, task) for task in tasks]
    if options.json:
        write_json({"run": session.rundir.run, "conflicts": [document(one) for one in found]})
    else:
        write(conflicts_text(found))
    return 0


def in_conflict(session: Session) -> list[TaskId]:
    """Return the tasks in conflict, in plan order."""
    entries = session.state.entries
    return [
        task
        for task in session.state.tasks
        if task in entries and entries[task].status is EntryStatus.CONFLICTED
    ]


def parked(repository: Repository, session: Session, task: TaskId) -> Parked:
    """Return a task's conflict; RefusedError if it is in none."""
    entry, onto = _entry(session, task)
    with tempfile.TemporaryDirectory(prefix="porch-conflict-") as scratch:
        conflicted = candidates.preview(repository, Path(scratch), onto, entry.head)
    if conflicted is None:
        raise RefusedError(f"{task} merges by itself by now: porch requeue {task}")
    conflict = conflict_of(repository, conflicted, onto, entry.head)
    record = read_resolution(session.rundir, task)
    return as_parked(repository, session.rundir, session.state, entry, conflict=conflict, record=record)


def sides(session: Session, task: TaskId) -> tuple[Sha, Sha]:
    """Return the commits whose merge is in conflict: the target's, or the train's, and the task's."""
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
