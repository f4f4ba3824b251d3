"""What a screen says about the place where a person is: it goes as soon as they go on from there."""

from __future__ import annotations

from porch_tui.tui.terminal.ansi import one_line
from porch_tui.tui.widgets.live_screen import LiveScreen


class SaidHere:
    """The last such text of a screen."""

    def __init__(self, screen: LiveScreen) -> None:
        self._screen = screen
        self._text = ""

    def say(self, text: str) -> None:
        """Show a text."""
        self._text = one_line(text)
        self._screen.post_message(LiveScreen.Notify(text))

    def went_on(self) -> None:
        """Remove it if it is still shown."""
        if self._text and self._screen.notice.text == self._text:
            self._screen.notice.clear()
        self._text = ""
