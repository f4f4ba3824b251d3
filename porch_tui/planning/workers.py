"""Who does the tasks of a plan that is written: the agent a person names, else the first on PATH."""

from __future__ import annotations

import re
import shlex
from pathlib import PurePosixPath

from porch_tui.agents.preset import has_signs, installed, names, preset
from porch_tui.agents.prompt import PROMPT
from porch_tui.errors import PlanError
from porch_tui.planning.draft import DraftAgent


def worker(wanted: str | None) -> DraftAgent:
    """Return the agent of that name or command; without one the first on PATH that seems to be set up.

    PlanError if there is none: a plan needs something that does its tasks.
    """
    if wanted is None:
        found = installed()
        if not found:
            raise PlanError(
                "a plan needs something that does its tasks, and no agent that porch knows is on PATH; name"
                f" one: --agent NAME ({', '.join(names())}), or a command: --agent 'my-agent {PROMPT}'"
            )
        return DraftAgent(next((name for name in found if has_signs(preset(name))), found[0]))
    if PROMPT in wanted:
        return _of_command(wanted)
    if wanted in names():
        return DraftAgent(wanted)
    raise PlanError(
        f"--agent {wanted}: porch knows no agent of that name; see porch help agents."
        f" For another program give its command: --agent '{wanted} {PROMPT}'"
    )


def _of_command(command: str) -> DraftAgent:
    try:
        words = tuple(shlex.split(command))
    except ValueError as error:
        raise PlanError(
            f"--agent {command}: not a command ({error}); put quotes around what belongs together"
        ) from None
    if PROMPT in words[0]:
        raise PlanError(f"--agent {command}: the first word is the program; {PROMPT} goes behind it")
    name = re.sub(r"[^a-z0-9-]+", "-", PurePosixPath(words[0]).stem.lower()).strip("-") or "agent"
    return DraftAgent(f"{name}-agent" if name in names() else name, words)
