"""A fence around commands: the program that the plan puts before them, and its arguments.

A worktree keeps files apart, and stops no program. Whether a fence is a wall depends on the fence.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
from pathlib import Path

from msgspec import Struct

from porch_tui.agents.preset import names, preset
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Agent, CommandLine, Wrap
from porch_tui.executors import bwrap
from porch_tui.executors.bwrap import AgentPlaces
from porch_tui.git.worktree import fenced_git
from porch_tui.process.assignment import FenceOrders, Step


class Fence(Struct, frozen=True):
    """What is put before the commands of one attempt, validation or resolver; perhaps nothing."""

    wrap: Wrap | None
    directory: Path
    """Of the attempt: its log and result are there."""
    worktree: Path
    common_dir: Path
    """What all worktrees share of the repository."""
    agent: Agent | None = None
    """Who works behind it: a preset has state of its own to write."""

    @property
    def private_git(self) -> Path:
        """What git writes to inside, in place of what all worktrees share."""
        return private_git(self.directory)

    def prepare(self) -> None:
        """Make ready what is needed inside, before the first step. Raises OSError."""
        if self.wrap is not None and not self.wrap.command:
            self.directory.mkdir(mode=0o700, exist_ok=True)
            fenced_git.prepare(self.common_dir, self.private_git, self.worktree)

    def around(self, step: Step) -> Step:
        """Return a step behind the fence. The log shows it as the plan has it."""
        if self.wrap is None:
            return step
        before = self._filled(self.wrap.command)
        if not before:
            places = _agent_places(self.agent)
            before = bwrap.words(self.wrap, self.worktree, self.common_dir, self.private_git, places)
        return replace(step, argv=(*before, *step.argv), shown=step.shown or shlex.join(step.argv))

    def hidden_program(self, program: str, path: str) -> Path | None:
        """Return where a program is that can be found on `path`, but not behind the fence; else None.

        Asked of what porch's own bwrap hides; what other fences show is not known.
        """
        if self.wrap is None or self.wrap.command:
            return None
        shown = (self.worktree, self.common_dir)
        return bwrap.hidden_program(program, path, self.wrap, _agent_places(self.agent), shown)

    @property
    def orders(self) -> FenceOrders:
        """What ends, holds and releases work that is not its child."""
        if self.wrap is None:
            return FenceOrders()
        return FenceOrders(*map(self._filled, (self.wrap.end, self.wrap.hold, self.wrap.release)))

    @property
    def name(self) -> str:
        """A name that no other attempt has, on this machine: containers are called by it."""
        readable = re.sub(r"[^a-z0-9]+", "-", self.directory.name.lower()).strip("-")[:40]
        return f"porch-{readable}-{hashlib.sha256(bytes(self.directory.absolute())).hexdigest()[:10]}"

    def _filled(self, words: CommandLine) -> CommandLine:
        values = {"worktree": str(self.worktree), "git": str(self.common_dir), "name": self.name}
        return tuple(_PLACEHOLDER.sub(lambda found: values[found[1]], word) for word in words)


def private_git(directory: Path) -> Path:
    """Return where git writes behind the fence of the attempt of this directory."""
    return directory / "git"


def _agent_places(agent: Agent | None) -> AgentPlaces:
    """Return what the program of an agent must be able to write, and what in that it must not."""
    if agent is None or agent.preset not in names():
        return AgentPlaces()
    known = preset(agent.preset)
    filled = (_VARIABLE.sub(lambda found: os.environ.get(found[1]) or found[2], one) for one in known.state)
    state = tuple(Path(one).expanduser() for one in filled)
    return AgentPlaces(state, tuple(state[0] / name for name in known.settings))


_VARIABLE = re.compile(r"\$\{(\w+):-([^}]*)\}")
_PLACEHOLDER = re.compile(r"(?<![{$])\{(worktree|git|name)\}(?!\})")
