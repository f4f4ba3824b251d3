"""`porch attach`: opens the screen on a run, after a sign of life.

Everything else takes several times as long as the interpreter's own start. So
this file imports only the splash and what says whether to show it.
"""

from __future__ import annotations

import argparse
import sys

from porch_tui.cli.arguments import add_run, add_screen
from porch_tui.cli.parser import import_msgspec
from porch_tui.errors import RepositoryError
from porch_tui.tui.terminal.environment import is_usable_terminal
from porch_tui.tui.terminal.splash import splash


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_run(parser)
    add_screen(parser)


def run(options: argparse.Namespace) -> int:
    """Open the screen on a run; errors are printed on the normal screen."""
    if not (is_usable_terminal() and sys.stdout.isatty()):
        return _attach(options)
    with splash("porch"):
        return _attach(options)


def _attach(options: argparse.Namespace) -> int:
    import_msgspec()
    from porch_tui.cli.lookup import is_terminal, repository_asked_for, run_named

    found = repository_asked_for(options.directory)
    from porch_tui.cli.screen.show import show  # while git answers

    repository = found()
    rundir = run_named(repository, options.run)
    if not is_terminal():
        raise RepositoryError("the screen needs a terminal; porch status and porch logs need none")
    return show(options, repository, rundir)
