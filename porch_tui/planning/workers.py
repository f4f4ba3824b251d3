"""Agents as a person names them on the command line: who plans, and who does the tasks.

`codex` is a preset, `codex -m o4` one with more words of its command, `my-agent --yes {prompt}` a command.
"""

from __future__ import annotations

import re
import shlex
from pathlib import PurePosixPath

from porch_tui.agents.preset import has_signs, installed, names, preset
from porch_tui.agents.prompt import PROMPT
from porch_tui.errors import PlanError
from porch_tui.planfile.values.agents import SHELLS
from porch_tui.planning.draft import DraftAgent


def worker(wanted: str | None) -> DraftAgent:
    """Return who does the tasks: without a name the first agent on PATH that seems to be set up.

    PlanError if there is none: a plan needs something that does its tasks.
    """
    if wanted is not None:
        return named_agent(wanted, "--agent")
    found = installed()
    if not found:
        raise PlanError(
            "a plan needs something that does its tasks, and no agent that porch knows is on PATH; name"
            f" one: --agent NAME ({', '.join(names())}), or a command: --agent 'my-agent {PROMPT}'"
        )
    return DraftAgent(next((name for name in found if has_signs(preset(name))), found[0]))


def named_agent(wanted: str, option: str) -> DraftAgent:
    """Return the agent that a person has named with an option. Raises PlanError."""
    try:
        words = shlex.split(wanted)
    except ValueError as error:
        raise PlanError(
            f"{option} {wanted}: not a command ({error}); put quotes around what belongs together"
        ) from None
    if not words:
        raise PlanError(f"{option}: expected the name of an agent, or a command with {PROMPT} in it")
    if any(PROMPT in word for word in words):
        if PROMPT in words[0]:
            raise PlanError(f"{option} {wanted}: the first word is the program; {PROMPT} goes behind it")
        is_script = PurePosixPath(words[0]).name in SHELLS and len(words) > 1 and not words[1].startswith("-")
        stem = PurePosixPath(words[1] if is_script else words[0]).stem.lower()
        name = re.sub(r"[^a-z0-9-]+", "-", stem).strip("-") or "agent"
        return DraftAgent(f"{name}-agent" if name in names() else name, tuple(words))
    if words[0] in names():
        return DraftAgent(words[0], args=tuple(words[1:]))
    raise PlanError(
        f"{option} {wanted}: porch knows no agent of that name; see porch help agents. For another program"
        f" give its command: {option} '{wanted} {PROMPT}'"
    )
