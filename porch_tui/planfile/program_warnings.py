"""Warns of a command whose first word is a program that is found nowhere.

A false alarm is worse than none: what could come to be by `setup`, by what another command installs, by a
variable, a function, a fence or another machine is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from porch_tui.core.model.plan import SHELL, CommandLine, Plan
from porch_tui.core.uses.shell import literal, parse
from porch_tui.core.uses.tables import word_set
from porch_tui.planfile.text.mistakes import KeyPath
from porch_tui.planfile.text.source import Source

BUILTINS = word_set("""
    . : [ [[ alias bg bind break builtin caller case cd command compgen complete continue declare dirs disown
    echo enable eval exec exit export false fc fg for function getopts hash help history if jobs kill let
    local logout mapfile popd printf pushd pwd read readarray readonly return select set shift shopt source
    suspend test then time times trap true type typeset ulimit umask unalias unset until wait while
    """)
_PASSED_OVER = frozenset({"cd", "set", "echo", ":", "true", "umask", "ulimit", "printf"})
"""Builtins after which the next command of a line is as good as the first."""
_PROGRAM = re.compile(r"[A-Za-z0-9_][\w.+-]*")
_BRINGS_PROGRAMS = re.compile(
    r"install|curl|wget|\bPATH\b|activate|\bnix|\bconda|\bmise\b|\basdf\b|\bmodule\b|\bnpm i\b"
)
"""Words of commands that may bring programs."""


def warn_of_missing_programs(plan: Plan, source: Source, has_program: Callable[[str], bool]) -> None:
    """Add a warning for each program that a command of the plan begins with and that is found nowhere."""
    if plan.runs_elsewhere or "PATH" in dict(plan.env):
        return
    found: dict[str, tuple[KeyPath, str]] = {}
    count: dict[str, int] = {}
    for path, what, command in _commands(plan, source):
        name = first_program(command)
        if name and not has_program(name):
            found.setdefault(name, (path, what))
            count[name] = count.get(name, 0) + 1
    for name, (path, what) in found.items():
        more = f" (and {count[name] - 1} more)" if count[name] > 1 else ""
        source.warn(path, f"{what}{more} needs '{name}', which is no program on your PATH")


def first_program(command: CommandLine) -> str:
    """Return the program that a command starts first; empty if that is not certain, or has a path."""
    if command[:2] != SHELL or len(command) != 3:
        return command[0] if command and _PROGRAM.fullmatch(command[0]) else ""
    text = command[2].strip()
    if "||" in text:  # it is ready for one that is missing
        return ""
    script = parse(text)
    for simple in script.commands:
        name = literal(simple.words[0]) if simple.words else None
        if not text.startswith(simple.text) or simple.shells or name is None:
            return ""  # a keyword, a subshell or a variable comes before it
        if any(variable == "PATH" for variable, _ in simple.assignments):
            return ""
        if name not in _PASSED_OVER:
            is_known = name in BUILTINS or name in script.functions
            return name if _PROGRAM.fullmatch(name) and not is_known else ""
        text = text.removeprefix(simple.text).lstrip(" \t\r\n;&")
    return ""


def _commands(plan: Plan, source: Source) -> Iterator[tuple[KeyPath, str, CommandLine]]:
    """Yield the commands that are judged, each with its place and what it is called."""
    ours = [task for task in plan.tasks if task.wrap is None and not task.expected_failure]
    if plan.setup:
        if ours:
            yield ("setup",), "'setup'", plan.setup[0]
        return
    commands = [*plan.validate, *(one for task in plan.tasks for one in (task.command, *task.checks))]
    if any(_BRINGS_PROGRAMS.search(word) for words in commands for word in words):
        return
    for task in ours:
        if task.agent is None and not task.comes_later:
            yield source.task_path(task.id, "run"), f"'run' of task '{task.id}'", task.command
        for check in task.checks if not task.comes_later else ():
            yield source.task_path(task.id, "checks"), f"a check of task '{task.id}'", check
    if plan.validate_wrap is None:
        for command in plan.validate:
            yield ("validate",), "'validate'", command
