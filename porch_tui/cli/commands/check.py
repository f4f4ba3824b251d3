"""check, init and schema: a plan before anything runs. Starts nothing and changes no repository."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from msgspec import Struct

from porch_tui.cli.lookup import PLAN_NAMES, plan_path, repository_at, shown_path
from porch_tui.cli.output.printing import say, width, write, write_json
from porch_tui.core.model.plan import Sha
from porch_tui.errors import RepositoryError

if TYPE_CHECKING:
    from porch_tui.engine.new_run import Prepared

NO_LINE = 0
"""Of a warning that is about the repository and not about a line of the plan."""


class Hindrance(Struct, frozen=True):
    """Something in the repository that would keep the plan from running now."""

    text: str
    line: int = NO_LINE


def check(options: argparse.Namespace) -> int:
    """Say what a plan would do, whether parallel pays, and what would keep it from running now."""
    from porch_tui.cli.plans import prepared, told_with_lines
    from porch_tui.engine.new_run import RunOverrides
    from porch_tui.git.worktree import removal
    from porch_tui.planfile.read import read_plan
    from porch_tui.report.checking import Warned, check_document, check_text
    from porch_tui.report.layout import layout_of

    repository = repository_at(options.directory)
    path = plan_path(repository, options.directory, options.plan)
    read = read_plan(path)
    shown = shown_path(path, repository)
    ready = prepared(repository, read, shown, RunOverrides(options.slots))
    pinned = ready.pinned
    layout = layout_of(read.plan, str(repository.root), ready.run, pinned.target, Sha(pinned.base))
    with told_with_lines(read):
        hindrances = (*map(Hindrance, ready.warnings), *_hindrances(ready))
    if options.json:
        warnings: list[Warned] = [*read.warnings, *hindrances]
        write_json(check_document(read.plan, ready.analysis, layout, warnings, shown))
    else:
        write(check_text(read.plan, ready.analysis, layout, read.warnings, shown, width=width()))
        for hindrance in hindrances:
            say(f"porch: {hindrance.text}")
    removal.empty_trash(repository)  # of the worktree that was made to time one
    return 0


def _hindrances(ready: Prepared) -> tuple[Hindrance, ...]:
    """Return what stands where worktrees or branches are to be made; PlanError if the plan is to blame."""
    try:
        ready.check_places()
    except RepositoryError as error:
        text = f"porch run would be refused now:\n{error}"
        return (Hindrance(text),)
    return ()


def init(options: argparse.Namespace) -> int:
    """Write a plan that fits the repository and runs as it is; never over one that is there."""
    from porch_tui.planfile.starter_plan import starting_plan

    repository = repository_at(options.directory)
    plan = starting_plan(repository.name, repository.git.paths("ls-files", "-z"))
    if options.is_printed:
        write(plan)
        return 0
    taken = next((name for name in PLAN_NAMES if os.path.lexists(repository.root / name)), None)
    path = repository.root / (taken or PLAN_NAMES[0])
    refusal = f"porch init writes {PLAN_NAMES[0]}, but {path} exists, and it never overwrites"
    if taken:
        raise RepositoryError(f"{refusal}; porch init --print shows what it would write")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(plan)
    except FileExistsError as error:  # in this very moment
        raise RepositoryError(refusal) from error
    except OSError as error:
        raise RepositoryError(
            f"cannot write {path}: {error.strerror}; porch init --print needs no file"
        ) from error
    say(f"porch: wrote {path}; look at it, then: porch check")
    return 0


def schema(options: argparse.Namespace) -> int:
    """Print the JSON Schema of plan files."""
    from porch_tui.planfile.schema import json_schema

    write_json(json_schema())
    return 0
