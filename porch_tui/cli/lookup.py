"""Where a command works: the repository around a folder, and the run a person means."""

from __future__ import annotations

import sys
from pathlib import Path

from porch_tui.errors import PlanError, RepositoryError
from porch_tui.git.discovery import discover
from porch_tui.git.repository import Repository
from porch_tui.journal.finding import find
from porch_tui.journal.rundir import RunDir

PLAN_NAMES = ("porch.yaml", "porch.yml")


def repository_at(directory: str) -> Repository:
    """Return the repository around a folder; PlanError if there is no such folder."""
    start = Path(directory)
    if not start.is_dir():
        raise PlanError(f"-C {directory}: there is no such folder")
    try:
        return discover(start.resolve())
    except FileNotFoundError as error:
        raise RepositoryError(
            "porch works in the repository around the folder it is started in, and that folder was deleted; "
            "go to another one, or name one with -C DIR"
        ) from error


def run_named(repository: Repository, name: str | None) -> RunDir:
    """Return the run with this id or beginning of one; None: the living one, else the newest."""
    return find(repository.common_dir, name)


def plan_path(repository: Repository, directory: str, given: str | None) -> Path:
    """Return the plan file: the one given, relative to where porch was started, else the repository's."""
    if given is not None:
        return Path(directory) / given
    for name in PLAN_NAMES:
        if (repository.root / name).exists():
            return repository.root / name
    raise PlanError(
        f"no plan given, and there is no {' or '.join(PLAN_NAMES)} in {repository.root}; "
        "porch init writes one"
    )


def shown_path(path: Path, repository: Repository) -> str:
    """Return a path as a person knows it: relative to the repository where it lies in it."""
    resolved = path.resolve()
    return str(resolved.relative_to(repository.root) if resolved.is_relative_to(repository.root) else path)


def is_terminal() -> bool:
    """Say whether a person sits at both ends."""
    return sys.stdin.isatty() and sys.stdout.isatty()
