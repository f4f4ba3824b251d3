"""`porch move`: has an entry of the merge queue merged earlier or later."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from porch_tui.cli.arguments import add_steering
from porch_tui.cli.lookup import task_named
from porch_tui.cli.steering import steer
from porch_tui.core.model import commands as c
from porch_tui.core.model.state import RunState
from porch_tui.journal.inbox import new_command_id


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("task", metavar="TASK")
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--first", action="store_true", help="to the front of the queue")
    place.add_argument("--last", action="store_true", help="to the end of the queue")
    place.add_argument("--before", metavar="OTHER", help="right before this one")
    add_steering(parser)


def run(options: argparse.Namespace) -> int:
    """Move the entry."""

    def commands(state: RunState) -> Sequence[c.AnyCommand]:
        id, task = new_command_id(), task_named(state, options.task)
        if options.before is not None:
            return [c.MoveEntry(id, task, c.Spot.BEFORE, task_named(state, options.before))]
        return [c.MoveEntry(id, task, c.Spot.FIRST if options.first else c.Spot.LAST)]

    return steer(options, commands)
