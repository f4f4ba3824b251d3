"""`porch pause`: freezes tasks, or keeps the run from starting more of them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from porch_tui.cli.arguments import add_steering
from porch_tui.cli.lookup import tasks_named
from porch_tui.cli.steering import for_whole_run, steer
from porch_tui.core.model import commands as c
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.errors import PlanError
from porch_tui.journal.inbox import new_command_id


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("--all", action="store_true", help="start no more tasks, and freeze all that run")
    add_steering(parser, "*")


def run(options: argparse.Namespace) -> int:
    """Pause the tasks named, or the run."""
    return pause_or_resume(options, c.PauseRun, c.PauseTask)


def pause_or_resume(
    options: argparse.Namespace,
    of_run: type[c.PauseRun] | type[c.ResumeRun],
    of_task: type[c.PauseTask] | type[c.ResumeTask],
) -> int:
    """Send a command for each of the tasks named, for all that run, or for the run."""

    def commands(state: RunState) -> Sequence[c.AnyCommand]:
        tasks = tasks_or_all(options, state)
        if options.all:
            return for_whole_run(state, of_run(new_command_id(), with_tasks=True))
        return [of_task(new_command_id(), task) for task in tasks] or [of_run(new_command_id())]

    return steer(options, commands)


def tasks_or_all(options: argparse.Namespace, state: RunState) -> tuple[TaskId, ...]:
    """Return the tasks named; PlanError if there are any beside --all."""
    tasks = tasks_named(state, options.tasks)
    if options.all and tasks:
        raise PlanError("--all means every task that runs, so it goes without TASK")
    return tasks
