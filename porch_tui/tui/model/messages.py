"""A message to the person, and until when it is worth reading. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from porch_tui.core.model.plan import TaskId
from porch_tui.present.cells import cells
from porch_tui.present.signs import Charset
from porch_tui.tui.drawing.cells import shortened
from porch_tui.tui.model.view import View


class Message(Struct, frozen=True):
    """A text, and what ends it besides time."""

    text: str
    is_over: Callable[[View], bool] = lambda later: False
    """Says of a later view whether what the text is about has moved on."""


def about(view: View, text: str, *tasks: TaskId) -> Message:
    """Return a message about tasks: it goes when one of them, or its entry in the queue, has changed."""
    known = [(task, view.state.tasks.get(task), view.state.entries.get(task)) for task in tasks]

    def is_over(later: View) -> bool:
        tasks, entries = later.state.tasks, later.state.entries
        return any(tasks.get(id) is not task or entries.get(id) is not entry for id, task, entry in known)

    return Message(text, is_over)


def in_one_row(warnings: Sequence[str], width: int, charset: Charset) -> str:
    """Return the first of what is wrong with a person's settings in `width` cells, and where the rest is.

    A warning says where, what, and what that means, with semicolons between: what fits of it, from its start.
    """
    if not warnings:
        return ""
    first, *others = warnings
    parts = first.split("; ")
    rest = f"; {len(others)} more: porch settings" if others else "; more: porch settings"
    for number in range(len(parts), 0, -1):
        is_all = not others and number >= len(parts) - 1
        text = "; ".join(parts[:number])
        if cells(said := text if is_all else text + rest) <= width:
            return said
    return text if cells(text) <= width else shortened(text, width - cells(rest), charset) + rest
