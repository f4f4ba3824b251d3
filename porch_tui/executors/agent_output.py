"""What the agent of an attempt says in the attempt's log, at its end or while it grows."""

from __future__ import annotations

import re
from pathlib import Path

from porch_tui.agents.output import LONGEST_LINE, OutputReader
from porch_tui.agents.preset import interactive_of, output_of
from porch_tui.agents.records import Conversation, read
from porch_tui.agents.transcript import RUN_STEP, STEP
from porch_tui.core.model.agent_report import AgentReport, AgentUsage
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Agent
from porch_tui.process import output

SAYS_SESSION_LINES, SAYS_SESSION_BYTES = 60, 16_384
"""Of the log's end, where a program says what it called its conversation."""


def agent_report(agent: Agent | None, log: Path) -> AgentReport | None:
    """Return what the agent says in a complete log; None if porch does not know how to read it."""
    return GrowingLog(agent, log).report()


def terminal_report(agent: Agent, log: Path, wanted: Conversation) -> AgentReport:
    """Return what is known of a conversation in a terminal, which shows it to people.

    What identifies it porch has chosen, or its program has written down, or says at its end.
    """
    form = interactive_of(agent)
    report = read(form.records, wanted) if form and form.records else AgentReport()
    session = wanted.session or report.session
    if not session and form and form.says_session:
        end = output.tail(log, SAYS_SESSION_LINES, SAYS_SESSION_BYTES).content.decode("utf-8", "replace")
        session = found[-1] if (found := re.findall(form.says_session, end)) else None
    return replace(report, session=session or None)


class GrowingLog:
    """Reads what an agent says in the log of an attempt, each time what is new of it."""

    def __init__(self, agent: Agent | None, log: Path) -> None:
        output_format = output_of(agent)
        self._reader = OutputReader(output_format) if output_format else None
        self._log, self._read_to = log, 0
        self._is_wanted, self._rest = True, b""

    def usage(self) -> AgentUsage | None:
        """Return what the agent has used, as far as its output says so by now; None if it is not read."""
        if self._reader is None:
            return None
        self._read_on()
        return self._reader.report().usage

    def report(self) -> AgentReport | None:
        """Return all that it says, the last line included though it may not have ended; None as before."""
        if self._reader is None:
            return None
        self._read_on()
        self._feed(b"\n")
        return self._reader.report()

    def _read_on(self) -> None:
        for content, self._read_to in output.pieces(self._log, self._read_to):  # noqa: B020
            self._feed(content)

    def _feed(self, content: bytes) -> None:
        """Pass on the lines of the task's command, without those of setup and checks."""
        assert self._reader is not None
        *lines, self._rest = (self._rest + content).split(b"\n")
        for line in lines:
            if line.startswith(STEP):
                self._is_wanted = line.startswith(RUN_STEP)
            elif self._is_wanted:
                self._reader.feed(line + b"\n")
        if len(self._rest) > LONGEST_LINE:
            self._rest = b""  # no record of an agent: a progress bar, say
