"""The plan file that a person names, and what its repository says to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from porch_tui.cli.first_steps import BEGINNINGS, PLAN_NAMES, plan_in
from porch_tui.cli.output.printing import say
from porch_tui.core.model.copying import replace
from porch_tui.errors import PlanError, PlanValueError
from porch_tui.git.repository import Repository

if TYPE_CHECKING:
    from porch_tui.engine.new_run import Prepared, RunOverrides
    from porch_tui.planfile.read import PlanFile
    from porch_tui.planfile.text.mistakes import PlanWarning


def plan_path(repository: Repository, directory: str, given: str | None) -> Path:
    """Return the plan file: the one given, relative to where porch was started, else the repository's."""
    if given is not None:
        return Path(directory) / given
    if (found := plan_in(repository.root)) is not None:
        return found
    names = " or ".join(PLAN_NAMES)
    raise PlanError(f"no plan given, and there is no {names} in {repository.root}. To begin:\n{BEGINNINGS}")


def shown_path(path: Path, repository: Repository) -> str:
    """Return a path as a person knows it: relative to the repository if it is inside."""
    resolved = path.resolve()
    return str(resolved.relative_to(repository.root) if resolved.is_relative_to(repository.root) else path)


def warnings_about(read: PlanFile) -> tuple[PlanWarning, ...]:
    """Return what the author of a plan may want to look at again, also for this machine's sake."""
    from porch_tui.planfile.machine_warnings import machine_warnings
    from porch_tui.process.machine import cores, free_memory

    asks_for_room = any(spec.cpus or spec.memory_bytes for spec in read.plan.tasks)
    have = (cores(), free_memory()[0]) if asks_for_room else (0, 0)
    return (*read.warnings, *machine_warnings(read, *have, _may_be_on_path))


def _may_be_on_path(program: str) -> bool:
    """Say whether tasks can find a program, or may: a relative folder of PATH is in each worktree."""
    import os
    import shutil

    folders = os.get_exec_path()
    return shutil.which(program) is not None or not all(map(os.path.isabs, folders))


def prepared(
    repository: Repository,
    read: PlanFile,
    shown: str,
    overrides: RunOverrides,
    *,
    is_to_run: bool = False,
    reads_files: bool = False,
) -> Prepared:
    """Check everything that could refuse a run of the plan, and forecast it. Raises PorchError.

    `shown` is what the plan file is called, also in the journal. With `reads_files` tasks are also compared
    by what the repository's files say, which takes longer. With `is_to_run` a place must have answered.
    """
    from porch_tui.engine.new_run import prepare
    from porch_tui.planfile.lines import line_finder

    finder = line_finder(read) if reads_files else None
    with errors_with_lines(read):
        ready = prepare(
            repository, read.plan, shown, overrides, is_to_run, line_of=finder, reads_files=reads_files
        )
    if not (is_to_run and ready.plan.runs_elsewhere):
        return ready
    from porch_tui.engine.first_answer import first_answer

    # `porch each` has no file
    file = shown if shown not in PLAN_NAMES and shown.endswith((".yaml", ".yml")) else ""
    silent = first_answer(ready.plan, repository, lambda text: say(f"porch: {text}"), file)
    return replace(ready, warnings=(*ready.warnings, *silent))


@contextmanager
def errors_with_lines(read: PlanFile) -> Iterator[None]:
    """Report values of the plan that do not fit the repository as mistakes of its file."""
    try:
        yield
    except PlanValueError as error:
        raise read.placed(error) from None
