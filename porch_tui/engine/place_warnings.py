"""What goes otherwise than meant, perhaps, because tasks of a plan run on other machines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from porch_tui.core.model.place import HERE, PlaceName, called
from porch_tui.core.model.plan import CommandLine, Plan, TaskSpec
from porch_tui.core.model.wording import listed
from porch_tui.core.tasks.history import ask_for_history
from porch_tui.engine.programs import KeyPath
from porch_tui.git.repository import Repository
from porch_tui.git.transfer.not_carried import not_carried

Warned = tuple[KeyPath, str]
"""Where it is written, and a sentence about it."""

SECRET = re.compile(r"TOKEN|SECRET|PASSW|CREDENTIAL|(API|PRIVATE|ACCESS)_?KEY", re.IGNORECASE)
"""In the name of a variable whose value is not for everyone."""


def place_warnings(plan: Plan, repository: Repository, base: str) -> tuple[Warned, ...]:
    """Return them; none if all runs here. `base` is the commit that tasks start from."""
    others = [spec.name for spec in plan.places if spec.name != HERE]
    if not others:
        return ()
    return (
        *_of_repository(plan, repository, base, others),
        *_of_secrets(plan, others),
        *_of_history(plan),
        *_of_paths(plan, (str(repository.root), str(Path.home()))),
    )


def _of_repository(
    plan: Plan, repository: Repository, base: str, others: Sequence[PlaceName]
) -> Iterator[Warned]:
    """Yield what belongs to the repository and is not in its commits, which are all that goes along."""
    left, where = not_carried(repository, base), listed(others)
    key = ("place",) if plan.on else ("places", others[0])
    if left.submodules:
        are = "is" if len(left.submodules) == 1 else "are"
        text = f"submodules do not go along: {listed(left.submodules)} {are} empty on {where}, unless 'setup'"
        yield key, f"{text} fetches them from an address that is reached from there"
    if left.lfs:
        text = (
            f"contents of git-lfs do not go along: on {where} files such as {listed(left.lfs)} are pointers"
        )
        yield key, f"{text}, or cannot be checked out; run tasks that need them on threads"


def _of_secrets(plan: Plan, others: Sequence[PlaceName]) -> Iterator[Warned]:
    for name, value in plan.env:
        if value and SECRET.search(name):
            text = f"{name} is sent to {listed(others)} with its value, and is in files of porch there"
            yield ("env", name), f"{text}; if it is a secret, set it on that machine instead"


def _of_history(plan: Plan) -> Iterator[Warned]:
    others = [called(name) for name in plan.validation_places if name != HERE]
    for key, commands in (("setup", plan.setup), ("validate", plan.validate)):
        if others and plan.has_validation and ask_for_history(commands):
            text = f"'{key}' asks git for its history: validations on {listed(others)} find the commits, but"
            yield (key,), f"{text} no tags and no branches; with validate_on: here they find all"


def _of_paths(plan: Plan, ours: Sequence[str]) -> Iterator[Warned]:
    """Yield what names folders of this machine's user, and runs elsewhere too."""
    groups = set[str]()
    for task in plan.tasks:
        elsewhere = [name for name in plan.places_of(task) if name != HERE]
        if elsewhere and task.group not in groups:
            for key, path in _paths_of(task, ours):
                text = f"task '{task.id}' names {path}, which is on this machine, and may run on"
                yield ("tasks", task.id, key), f"{text} {listed([called(name) for name in elsewhere])}"
        groups |= {task.group} - {""}
    first = next((spec.name for spec in plan.places if spec.name != HERE), HERE)
    for command in plan.setup:
        for path in _paths_in(command, ours):
            yield (
                ("setup",),
                f"'setup' names {path}, which is on this machine, and runs on {called(first)} too",
            )


def _paths_of(task: TaskSpec, ours: Sequence[str]) -> Iterator[tuple[str, str]]:
    commands: list[tuple[str, CommandLine]] = [] if task.agent else [("run", task.command)]
    commands += [("checks", command) for command in task.checks]
    if task.wrap is not None:
        commands += [("wrap", task.wrap.command), ("wrap", task.wrap.end), ("wrap", task.wrap.writable)]
    for key, command in commands:
        for path in _paths_in(command, ours):
            yield key, path


def _paths_in(words: CommandLine, ours: Sequence[str]) -> Iterator[str]:
    """Yield a path in words that is below one of ours, the first of each command."""
    for word in words:
        for folder in ours:
            found = re.search(rf"(?<![\w.-]){re.escape(folder)}(?:/[^\s'\":;,]*)?(?![\w.-])", word)
            if folder != "/" and found:
                yield found[0]
                return
