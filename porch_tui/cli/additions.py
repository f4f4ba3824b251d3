"""What a person adds to a run, as it is typed behind `porch add`, there and on the screen."""

from __future__ import annotations

import argparse
from pathlib import Path

from porch_tui.cli.plans import errors_with_lines, shown_path
from porch_tui.cli.repository_items import RepositoryItems
from porch_tui.core.model import commands as c
from porch_tui.core.model.copying import replace
from porch_tui.errors import PlanError
from porch_tui.git.repository import Repository
from porch_tui.journal.inbox import new_command_id
from porch_tui.planfile.additions import Receiver, addition_of, read_additions
from porch_tui.planfile.read import PlanFile
from porch_tui.session.session import Session

SET = "--set"


def addition(
    options: argparse.Namespace, repository: Repository, session: Session
) -> tuple[c.AddTasks, PlanFile]:
    """Return the command that adds what the options mean, and how it was read. Raises PorchError."""
    from porch_tui.engine.new_run import check_additions

    keys = _keys(options)
    if keys:
        read = addition_of(options.what, keys, receiver(session))
    else:
        path = Path(options.directory) / options.what
        _refuse_bare_id(path, options.what)
        read = read_additions(path, receiver(session), RepositoryItems(repository))
        read = replace(read, file=shown_path(path, repository))
    with errors_with_lines(read):
        check_additions(repository, session.anticipated(), read.plan)
    return c.AddTasks(new_command_id(), read.plan.tasks, read.plan.agents), read


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
