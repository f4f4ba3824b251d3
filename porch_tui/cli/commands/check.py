"""`porch check`: analyzes a plan against its repository. Starts nothing and changes nothing."""

from __future__ import annotations

import argparse

from msgspec import Struct

from porch_tui.cli.arguments import add_json, add_plan, count
from porch_tui.cli.lookup import repository_at
from porch_tui.cli.output.printing import say, width, write, write_json
from porch_tui.cli.plans import errors_with_lines, plan_path, prepared, shown_path
from porch_tui.core.model.plan import Sha
from porch_tui.engine.new_run import Prepared, RunOverrides
from porch_tui.errors import RepositoryError
from porch_tui.git.worktree import removal
from porch_tui.planfile.read import read_plan
from porch_tui.report.check import Warned, check_document, check_page
from porch_tui.report.forms.text import as_text
from porch_tui.report.sections.layout import layout_of


class Obstacle(Struct, frozen=True):
    """Something in the repository that would keep the plan from running now."""

    text: str
    line: int = 0
    """It is about no line of the plan."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_plan(parser)
    add_json(parser)
    parser.add_argument("--slots", type=count, metavar="N", help="as if N tasks ran at once")


def run(options: argparse.Namespace) -> int:
    """Print order, conflicts and speedup, and what would keep the plan from running now."""
    repository = repository_at(options.directory)
    path = plan_path(repository, options.directory, options.plan)
    read = read_plan(path)
    shown = shown_path(path, repository)
    ready = prepared(repository, read, shown, RunOverrides(options.slots))
    pinned = ready.pinned
    layout = layout_of(read.plan, str(repository.root), ready.run, pinned.target, Sha(pinned.base))
    with errors_with_lines(read):
        obstacles = (*map(Obstacle, ready.warnings), *_obstacles(ready))
    if options.json:
        warnings: list[Warned] = [*read.warnings, *obstacles]
        write_json(check_document(read.plan, ready.analysis, layout, warnings, shown))
    else:
        page = check_page(read.plan, ready.analysis, layout, read.warnings, shown)
        write(as_text(page, width()))
        for obstacle in obstacles:
            say(f"porch: {obstacle.text}")
    removal.empty_trash(repository)  # of the worktree whose creation was timed
    return 0


def _obstacles(ready: Prepared) -> tuple[Obstacle, ...]:
    """Return what is where worktrees or branches are to be created; PlanError if the plan is to blame."""
    try:
        ready.check_places()
    except RepositoryError as error:
        return (Obstacle(f"porch run would be refused now:\n{error}"),)
    return ()
