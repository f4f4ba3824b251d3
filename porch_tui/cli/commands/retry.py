"""`porch retry`: runs tasks again."""

from __future__ import annotations

import argparse

from porch_tui.cli.arguments import add_steering
from porch_tui.cli.steering import steer_tasks
from porch_tui.core.model.commands import RetryTask


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("--keep", action="store_true", help="keep the worktree as it is, instead")
    parser.add_argument(
        "--say", default="", metavar="TEXT", help="what the agent should know (in its prompt)"
    )
    add_steering(parser, "+")


def run(options: argparse.Namespace) -> int:
    """Retry the tasks named."""
    return steer_tasks(options, lambda id, task: RetryTask(id, task, options.keep, options.say))
