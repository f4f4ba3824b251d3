"""Commands that porch prints as advice, taken out of its texts and typed by a person who believes them."""

from __future__ import annotations

import re
import shlex
import subprocess
from typing import Any

from in_process import CommandResult, porch

from project import Project

COMMAND = re.compile(r"\b(porch|git) ((?:(?!git |porch )[\w./:@=+-]+ ?)+)")
SENTENCE = "keeps shows goes then takes runs brings lands ends begins lists tells says puts finishes makes"
WORDS_AFTER = frozenset(f"{SENTENCE} raises gives stops removes writes did would for with on".split())
"""Words of the sentence, and no more of the command."""


def commands(advice: str) -> list[list[str]]:
    """Return the commands of a text, in its order, as words."""
    found = []
    for program, rest in COMMAND.findall(advice):
        words: list[str] = []
        for word in shlex.split(rest):
            if words and (word in WORDS_AFTER or word == "-"):
                break
            words.append(word)
        if words:
            found.append([program, *words])
    return found


def followed(project: Project, command: list[str]) -> CommandResult:
    """Type one command in the repository; fail unless it does what it is there for.

    A validation answers with exit 1 too: the work fails. Only other codes say that nothing was found out.
    """
    program, *words = command
    if program == "git":
        done = subprocess.run(["git", *words], cwd=project.root, capture_output=True, text=True, check=False)
        said = CommandResult(done.returncode, done.stdout, done.stderr)
    elif words[0] in ("resume", "run"):
        gone = project.porch(*words, "--headless", expect=None)
        said = CommandResult(gone.returncode, gone.stdout, gone.stderr)
    else:
        said = porch(project, words[0], *words[1:])
    wanted = (0, 1) if words[0] == "validate" else (0,)
    assert said.code in wanted, f"{shlex.join(command)}: exit {said.code}: {said.out}{said.err}"
    return said


def follow(project: Project, advice: str, *, leave: tuple[str, ...] = ()) -> list[str]:
    """Type every command of an advice but those that begin with one of `leave`; return what was typed."""
    typed = []
    for command in commands(advice):
        line = shlex.join(command)
        if not line.startswith(leave or ("\0",)):
            followed(project, command)
            typed.append(line)
    return typed


def needs(project: Project) -> dict[str, str]:
    """Return what is advised for each task that needs a person."""
    return {need["task"]: need["next"] for need in project_status(project)["needs_you"]}


def project_status(project: Project) -> Any:
    """Return what `porch status --json` says."""
    return porch(project, "status", "--json").json
