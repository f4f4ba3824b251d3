"""The keys of an entry of `each` in a plan file: see `keys`."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, field

from porch_tui.planfile.task_keys import TaskEntry
from porch_tui.planfile.value_types import Command, Line, Text


class EachItems(Struct, forbid_unknown_fields=True, kw_only=True):
    """Where the items come from: exactly one of the three. Not supported yet."""

    glob: Annotated[Line | UnsetType, Meta(description="A glob over tracked files.")] = UNSET
    listed: Annotated[list[Text] | UnsetType, Meta(description="The items themselves.")] = field(
        default=UNSET, name="list"
    )
    lines: Annotated[Command | UnsetType, Meta(description="A command; each line it prints is one.")] = UNSET


class EachEntry(TaskEntry, forbid_unknown_fields=True, kw_only=True):
    """One task for each item; any task key may use {item}, {stem} and {n}. Not supported yet."""

    id: Annotated[Line, Meta(description="Template of the tasks' ids.")]
    items: Annotated[EachItems, Meta(description="What there is one task for.")]
