"""What an agent program says about an attempt in what it prints: its end, and what it used."""

from __future__ import annotations

from msgspec import Struct


class AgentUsage(Struct, frozen=True):
    """What an attempt of an agent used, as far as its output says so."""

    input_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    turns: int | None = None


class AgentReport(Struct, frozen=True):
    """What the output of an agent says."""

    usage: AgentUsage = AgentUsage()
    session: str | None = None
    model: str | None = None
    error: str | None = None
    """Why it failed, by its own word; None if it did not say so."""
    message: str | None = None
    """The last thing it said."""
