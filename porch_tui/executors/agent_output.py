"""What the agent of an attempt says in the attempt's log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from porch_tui.agents.output import OutputReader
from porch_tui.agents.preset import output_of
from porch_tui.agents.transcript import RUN_STEP, STEP
from porch_tui.core.model.agent_report import AgentReport
from porch_tui.core.model.plan import Agent
from porch_tui.process.output import follow


def agent_report(agent: Agent | None, log: Path) -> AgentReport | None:
    """Return what the agent says in a complete log; None if porch does not know how to read it."""
    output = output_of(agent)
    if output is None:
        return None
    reader = OutputReader(output)
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
                is_wanted = line.startswith(RUN_STEP)
            elif is_wanted:
                yield line + b"\n"
    if is_wanted:
        yield rest + b"\n"
