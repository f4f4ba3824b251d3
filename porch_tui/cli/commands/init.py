"""`porch init`: writes a plan that fits the repository and runs as it is; never overwrites one."""

from __future__ import annotations

import argparse
import os

from porch_tui.agents.preset import installed
from porch_tui.cli.lookup import repository_at
from porch_tui.cli.output.printing import say, write
from porch_tui.cli.plans import PLAN_NAMES
from porch_tui.errors import RepositoryError
from porch_tui.planfile.starter_plan import starting_plan


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("--print", dest="is_printed", action="store_true", help="print it instead")


def run(options: argparse.Namespace) -> int:
    """Write the plan, or print it."""
    repository = repository_at(options.directory)
    plan = starting_plan(repository.name, repository.git.paths("ls-files", "-z"), installed())
    if options.is_printed:
        write(plan)
        return 0
    existing = next((name for name in PLAN_NAMES if os.path.lexists(repository.root / name)), None)
    path = repository.root / (existing or PLAN_NAMES[0])
    refusal = f"porch init writes {PLAN_NAMES[0]}, but {path} exists, and it never overwrites"
    if existing:
        raise RepositoryError(f"{refusal}; porch init --print shows what it would write")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(plan)
    except FileExistsError as error:  # created this very moment
        raise RepositoryError(refusal) from error
    except OSError as error:
        raise RepositoryError(
            f"cannot write {path}: {error.strerror}; porch init --print needs no file"
        ) from error
    say(f"porch: wrote {path}; look at it, then: porch check")
    return 0
