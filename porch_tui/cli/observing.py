"""What a run has shown of its tasks, read from its journal, git's objects and the output of what failed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path

from porch_tui.core.advice.lessons import Clash, Disturbance, Lesson, Observed, lessons
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Kind, TaskId
from porch_tui.core.model.state import Attempt, RunState
from porch_tui.core.model.wording import one_line
from porch_tui.errors import RepositoryError
from porch_tui.git.changes import paths_changed_between
from porch_tui.git.repository import Repository
from porch_tui.journal import observations
from porch_tui.journal.durable import open_file
from porch_tui.journal.rundir import OUTPUT
from porch_tui.present.summary import wall_s
from porch_tui.session.session import Session

MOST_PATHS_OF_A_TASK = 100
"""A task that changed more is one of those that touch everything, about which nothing can be advised."""
MOST_TASKS = 2000
"""Whose changes are read: git takes a millisecond for each, and a person waits for it."""
MOST_PATHS = 2000
"""Of all tasks of a run together."""
MOST_FAILURES = 50
TAIL_BYTES = 16 << 10
"""Of the output of what failed."""
IN_USE = (
    r"(?i)(?P<port>address already in use|EADDRINUSE|port is already allocated)"
    r"|(?P<database>database (?:table )?is locked|deadlock detected|could not obtain lock on)"
    r"|(?P<file>text file busy|resource temporarily unavailable.*lock|could not acquire lock)"
)
"""What programs say when another one has what they need; the names are those of locks for it."""


def lessons_of_run(session: Session, repository: Repository) -> tuple[Lesson, ...]:
    """Observe a run, remember that for its next check, and return what it teaches about its own plan."""
    observed = observe(session, repository)
    if not (observed.took_s or observed.disturbances):
        return ()
    observations.remember(repository.common_dir, observed)
    return _news(session, observed)


def known_lessons(session: Session, repository: Repository) -> tuple[Lesson, ...]:
    """Return what a run teaches as far as it was remembered."""
    observed = observations.of_run(repository.common_dir, session.state.run)
    return _news(session, observed) if observed else ()


def _news(session: Session, observed: Observed) -> tuple[Lesson, ...]:
    return tuple(one for one in lessons(session.state.plan, [observed]) if not one.is_minor)


def observe(session: Session, repository: Repository) -> Observed:
    """Return what a run has shown so far."""
    state = session.state
    ended = {task: known.attempts[-1] for task, known in state.tasks.items() if known.head and known.attempts}
    return Observed(
        run=state.run,
        plan=state.plan.name,
        at=state.opened_at,
        took_s={task: round(_took_s(attempt), 1) for task, attempt in ended.items()},
        wrote=_written(state, ended, repository),
        clashes=tuple(_clashes(record.event for record in session.records)),
        disturbances=tuple(_disturbances(session)),
    )


def _took_s(attempt: Attempt) -> float:
    return (wall_s(attempt) or 0.0) - (attempt.used.paused_s if attempt.used else 0.0)


def _written(
    state: RunState, ended: Mapping[TaskId, Attempt], repository: Repository
) -> dict[TaskId, tuple[str, ...]]:
    """Return what each task that merges has changed, as far as its commits are still there."""
    ranges: dict[TaskId, tuple[str, str]] = {
        task: (attempt.base, state.tasks[task].head or attempt.base)
        for task, attempt in islice(ended.items(), MOST_TASKS)
        if state.specs[task].kind is not Kind.CHECK
    }
    changed: Mapping[tuple[str, str], tuple[str, ...]] = {}
    with suppress(RepositoryError):  # its commits are gone
        changed = paths_changed_between(repository.git, set(ranges.values()))
    found: dict[TaskId, tuple[str, ...]] = {}
    room = MOST_PATHS
    for task, one in ranges.items():
        paths = changed.get(one, ())
        if len(paths) <= min(MOST_PATHS_OF_A_TASK, room):
            found[task] = paths
            room -= len(paths)
    return found


def _clashes(events: Iterable[e.AnyEvent]) -> Iterator[Clash]:
    """Yield which tasks conflicted, or fail on top of others only; each with the same others once."""
    found: dict[tuple[TaskId, tuple[TaskId, ...]], Clash] = {}
    for event in events:
        if isinstance(event, e.CandidateConflicted) and event.partners:
            clash = Clash(event.task, event.partners, event.paths)
            found.setdefault((event.task, event.partners), clash)
        elif isinstance(event, e.CulpritFound) and event.passes_alone and event.partners:
            found.setdefault((event.task, event.partners), Clash(event.task, event.partners))
    yield from found.values()


def _disturbances(session: Session) -> Iterator[Disturbance]:
    """Yield which attempts failed since something was in use that others had."""
    attempts = [one for task in session.state.tasks.values() for one in task.attempts]
    kinds = (e.FailureKind.EXIT, e.FailureKind.CHECK)
    failed = [one for one in attempts if one.failure and one.failure.kind in kinds]
    for attempt in failed[:MOST_FAILURES]:
        line, lock = _in_use(session.rundir.attempt(str(attempt.id)) / OUTPUT)
        beside = tuple(dict.fromkeys(one.id.task for one in attempts if _at_once(attempt, one)))
        if line and beside:
            yield Disturbance(attempt.id.task, line, lock, beside)


def _at_once(a: Attempt, b: Attempt) -> bool:
    """Say whether attempts of two tasks ran at the same time."""
    ends = [one.ended_at or one.scheduled_at for one in (a, b)]
    return a.id.task != b.id.task and max(a.scheduled_at, b.scheduled_at) < min(ends)


def _in_use(output: Path) -> tuple[str, str]:
    """Return the last line that says what was in use, and the name of a lock for that; else nothing."""
    try:
        with open_file(output) as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL_BYTES))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return "", ""
    found = next(((line, match) for line in reversed(lines) if (match := re.search(IN_USE, line))), None)
    return (one_line(found[0].strip()), found[1].lastgroup or "") if found else ("", "")
