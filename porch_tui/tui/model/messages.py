"""A message to the person, and until when it is worth reading. Pure."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from porch_tui.core.model.plan import TaskId
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
