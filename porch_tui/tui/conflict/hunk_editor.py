"""Edits a hunk on the screen. A text that the text area would not keep byte for byte is not opened in it.

Textual's text area breaks lines at a form feed, and hides what it cannot show: such a text needs the
person's own editor.
"""

from __future__ import annotations

import re
from typing import ClassVar

from textual.binding import BindingType
from textual.events import Key
from textual.message import Message
from textual.widgets import TextArea
from textual.widgets.text_area import Document

from porch_tui.core.conflict.conflict import Hunk
from porch_tui.present.clean import UNSAFE
from porch_tui.tui.keys.bindings import HUNK_EDITOR

_HARMLESS = re.compile("[\t\n]|\r\n")


def editable(text: bytes) -> str | None:
    """Return the text; None if it cannot be edited here without losing or hiding any of it."""
    try:
        decoded = text.decode()
    except UnicodeDecodeError:
        return None
    if UNSAFE.search(_HARMLESS.sub("", decoded)) or Document(decoded).text != decoded:
        return None
    return decoded


def written(text: str, hunk: Hunk) -> bytes:
    """Return an edited text with the line end that the hunk's own texts have."""
    data = text.encode()
    sides = [side for side in (hunk.main, hunk.task, hunk.base) if side]
    is_cut = bool(sides) and all(not side.endswith(b"\n") for side in sides)
    if not data or data.endswith(b"\n") or is_cut:
        return data
    return data + (b"\r\n" if b"\r\n" in b"".join(sides) else b"\n")


class HunkEditor(TextArea):
    """A text area for one hunk."""

    DEFAULT_CSS = """
    HunkEditor { height: 1fr; border: none; padding: 0 3; background: $surface; }
    HunkEditor:focus { border: none; }
    HunkEditor:focus .text-area--cursor { color: $surface; background: $foreground; }
    """
    # None has priority: a key with it would overtake the letters typed just before; see `on_key`.
    BINDINGS: ClassVar[list[BindingType]] = [*HUNK_EDITOR]

    class Ended(Message):
        """The person is done; `text` is None if they cancelled."""

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
        # Textual inserts letters as they come, but looks up a bound key only after it has passed the queues
        # of all widgets around. In one burst, what was typed after Home would come before it.
        bound = self.screen.active_bindings.get(event.key)
        if bound is not None and bound.node is self:
            event.stop()
            event.prevent_default()
            await self.run_action(bound.binding.action)

    def action_save(self) -> None:
        """Hand over the text."""
        self.post_message(self.Ended(self.text, is_changed=self.text != self._begun))

    def action_cancel(self) -> None:
        """Close without a text."""
        self.post_message(self.Ended(None, is_changed=self.text != self._begun))
