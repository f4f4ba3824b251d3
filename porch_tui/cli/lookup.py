"""What a person names on the command line: the repository, the run, the tasks."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from porch_tui.errors import NoRunError, PlanError, RepositoryError
from porch_tui.git.discovery import begin_to_discover

if TYPE_CHECKING:  # imported while git answers
    from porch_tui.core.model.plan import TaskId
    from porch_tui.core.model.state import RunState
    from porch_tui.git.repository import Repository
    from porch_tui.journal.rundir import RunDir
    from porch_tui.session.session import Session


def repository_at(directory: str) -> Repository:
    """Return the repository around a folder; PlanError if there is no such folder."""
    return repository_asked_for(directory)()


def repository_asked_for(directory: str) -> Callable[[], Repository]:
    """Begin to look for the repository around a folder; the returned function waits. Call it exactly once.

    PlanError if there is no such folder.
    """
    start = Path(directory)
    if not start.is_dir():
        raise PlanError(f"-C {directory}: there is no such folder")
    try:
        return begin_to_discover(start.resolve())
    except FileNotFoundError as error:
        raise RepositoryError(
            "porch works in the repository around the current folder, and that folder was deleted; "
            "change to another folder, or name one with -C DIR"
        ) from error


def run_named(repository: Repository, name: str | None) -> RunDir:
    """Return the run with this id or beginning of one; None: the active one, else the newest."""
    from porch_tui.journal.finding import find

    try:
        return find(repository.common_dir, name)
    except NoRunError:
        from porch_tui.cli.first_steps import first_steps

        raise NoRunError(first_steps(repository.root)) from None


def session_of(options: argparse.Namespace) -> tuple[Repository, Session]:
    """Return the repository and the run that the options mean, the run as it is now."""
    found = repository_asked_for(options.directory)
    from porch_tui.session.session import Session

    repository = found()
    return repository, Session(run_named(repository, options.run))


def task_named(state: RunState, name: str, *, others: Iterable[str] = ()) -> TaskId:
    """Return the task of that name; PlanError, with the nearest name, if the run has none."""
    return tasks_named(state, [name], others=others)[0]


def tasks_named(state: RunState, names: Iterable[str], *, others: Iterable[str] = ()) -> tuple[TaskId, ...]:
    """Return the tasks of these names, each once; PlanError, a line each, for those the run does not have.

    `others` are names that may have been meant instead.
    """
    from porch_tui.core.model.plan import TaskId
    from porch_tui.core.model.wording import listed
    from porch_tui.present.nearest import did_you_mean

    wanted = tuple(dict.fromkeys(names))
    mistakes = []
    for name in wanted:
        if name not in state.tasks:
            known = [str(task) for task in state.tasks]
            hint = did_you_mean(name, [*known, *others], f"it has {listed(known)}")
            mistakes.append(f"run {state.run} has no task {name!r}; {hint}")
    if mistakes:
        raise PlanError("\n".join(mistakes))
    return tuple(TaskId(name) for name in wanted)


def is_terminal() -> bool:
    """Say whether a person is at both ends: standard input and standard output."""
    return sys.stdin.isatty() and sys.stdout.isatty()
