"""Writes a hunk on the screen: a text area that holds what it was given to the byte, or is not opened.

Textual's text area would break lines at a form feed, and hide what it cannot show:
such a text belongs in the person's own editor.
"""

from __future__ import annotations

import re
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Key
from textual.message import Message
from textual.widgets import TextArea
from textual.widgets.text_area import Document

from porch_tui.core.conflict.conflict import Hunk
from porch_tui.present.clean import UNSAFE

_HARMLESS = re.compile("[\t\n]|\r\n")


def editable(text: bytes) -> str | None:
    """Return the text if it can be edited here without losing or hiding any of it."""
    try:
        told = text.decode()
    except UnicodeDecodeError:
        return None
    if UNSAFE.search(_HARMLESS.sub("", told)) or Document(told).text != told:
        return None
    return told


def written(text: str, hunk: Hunk) -> bytes:
    """Return what was written as whole lines, as the hunk's own are."""
    told = text.encode()
    sides = [side for side in (hunk.main, hunk.task, hunk.base) if side]
    is_cut = bool(sides) and all(not side.endswith(b"\n") for side in sides)
    if not told or told.endswith(b"\n") or is_cut:
        return told
    return told + (b"\r\n" if b"\r\n" in b"".join(sides) else b"\n")


class HunkEditor(TextArea):
    """Where a hunk is written."""

    DEFAULT_CSS = """
    HunkEditor { height: 1fr; border: none; padding: 0 3; background: $surface; }
    HunkEditor:focus { border: none; }
    """
    # None has priority: a key with it would overtake the letters typed just before; see `on_key`.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+o", "accept", "take it", id="editor.accept", tooltip="Take what is written"),
        Binding("escape,ctrl+q", "give_up", "give up", id="editor.give_up", tooltip="Take nothing"),
    ]

    class Ended(Message):
        """The person is done: `text` is None if nothing is to be taken."""

        def __init__(self, text: str | None, *, is_changed: bool) -> None:
            super().__init__()
            self.text = text
            self.is_changed = is_changed

    def __init__(self, text: str) -> None:
        super().__init__(text, soft_wrap=False, tab_behavior="indent", compact=True, show_line_numbers=False)
        self.cursor_blink = False  # an idle screen writes nothing
        self.indent_type = "tabs" if re.search("^\t", text, re.MULTILINE) else "spaces"
        self._begun = text

    async def on_key(self, event: Key) -> None:
        # Charset are written as they come; a bound key textual looks up only after it has been through the
        # queues of all that is around. What was typed behind a Home in one burst would come before it.
        bound = self.screen.active_bindings.get(event.key)
        if bound is not None and bound.node is self:
            event.stop()
            event.prevent_default()
            await self.run_action(bound.binding.action)

    def action_accept(self) -> None:
        """Hand over what is written."""
        self.post_message(self.Ended(self.text, is_changed=self.text != self._begun))

    def action_give_up(self) -> None:
        """Want nothing of it."""
        self.post_message(self.Ended(None, is_changed=self.text != self._begun))
