"""What the agent of an attempt says in the attempt's log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from porch_tui.agents.output import OutputReader
from porch_tui.agents.preset import names, preset
from porch_tui.core.model.agent_report import AgentReport
from porch_tui.core.model.plan import Agent
from porch_tui.process.output import follow

STEP = b"-- porch: "
"""Begins the line with which the shim announces a step, if there are several."""


def agent_report(agent: Agent | None, log: Path) -> AgentReport | None:
    """Return what the agent says in a complete log; None if porch does not know how to read it."""
    if agent is None or agent.preset not in names():  # a run of a porch with other presets
        return None
    reader = OutputReader(preset(agent.preset).output)
    for line in _lines_of_run(log):
        reader.feed(line)
    return reader.report()


def _lines_of_run(log: Path) -> Iterator[bytes]:
    """Yield the lines of the task's command, without those of setup and checks."""
    is_wanted, rest = True, b""
    for piece in follow(log, is_done=lambda: True):
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            if line.startswith(STEP):
                is_wanted = line.startswith(STEP + b"run:")
            elif is_wanted:
                yield line + b"\n"
    if is_wanted:
        yield rest + b"\n"
