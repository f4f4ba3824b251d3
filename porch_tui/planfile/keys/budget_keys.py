"""The key `budget` of a plan file: see `plan_keys`."""

# no `from __future__ import annotations`: msgspec would evaluate their texts at each start, which takes 5 ms
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from porch_tui.planfile.keys.value_types import SPAN

Tokens = Annotated[
    str,
    Meta(
        pattern=r"^(?=.*[1-9])[0-9]{1,9}(\.[0-9]{1,6})?[kKM]$",
        extra={"expected": "tokens above 0 with k or M behind them, such as 500k or 2M"},
    ),
]
Span = Annotated[
    str,
    Meta(
        pattern=rf"^(?=.*[1-9]){SPAN}$",
        extra={"expected": "a time above 0 with its unit, such as 90s, 10m or 1h30m"},
    ),
]


class BudgetEntry(Struct, forbid_unknown_fields=True, kw_only=True):
    """How much may be used before you are asked; what uses it is paused then, and nothing is ended."""

    tokens: Annotated[Tokens | UnsetType, Meta(description="What its agents read and write.")] = UNSET
    usd: Annotated[
        Annotated[float, Meta(gt=0, le=1_000_000_000)] | UnsetType,
        Meta(
            description="What its agents say that it cost.",
            extra={"expected": "dollars above 0, such as 5 or 0.5"},
        ),
    ] = UNSET
    wall: Annotated[
        Span | UnsetType, Meta(description="Time of its attempts, without the time they are paused.")
    ] = UNSET


Budget = Annotated[BudgetEntry, Meta(extra={"expected": "amounts, such as {tokens: 2M, usd: 5, wall: 2h}"})]
