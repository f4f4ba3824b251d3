"""How complex tasks probably are, for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping

from porch_tui.core.forecast.complexity import Complexity
from porch_tui.core.model.plan import TaskId
from porch_tui.report.forms.page import Block, listing


def complexity_blocks(found: Mapping[TaskId, Complexity]) -> tuple[Block, ...]:
    """Return a line for each task of which that is known; nothing if there is none."""
    if not found:
        return ()
    lines = (f"{task}: complexity {one.level}: {'; '.join(one.reasons)}" for task, one in found.items())
    return (listing(lines),)


def complexity_document(one: Complexity | None) -> dict[str, object] | None:
    """Return the level and the reasons; None if neither is known."""
    return None if one is None else {"level": one.level.value, "reasons": list(one.reasons)}
