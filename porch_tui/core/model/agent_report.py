"""What an agent program says about an attempt in what it prints: its end, and what it used."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct, structs


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
    question: str | None = None
    """What it asked by a tool made for that."""


def total(usages: Iterable[AgentUsage]) -> AgentUsage:
    """Return what several attempts used together; what none of them says stays unknown."""
    found: dict[str, float] = {}
    for usage in usages:
        for name, amount in structs.asdict(usage).items():
            if amount is not None:
                found[name] = found.get(name, 0) + amount
    return AgentUsage(**found)  # type: ignore[arg-type]


def larger(one: AgentUsage, other: AgentUsage) -> AgentUsage:
    """Return the larger of each amount; what neither knows stays unknown."""
    found = structs.asdict(one)
    for name, amount in structs.asdict(other).items():
        if amount is not None:
            found[name] = max(found[name] or 0, amount)
    return AgentUsage(**found)
