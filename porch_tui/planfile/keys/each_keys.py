"""The keys of an entry of `each` in a plan file: see `plan_keys`."""

# no `from __future__ import annotations`: msgspec would evaluate their texts at each start, which takes 5 ms
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, field

from porch_tui.planfile.keys.task_keys import TaskEntry
from porch_tui.planfile.keys.value_types import Command, Line, ShellText

Globs = Annotated[
    ShellText | Annotated[list[Line], Meta(min_length=1)],
    Meta(extra={"expected": "a glob or a list of them, none empty"}),
]
Item = Annotated[str | float, Meta(extra={"expected": "text or a number", "as_written": True})]


class EachItems(Struct, forbid_unknown_fields=True, kw_only=True):
    """Where the items come from: exactly one of the three."""

    glob: Annotated[
        Globs | UnsetType,
        Meta(
            description="A glob over the files that git tracks, or a list; with / at its end: over folders."
        ),
    ] = UNSET
    listed: Annotated[
        Annotated[list[Item], Meta(min_length=1)] | UnsetType,
        Meta(
            description="The items themselves.",
            extra={"expected": "a list of texts or numbers, not empty"},
        ),
    ] = field(default=UNSET, name="list")
    lines: Annotated[
        Command | UnsetType,
        Meta(
            description="A command, run in the main worktree: each line it prints is an item, or what ends"
            " with a NUL byte if it prints any."
        ),
    ] = UNSET


class EachEntry(TaskEntry, forbid_unknown_fields=True, kw_only=True):
    """One task for each item, without writing them out; see `porch help each`.

    In any task key stand {item} for the item, {stem} for its file name without suffix and {n} for its
    number, quoted for the shell where the value is text that a shell runs.
    """

    id: Annotated[
        Line,
        Meta(
            description="Template of the tasks' ids, with {item}, {stem} or {n}; what is before the first"
            " of them is the name of the group, which `after` may name."
        ),
    ]
    items: Annotated[
        EachItems,
        Meta(
            description="What there is one task for.",
            extra={"expected": "glob, list or lines, such as {glob: tests/*/}"},
        ),
    ]
    max_fail: Annotated[
        Annotated[int, Meta(ge=1)] | UnsetType,
        Meta(
            description="After so many failures no more of the group starts; default: all of it does.",
            extra={"expected": "a whole number from 1"},
        ),
    ] = UNSET
    batch: Annotated[
        int,
        Meta(
            ge=1,
            description="How many items share one task; {items} are all of them.",
            extra={"expected": "a whole number from 1"},
        ),
    ] = 1
