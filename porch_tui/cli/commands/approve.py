"""`porch approve`: lets work that waits for a person's review join the merge queue."""

from __future__ import annotations

import argparse

from porch_tui.cli.arguments import add_steering
from porch_tui.cli.lookup import session_of, tasks_named
from porch_tui.cli.review.approval import approval
from porch_tui.cli.steering import print_answers, send


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_steering(parser, "+")


def run(options: argparse.Namespace) -> int:
    """Approve what the tasks named have left."""
    repository, session = session_of(options)
    tasks = tasks_named(session.state, options.tasks)
    approvals = [approval(repository, session.rundir, session.state, task) for task in tasks]
    return print_answers(session, send(session, approvals), options.json)
