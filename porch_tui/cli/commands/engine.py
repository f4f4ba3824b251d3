"""`porch engine`: the engine process that a screen or `--detach` starts; not for people."""

from __future__ import annotations

import argparse
import signal

from porch_tui.cli.engine_here import is_waiting_for_checkout, print_lines, work
from porch_tui.cli.lookup import repository_at, run_named
from porch_tui.cli.output.printer import unhurried
from porch_tui.cli.run_report import conclude
from porch_tui.process.zygote_client import warm_up


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("run")


def run(options: argparse.Namespace) -> int:
    """Be the engine of a run until nothing more happens."""
    warm_up()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    repository = repository_at(options.directory)
    rundir = run_named(repository, options.run)
    with unhurried():
        try:
            return work(rundir, repository, print_lines, is_waiting=is_waiting_for_checkout)
        finally:
            conclude(rundir, repository)
