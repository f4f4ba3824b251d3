"""How much a task, or a run, may use before a person is asked, and how much it has used."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from msgspec import Struct

from porch_tui.core.model.agent_report import AgentUsage


class Budget(Struct, frozen=True):
    """The most that all attempts together may use; None: as much as they like."""

    tokens: int | None = None
    """What agents read and write, added up."""
    usd: float | None = None
    """What agents say that it cost."""
    wall_s: float | None = None
    """Time of attempts, paused time excluded."""


class Spent(Struct, frozen=True):
    """What attempts have used of a budget."""

    tokens: int = 0
    usd: float = 0.0
    wall_s: float = 0.0


class Account(Struct, frozen=True):
    """What is written down about a budget."""

    spent: Spent = Spent()
    """What had been used when it was found used up, by attempts that had not ended, too."""
    raised: Budget = Budget()
    """By how much a person has raised it."""


class Share(NamedTuple):
    """One of the amounts of a budget."""

    name: str
    """Of the field of `Budget` and `Spent`."""
    spent: float
    most: float

    @property
    def is_used_up(self) -> bool:
        """Whether nothing of it is left."""
        return self.spent >= self.most


NONE = Budget()
NAMES = ("tokens", "usd", "wall_s")
KINDS = {"tokens": "of tokens", "usd": "in usd", "wall_s": "of time"}
"""What a budget is of, behind that word."""


def spent_by(usage: AgentUsage, wall_s: float) -> Spent:
    """Return what an attempt has used, of which its agent says `usage`."""
    return Spent((usage.input_tokens or 0) + (usage.output_tokens or 0), usage.cost_usd or 0.0, wall_s)


def added(amounts: Iterable[Spent]) -> Spent:
    """Return what several attempts have used together."""
    tokens, usd, wall_s = 0, 0.0, 0.0
    for one in amounts:
        tokens, usd, wall_s = tokens + one.tokens, usd + one.usd, wall_s + one.wall_s
    return Spent(tokens, usd, wall_s)


def larger(one: Spent, other: Spent) -> Spent:
    """Return the larger of each amount."""
    return Spent(max(one.tokens, other.tokens), max(one.usd, other.usd), max(one.wall_s, other.wall_s))


def raised(budget: Budget, by: Budget) -> Budget:
    """Return a budget that is larger by as much; what has no limit stays without one."""
    most = {
        name: had + (getattr(by, name) or 0) for name in NAMES if (had := getattr(budget, name)) is not None
    }
    return Budget(**most)


def together(one: Budget, other: Budget) -> Budget:
    """Return two amounts to raise a budget by as one."""
    sums = {name: (getattr(one, name) or 0) + (getattr(other, name) or 0) for name in NAMES}
    return Budget(**{name: amount for name, amount in sums.items() if amount})


def written(budget: Budget) -> list[str]:
    """Return the amounts of a budget as a person types them: `2M`, `5usd`, `1h30m`."""
    texts = []
    if budget.tokens is not None:
        unit, size = ("M", 1_000_000) if budget.tokens >= 1_000_000 else ("k", 1_000)
        texts.append(f"{budget.tokens / size:.12g}{unit}")
    if budget.usd is not None:
        texts.append(f"{budget.usd:.12g}usd")
    if budget.wall_s is not None:
        minutes, seconds = divmod(round(budget.wall_s), 60)
        hours, minutes = divmod(minutes, 60)
        parts = ((hours, "h"), (minutes, "m"), (seconds, "s"))
        texts.append("".join(f"{count}{unit}" for count, unit in parts if count))
    return texts


def shares(budget: Budget, spent: Spent) -> list[Share]:
    """Return the amounts that a budget limits."""
    most = ((name, getattr(budget, name)) for name in NAMES)
    return [Share(name, getattr(spent, name), limit) for name, limit in most if limit is not None]


def used_up(budget: Budget, spent: Spent) -> list[Share]:
    """Return the amounts of a budget of which nothing is left."""
    return [share for share in shares(budget, spent) if share.is_used_up]
