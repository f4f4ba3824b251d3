"""`porch add`: gives a run more tasks, one by options or those of a plan file."""

from __future__ import annotations

import argparse

from porch_tui.cli.additions import SET, addition
from porch_tui.cli.arguments import WHICH_RUN, add_json
from porch_tui.cli.lookup import session_of
from porch_tui.cli.output.printing import say
from porch_tui.cli.steering import print_answers, send


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "what", metavar="ID|PLAN", help="the id of a new task, or a plan file whose tasks are added"
    )
    task = parser.add_argument_group("what a task with ID does; the other keys are those of the run's plan")
    task.add_argument(
        "--run",
        dest="words",
        nargs="+",
        metavar="COMMAND",
        help="its command: one text for the shell, or a program and its arguments",
    )
    task.add_argument("--agent", metavar="NAME", help="instead of --run: the agent that does it")
    task.add_argument("--prompt", metavar="TEXT", help="what the agent is asked")
    task.add_argument(
        "--after", nargs="+", action="extend", metavar="TASK", help="start when these tasks have landed"
    )
    task.add_argument(
        "--paths", nargs="+", action="extend", metavar="GLOB", help="what it says it will write"
    )
    task.add_argument(
        SET,
        action="append",
        metavar="KEY=VALUE",
        help="any other key of a task, as a plan file has it: --set timeout=10m (see porch help plan)",
    )
    # not --run, as for other commands: that is what the task runs
    parser.add_argument("--to", dest="run", metavar="RUN", help=f"which run {WHICH_RUN}")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Check the tasks as a plan is checked, and hand them to the run."""
    repository, session = session_of(options)
    command, read = addition(options, repository, session)
    for warning in read.warnings:
        say(f"porch: {warning.shown(read.file)}")
    return print_answers(session, send(session, [command]), options.json)
