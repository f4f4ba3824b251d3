"""`porch close`: ends a run for good."""

from __future__ import annotations

import argparse

from porch_tui.cli.arguments import add_json, add_run_option
from porch_tui.cli.lookup import session_of
from porch_tui.cli.steering import answered, ask, print_answers
from porch_tui.core.model.commands import CloseRun
from porch_tui.journal.inbox import new_command_id


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_run_option(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Have the engine close the run; without one, be the engine for this command."""
    repository, session = session_of(options)
    command = CloseRun(new_command_id())
    if session.is_engine_alive():
        answers = ask(session, [command])
    else:
        from porch_tui.cli.engine_here import close

        close(session, repository, command)
        answers = [answered(session, command)]
    return print_answers(session, answers, options.json)
