"""`porch stop`: stops tasks, the whole run, or validations."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from porch_tui.cli.arguments import add_steering
from porch_tui.cli.commands.pause import tasks_or_all
from porch_tui.cli.lookup import session_of
from porch_tui.cli.steering import for_whole_run, print_answers, send, stop_run
from porch_tui.core.model import commands as c
from porch_tui.core.model.state import RunState
from porch_tui.errors import PlanError
from porch_tui.journal.inbox import new_command_id


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "--all",
        action="store_true",
        help="stop all tasks and the engine, and start nothing more; porch resume continues the run",
    )
    parser.add_argument(
        "--now", dest="kill_now", action="store_true", help="kill immediately; also what is being stopped"
    )
    parser.add_argument(
        "--finish",
        dest="is_finishing",
        action="store_true",
        help="with --all: let the tasks that run finish",
    )
    parser.add_argument(
        "--validation",
        dest="is_validation",
        action="store_true",
        help="cancel the validation instead (no verdict); without TASK all of them, and pause the run",
    )
    add_steering(parser, "*")


def run(options: argparse.Namespace) -> int:
    """Stop what the options mean; wait for the end of a run that is stopped."""
    repository, session = session_of(options)
    commands = _commands(options, session.state)
    if any(isinstance(command, c.StopRun) for command in commands):
        answers = stop_run(session, repository, commands)
    else:
        answers = send(session, commands)
    return print_answers(session, answers, options.json)


def _commands(options: argparse.Namespace, state: RunState) -> Sequence[c.AnyCommand]:
    tasks = tasks_or_all(options, state)
    if options.is_validation:
        if options.all:
            raise PlanError("--validation without TASK means all of them, so it goes without --all")
        stops = [c.StopValidation(new_command_id(), task) for task in tasks]
        return stops or [c.StopValidations(new_command_id())]
    if options.is_finishing:
        if not options.all or options.kill_now:
            raise PlanError("--finish lets running tasks finish: it goes with --all, and without --now")
        return [c.StopRun(new_command_id(), c.Ending.FINISH)]
    if options.all:
        ending = c.Ending.KILL if options.kill_now else c.Ending.STOP
        return for_whole_run(state, c.StopRun(new_command_id(), ending))
    if not tasks:
        raise PlanError("porch stop needs to know what to stop: name tasks, or all that run with --all")
    return [c.StopTask(new_command_id(), task, options.kill_now) for task in tasks]
