"""How long the tasks of an agent wait when its account has reached a limit of use."""

from __future__ import annotations

from collections.abc import Mapping

from porch_tui.core.model import events as e
from porch_tui.core.model.state import AgentLimit, RunState

FIRST_WAIT_S = 30.0
LONGEST_WAIT_S = 1800.0
"""Where no moment was named, each wait is twice the previous one, up to half an hour."""
FORGOTTEN_S = 3600.0
"""So long after a wait the next one is a first one again."""


def limit_after(limits: Mapping[str, AgentLimit], event: e.AgentLimited, at: float) -> AgentLimit:
    """Return the limit of the agent after it reported one at this moment."""
    previous = limits.get(event.agent)
    if previous is not None and not previous.is_over:
        if event.until is None:  # another task of the agent has met the same limit
            return previous
        return AgentLimit(event.text, max(event.until, previous.until), previous.wait_s)
    if event.until is not None:
        return AgentLimit(event.text, event.until, max(event.until - at, 0.0))
    is_again = previous is not None and at < previous.until + FORGOTTEN_S
    wait_s = min(2 * previous.wait_s, LONGEST_WAIT_S) if previous and is_again else FIRST_WAIT_S
    return AgentLimit(event.text, at + wait_s, wait_s)


def releases(state: RunState, now: float) -> list[e.AgentReleased]:
    """Return the ends of the waits that are over by now."""
    return [
        e.AgentReleased(agent)
        for agent, limit in state.agent_limits.items()
        if not limit.is_over and limit.until <= now
    ]
