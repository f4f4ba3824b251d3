"""`porch resume-tasks`: resumes frozen tasks, or the run."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from porch_tui.cli.arguments import add_steering
from porch_tui.cli.commands.pause import tasks_or_all
from porch_tui.cli.steering import for_whole_run, steer
from porch_tui.core.model import commands as c
from porch_tui.core.model.state import RunState
from porch_tui.journal.inbox import new_command_id


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("--all", action="store_true", help="start tasks again, and resume all frozen ones")
    add_steering(parser, "*")


def run(options: argparse.Namespace) -> int:
    """Resume the tasks named, or the run."""

    def commands(state: RunState) -> Sequence[c.AnyCommand]:
        tasks = tasks_or_all(options, state)
        if options.all:
            return for_whole_run(state, c.ResumeRun(new_command_id(), with_tasks=True))
        return [c.ResumeTask(new_command_id(), task) for task in tasks] or [c.ResumeRun(new_command_id())]

    return steer(options, commands)
