"""`porch retry`: runs tasks again."""

from __future__ import annotations

import argparse

from porch_tui.cli.arguments import add_steering
from porch_tui.cli.lookup import session_of, tasks_named
from porch_tui.cli.output.printing import say
from porch_tui.cli.steering import How, print_answers, send
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
    return _edit(options) if options.edit else _send_with_comments(options)


def _send_with_comments(options: argparse.Namespace) -> int:
    """Retry the tasks, those that wait for a review with what the person has commented on."""
    from porch_tui.cli.review.comments import keep_comments, with_comments
    from porch_tui.tui.model.comments import sends_back

    _, session = session_of(options)
    plain = [
        RetryTask(new_command_id(), task, options.keep, options.say)
        for task in tasks_named(session.state, options.tasks)
    ]
    asked = [with_comments(session.rundir, session.state, one) for one in plain]
    answers = send(session, asked)
    for before, answer in zip(plain, answers, strict=True):
        if answer.how is How.REFUSED:
            continue
        if answer.command != before:
            keep_comments(session.rundir, before.task, ())
            say(f"porch: your comments on {before.task} go to its agent")
        elif answer.how is How.WAITING and not before.say and sends_back(session.state, before):
            say(f"porch: {before.task}: its agent gets no reason; --say TEXT gives one")
    return print_answers(session, answers, options.json)


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
