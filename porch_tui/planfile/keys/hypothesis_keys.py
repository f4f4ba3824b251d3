"""The keys of an entry of `hypotheses` in a plan file: see `plan_keys`."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from porch_tui.planfile.keys.value_types import Command, Text, Time

MOST_REPEATS = 1000

Margin = Annotated[
    Annotated[float, Meta(ge=0)] | Annotated[str, Meta(pattern=r"^[0-9]{1,3}(\.[0-9]{1,6})?%$")],
    Meta(extra={"expected": "a number from 0, or a share such as 5%"}),
]


class HypothesisEntry(Struct, forbid_unknown_fields=True, kw_only=True):
    """One question with competing answers: the tasks of kind hypothesis that name it in `of`."""

    question: Annotated[Text, Meta(description="What is to be found out.")]
    judge: Annotated[
        Command,
        Meta(
            description="Runs in the worktree of each theory that has succeeded, and on the base. With `want:"
            " min` or `max` its last line is a number; with `pass` only its exit code counts."
        ),
    ]
    want: Annotated[
        Literal["min", "max", "pass"],
        Meta(
            description="Which theory wins: the one with the smallest or largest number, if that beats the"
            " base; pass: the first that its judge lets pass, if the base does not, and the rest is stopped.",
            extra={"expected": "min, max or pass"},
        ),
    ] = "pass"
    land: Annotated[
        Literal["winner", "none"],
        Meta(
            description="winner: the winner joins the merge queue; none: nothing is merged.",
            extra={"expected": "winner or none"},
        ),
    ] = "winner"
    repeat: Annotated[
        Annotated[int, Meta(ge=1, le=MOST_REPEATS)] | UnsetType,
        Meta(
            description="How often each is judged; medians are compared. Default: 3, and 1 with `pass`.",
            extra={"expected": f"a whole number from 1 to {MOST_REPEATS}"},
        ),
    ] = UNSET
    margin: Annotated[
        Margin, Meta(description="Medians that differ by no more are a tie; in the judge's unit, or a share.")
    ] = 0.0
    estimate: Annotated[
        Time | UnsetType,
        Meta(description="How long the judge takes each time, for the forecast; earlier runs know better."),
    ] = UNSET
    timeout: Annotated[Time, Meta(description="How long the judge may take each time.")] = "10m"
