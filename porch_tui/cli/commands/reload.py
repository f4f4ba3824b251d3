"""`porch reload`: a run takes over what has changed in its plan file, as far as it has not begun."""

from __future__ import annotations

import argparse
from pathlib import Path

from porch_tui.cli.arguments import add_json, add_run_option
from porch_tui.cli.each_plan import FILE as EACH
from porch_tui.cli.lookup import session_of
from porch_tui.cli.output.printing import say, write_json
from porch_tui.cli.plans import errors_with_lines
from porch_tui.cli.repository_items import RepositoryItems
from porch_tui.cli.steering import Answer, How, documents, exit_code, print_lines, send
from porch_tui.core.model import commands as c
from porch_tui.core.model.copying import replace
from porch_tui.core.rules.reloading import changes_in
from porch_tui.errors import RefusedError
from porch_tui.git.repository import Repository
from porch_tui.journal import durable
from porch_tui.journal.inbox import new_command_id
from porch_tui.planfile.additions import other_settings
from porch_tui.planfile.read import read_plan
from porch_tui.session.session import Session

OF_RUN = "a run keeps what it began with"
STEERED = {"slots": "porch slots changes it", "budget": "porch budget raises it"}
"""Settings of the whole run that another command changes."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "plan", nargs="?", metavar="PLAN", help="the plan file (default: the one the run was started with)"
    )
    add_run_option(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Compare the plan file with the run, hand over what may change, and list what may not."""
    from porch_tui.engine.new_run import check_additions

    repository, session = session_of(options)
    state = session.anticipated()
    if state.closed_at is not None:
        raise RefusedError(f"run {state.run} is closed: nothing of it can change")
    later = frozenset(task for task, known in state.tasks.items() if known.added_at is not None)
    read = read_plan(_plan_path(options, repository, session), RepositoryItems(repository), later)
    changes = changes_in(state, read.plan)
    with errors_with_lines(read):
        plan = replace(read.plan, tasks=(*changes.changed, *changes.added), agents=changes.agents)
        check_additions(repository, state, plan, new=changes.added)
    for warning in read.warnings:
        say(f"porch: {warning.shown(read.file)}")
    command = c.ReloadPlan(new_command_id(), changes.changed, changes.added, changes.agents)
    answers = [] if changes.is_empty else send(session, [command])
    if exit_code(answers) == 0:
        durable.replace(session.rundir.plan, read.content)  # what tasks that are added later take over
    of_run = replace(state.plan, target=state.target.name)
    left = [(key, STEERED.get(key, OF_RUN)) for key in other_settings(read.plan, of_run)]
    left += changes.left
    return _print(session, answers, left, options.json)


def _plan_path(options: argparse.Namespace, repository: Repository, session: Session) -> Path:
    if options.plan is not None:
        return Path(options.directory, options.plan)
    if session.opened.plan_path == EACH:
        raise RefusedError(
            f"run {session.rundir.run} was made by {EACH} and has no plan file to read again;"
            " porch add gives it more tasks"
        )
    return repository.root / session.opened.plan_path


def _print(session: Session, answers: list[Answer], left: list[tuple[str, str]], is_json: bool) -> int:
    """Print what became of it, for people or as JSON, and return the exit code."""
    if is_json:
        done = [one.command for one in answers if one.how is not How.REFUSED]
        taken = [one for one in done if isinstance(one, c.ReloadPlan)]
        write_json(
            {
                "run": session.rundir.run,
                "engine": "alive" if session.is_engine_alive() else "gone",
                "changed": [spec.id for one in taken for spec in one.changed],
                "added": [spec.id for one in taken for spec in one.added],
                "left": [{"what": what, "why": why} for what, why in left],
                "commands": documents(answers),
            }
        )
        return exit_code(answers)
    print_lines(session, answers)
    if not answers:
        say("porch: nothing to take over: no task that has not begun is another in the plan file")
    for what, why in left:
        say(f"porch: not taken over: {what}: {why}")
    return exit_code(answers)
