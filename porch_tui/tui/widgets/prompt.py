"""One line to type into, at the bottom of a screen: a filter, a search, a name."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Input

from porch_tui.tui.keys.bindings import PROMPT


class Prompt(Input):
    """Shown while something is asked for; posts a message at each key, and one at the end.

    Pasted control characters are removed by the app's filter, as in all widgets.
    """

    DEFAULT_CSS = """
    Prompt { display: none; layer: above; dock: bottom; width: 1fr; height: 1; margin: 0 0 1 0; padding: 0 1;
             border: none; background: $panel; }
    Prompt:focus { border: none; }
    Prompt.-asking { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*PROMPT]

    class Typed(Message):
        """The text has changed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Ended(Message):
        """The person is done; `text` is None if they cancelled."""

        def __init__(self, text: str | None) -> None:
            super().__init__()
            self.text = text

    def __init__(self) -> None:
        super().__init__(compact=True, select_on_focus=False)
        self.cursor_blink = False  # an idle screen writes nothing

    def ask(self, what: str, text: str = "") -> None:
        """Open the line; `what` is shown until something is typed."""
        self.placeholder = what
        with self.prevent(Input.Changed):
            self.value = text
        self.cursor_position = len(text)
        self.add_class("-asking")
        self.focus()

    def action_give_up(self) -> None:
        """Close without an answer."""
        self._end(None)

    async def action_submit(self) -> None:
        """Close with the text, at once, or the next key would be typed too."""
        self._end(self.value)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Typed(event.value))

    def _end(self, text: str | None) -> None:
        self.remove_class("-asking")
        self.post_message(self.Ended(text))
