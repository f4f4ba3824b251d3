"""`porch resume`: starts an engine on a run that has none, and continues it."""

from __future__ import annotations

import argparse

from porch_tui.cli.arguments import add_how_to_run, add_red_base, add_run
from porch_tui.cli.commands.run import unhurried_headless, work_on
from porch_tui.cli.lookup import repository_at, run_named
from porch_tui.errors import RefusedError
from porch_tui.session.session import Session


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_run(parser)
    add_how_to_run(parser)
    add_red_base(parser)


def run(options: argparse.Namespace) -> int:
    """Work on a run that is not closed."""
    with unhurried_headless(options):
        repository = repository_at(options.directory)
        rundir = run_named(repository, options.run)
        if Session(rundir).state.closed_at is not None:
            raise RefusedError(f"run {rundir.run} is closed and cannot be resumed; porch run starts another")
        return work_on(options, repository, rundir)
