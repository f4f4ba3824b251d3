"""`porch retry`: runs tasks again."""

from __future__ import annotations

import argparse

from porch_tui.cli.arguments import add_steering
from porch_tui.cli.lookup import session_of, tasks_named
from porch_tui.cli.output.printing import say
from porch_tui.cli.steering import How, print_answers, send, steer_tasks
from porch_tui.core.model.commands import RetryTask, spelled
from porch_tui.core.model.events import CommandRefused
from porch_tui.core.rules.decide import decide
from porch_tui.errors import RefusedError
from porch_tui.journal.inbox import new_command_id
from porch_tui.present.command_texts import refused_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("--keep", action="store_true", help="keep the worktree as it is, instead")
    parser.add_argument(
        "--say", default="", metavar="TEXT", help="what the agent should know (in its prompt)"
    )
    parser.add_argument("--edit", action="store_true", help="edit the prompt, or the command, before")
    add_steering(parser, "+")


def run(options: argparse.Namespace) -> int:
    """Retry the tasks named."""
    if options.edit:
        return _edit(options)
    return steer_tasks(options, lambda id, task: RetryTask(id, task, options.keep, options.say))


def _edit(options: argparse.Namespace) -> int:
    """Have the person edit what each of the tasks runs, one after the other, then retry them."""
    from porch_tui.cli.review.rewording import kept_at, reworded

    repository, session = session_of(options)
    commands = []
    for task in tasks_named(session.state, options.tasks):
        asked = RetryTask(new_command_id(), task, options.keep, options.say)
        event = decide(session.anticipated(), asked)[0]  # before anybody writes for nothing
        if isinstance(event, CommandRefused):
            raise RefusedError(refused_text(asked, event.why))
        command, remark = reworded(repository, session.rundir, session.state, asked)
        if remark:
            say(f"porch: {remark}")
        commands.append(command)
    before = session.state
    answers = send(session, commands)
    for answer in answers:
        if answer.how is How.REFUSED and isinstance(answer.command, RetryTask):
            file = kept_at(session.rundir, before, answer.command.task)
            say(f"porch: what you wrote is in {file}; {spelled(answer.command)} begins with it")
    return print_answers(session, answers, options.json)
