"""A plan before it is one: tasks with the reason for each, written as a plan file that a person reviews.

Whoever splits work (a list, an agent, the repository's own layout) makes a `Draft`; how the file looks is
decided here alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from textwrap import wrap

from msgspec import Struct

from porch_tui.core.model.plan import SHELL
from porch_tui.planfile.text.composer import printable

WIDTH = 100
_PLAIN = re.compile(r"(?:\d+[hms])+|(?:[A-Za-z]|\d+-[a-z])[\w./@+*-]*(?: [\w./@+*()-]+)*")
"""What YAML reads as text without quotes, also in a list in brackets."""
_NOT_TEXT = {"true", "false", "yes", "no", "on", "off", "y", "n", "null"}
"""What YAML 1.1 reads as something else."""


class DraftAgent(Struct, frozen=True):
    """Who does the tasks: a preset by its name, or a command with `{prompt}` in it."""

    name: str
    command: tuple[str, ...] = ()
    """Empty: the name is that of a preset."""
    args: tuple[str, ...] = ()
    """More words of the command of a preset."""


class DraftTask(Struct, frozen=True):
    """A task as it will be written; empty keys are left out."""

    id: str
    title: str
    prompt: str = ""
    """What the plan's agent is asked; else `run` has a command."""
    run: str = ""
    kind: str = "change"
    paths: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    locks: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    estimate: str = ""
    reason: str = ""
    """Why it is a task of its own, and why it comes where it does: a comment."""


class Draft(Struct, frozen=True):
    """A plan as it will be written."""

    name: str
    tasks: tuple[DraftTask, ...]
    origin: str
    """What made it, for the first line: `tasks.md`, `codex`."""
    goal: str = ""
    agent: DraftAgent | None = None
    setup: str = ""
    validate: str = ""
    notes: tuple[str, ...] = ()
    """What a reviewer should know of the plan as a whole: comments at its top."""


def plan_text(draft: Draft) -> str:
    """Return the plan file."""
    return "".join(f"{line}\n" for line in _lines(draft))


def _lines(draft: Draft) -> Iterator[str]:
    yield from _comment(
        f"Written by porch plan from {draft.origin}. Nothing has run: review it, then porch check."
    )
    for note in draft.notes:
        yield from _comment(note)
    yield f"name: {_scalar(draft.name)}"
    yield from _text("goal", draft.goal, "")
    yield from _pair("setup", draft.setup, "")
    if draft.validate:
        yield from _comment("Must pass on the combined state before anything lands.")
        yield from _pair("validate", draft.validate, "")
    agent = draft.agent
    if agent and agent.command:
        yield "agents:"
        yield f"  {_scalar(agent.name)}: {_listed(agent.command)}"
    elif agent and agent.args:  # else a task may name the preset itself
        yield "agents:"
        yield f"  {agent.name}: {{preset: {agent.name}, args: {_listed(agent.args)}}}"
    yield ""
    yield "tasks:"
    for number, task in enumerate(draft.tasks):
        if number:
            yield ""
        yield from _task(task, draft.agent)


def _task(task: DraftTask, agent: DraftAgent | None) -> Iterator[str]:
    inner = "    "
    yield from _comment(task.reason, "  ")
    yield f"  {_scalar(task.id)}:"
    yield from _pair("title", task.title, inner)
    if task.kind != "change":
        yield f"{inner}kind: {task.kind}"
    for key in ("after", "locks", "paths"):
        if values := getattr(task, key):
            yield f"{inner}{key}: {_listed(values)}"
    yield from _pair("estimate", task.estimate, inner)
    if task.run:
        yield from _text("run", task.run, inner)
    elif agent is not None:
        yield f"{inner}agent: {_scalar(agent.name)}"
        yield from _text("prompt", task.prompt, inner)
    if len(task.checks) == 1:
        yield from _text("checks", task.checks[0], inner)
    elif task.checks:
        yield f"{inner}checks:"
        # a list of texts alone would be one command with its arguments
        yield from (f"{inner}  - {_listed((*SHELL, one))}" for one in task.checks)


def _comment(text: str, indent: str = "") -> Iterator[str]:
    yield from (
        f"{indent}# {line}" for line in wrap(printable(text), WIDTH - len(indent), break_long_words=False)
    )


def _pair(key: str, value: str, indent: str) -> Iterator[str]:
    if value:
        yield f"{indent}{key}: {_scalar(value)}"


def _text(key: str, value: str, indent: str) -> Iterator[str]:
    """Yield a text that may have several lines; those are written as they are."""
    value = printable(value).strip("\n").rstrip()
    lines = value.split("\n")
    if len(lines) > 1:
        # a first line that begins with a blank would be taken for the indentation of all
        yield f"{indent}{key}: |{'2' if lines[0].startswith((' ', chr(9))) else ''}"
        yield from (f"{indent}  {line}" if line.strip() else "" for line in lines)
    elif len(value) > WIDTH and " ".join(value.split()) == value and not value.startswith("#"):
        yield f"{indent}{key}: >-"  # one line, wrapped
        wrapped = wrap(value, WIDTH, break_long_words=False, break_on_hyphens=False)
        yield from (f"{indent}  {line}" for line in wrapped)
    else:
        yield from _pair(key, value, indent)


def _listed(values: Iterable[str]) -> str:
    return f"[{', '.join(map(_scalar, values))}]"


def _scalar(text: str) -> str:
    text = printable(text)
    if _PLAIN.fullmatch(text) and text.lower() not in _NOT_TEXT:
        return text
    return json.dumps(text, ensure_ascii=False)
