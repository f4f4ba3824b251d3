"""`porch add`: gives a run more tasks, one by options or those of a plan file."""

from __future__ import annotations

import argparse
from pathlib import Path

from porch_tui.cli.arguments import WHICH_RUN, add_json
from porch_tui.cli.lookup import session_of
from porch_tui.cli.output.printing import say
from porch_tui.cli.plans import errors_with_lines, shown_path
from porch_tui.cli.steering import print_answers, send
from porch_tui.core.model import commands as c
from porch_tui.core.model.copying import replace
from porch_tui.errors import PlanError
from porch_tui.journal.inbox import new_command_id
from porch_tui.planfile.additions import Receiver, addition_of, read_additions
from porch_tui.planfile.read import PlanFile
from porch_tui.session.session import Session

SET = "--set"


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
    from porch_tui.engine.new_run import check_additions

    repository, session = session_of(options)
    state = session.anticipated()
    keys = _keys(options)
    if keys:
        read = addition_of(options.what, keys, receiver(session))
    else:
        path = Path(options.directory) / options.what
        _refuse_bare_id(path, options.what)
        read = read_additions(path, receiver(session))
        read = replace(read, file=shown_path(path, repository))
    with errors_with_lines(read):
        check_additions(repository, state, read.plan)
    for warning in read.warnings:
        say(f"porch: {warning.shown(read.file)}")
    return print_answers(session, send(session, [command_for(read)]), options.json)


def command_for(read: PlanFile) -> c.AddTasks:
    """Return the command that adds the tasks of a plan to a run."""
    return c.AddTasks(new_command_id(), read.plan.tasks, read.plan.agents)


def receiver(session: Session) -> Receiver:
    """Return what new tasks of the run have to fit to, with what waits for its next engine."""
    state = session.anticipated()
    try:
        content = session.rundir.plan.read_bytes()
    except FileNotFoundError:
        content = b""  # a run of an earlier porch
    return Receiver(replace(state.plan, target=state.target.name), content, session.opened.plan_path)


def _keys(options: argparse.Namespace) -> dict[str, str | list[str]]:
    """Return what the options say about a task, by option; PlanError if that makes no sense."""
    words = options.words or []
    keys: dict[str, str | list[str]] = {"--run": words[0] if len(words) == 1 else words} if words else {}
    for option in ("agent", "prompt", "after", "paths"):
        if (value := getattr(options, option)) is not None:
            keys[f"--{option}"] = value
    for text in options.set or ():
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise PlanError(f"{SET} {text}: expected KEY=VALUE, such as {SET} timeout=10m")
        if f"--{key}" in keys or f"{SET} {key}" in keys:
            raise PlanError(f"{SET} {text}: {key} is given twice; give it once")
        keys[f"{SET} {key}"] = value
    return keys


def _refuse_bare_id(path: Path, what: str) -> None:
    if not path.exists() and "/" not in what and not what.endswith((".yaml", ".yml")):
        raise PlanError(
            f"{what}: there is no such plan file, and a new task of that id has to say what it does:"
            f" porch add {what} --run COMMAND, or --agent NAME --prompt TEXT"
        )
