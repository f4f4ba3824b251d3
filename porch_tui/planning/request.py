"""What is asked of an agent that plans."""

from __future__ import annotations

from msgspec import Struct

from porch_tui.core.model.plan import Wrap
from porch_tui.planning.draft import DraftAgent


class Request(Struct, frozen=True):
    """What is asked of whom."""

    goal: str
    planner: DraftAgent
    worker: DraftAgent
    """Who does the tasks."""
    rounds: int
    timeout_s: float
    """Of each round."""
    silence_s: float = 300.0
    """How long it may say nothing before that is reported: several retry a dead server for ever."""
    most_tasks: int | None = None
    wrap: Wrap | None = None
