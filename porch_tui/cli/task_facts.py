"""What the report says of tasks beyond the journal, read from git, logs, and what was chosen in conflicts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from porch_tui.cli.failures import failures
from porch_tui.core.conflict.conflict import Conflict
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import EntryStatus
from porch_tui.errors import PorchError
from porch_tui.git.changes import FileLines, lines_changed_between
from porch_tui.git.merge import candidates
from porch_tui.git.merge.resolution import conflict_of
from porch_tui.git.repository import Repository
from porch_tui.journal.resolutions import read_proposal, read_resolution
from porch_tui.report.sections.task_facts import (
    Collision,
    FileChange,
    TaskFacts,
    collisions_of,
    completed,
)
from porch_tui.session.session import Session

LAST_LINES = 20
"""Of the output that says why a task failed."""
MERGED_AGAIN = 20
"""So many conflicts are merged again to show their sides; each takes some git processes."""


def task_facts(session: Session, repository: Repository | None) -> dict[TaskId, TaskFacts]:
    """Return what is known of each task; without its repository nothing of changes and open conflicts."""
    state = session.state
    files = _files(state, repository) if repository else {}
    failed = failures(session, LAST_LINES)
    open_conflicts = _open_conflicts(state, repository) if repository else {}
    found = {}
    for task in state.tasks:
        log, text = failed.get(task, (None, ""))
        found[task] = TaskFacts(
            tuple(FileChange(one.path, one.added, one.removed) for one in files.get(task, ())),
            tuple(text.rstrip().splitlines()),
            str(log) if log else "",
            _collisions(session, task, open_conflicts.get(task)),
        )
    return found


def _files(state: RunState, repository: Repository) -> dict[TaskId, tuple[FileLines, ...]]:
    ranges = dict(_ranges(state))
    try:
        found = lines_changed_between(repository.git, ranges.values())
    except PorchError:  # a commit of it is gone
        return {}
    return {task: found[base, head] for task, (base, head) in ranges.items()}


def _ranges(state: RunState) -> Iterator[tuple[TaskId, tuple[Sha, Sha]]]:
    """Yield base and head of each task that has changed something."""
    for task, known in state.tasks.items():
        if known.attempt is not None and known.head and known.head != known.attempt.base:
            yield task, (known.attempt.base, known.head)


def _open_conflicts(state: RunState, repository: Repository) -> dict[TaskId, Conflict]:
    found = {}
    entries = (one for one in state.entries.values() if one.status is EntryStatus.CONFLICTED)
    for entry in islice(entries, MERGED_AGAIN):
        onto = entry.onto or state.target.tip
        # its branch may be gone
        with suppress(PorchError), TemporaryDirectory(prefix="porch-report-") as scratch:
            conflicted = candidates.preview(repository, Path(scratch), onto, entry.head)
            if conflicted is not None:
                found[entry.task] = conflict_of(repository, conflicted, onto, entry.head)
    return found


def _collisions(session: Session, task: TaskId, conflict: Conflict | None) -> tuple[Collision, ...]:
    entry = session.state.entries.get(task)
    if conflict is None and (entry is None or not entry.resolved):
        return ()
    with suppress(PorchError):  # what was chosen cannot be read
        record = read_resolution(session.rundir, task)
        is_unattended = conflict is None and entry is not None and entry.is_unattended
        known = read_proposal(session.rundir, task) if is_unattended else None
        if known is not None:
            record = completed(record, known.record)
        return collisions_of(record, conflict)
    return ()
