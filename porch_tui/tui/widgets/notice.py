"""A short notice above the key bar, until it is read or over."""

from __future__ import annotations

from collections.abc import Callable

from porch_tui.present.signs import Role
from porch_tui.tui.drawing.cells import wrapped
from porch_tui.tui.drawing.headings import upper_line
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.styles import Line, Span
from porch_tui.tui.model.messages import Message
from porch_tui.tui.model.view import View
from porch_tui.tui.terminal.ansi import one_line

NOTICE_LINES = 4
BESIDE_TEXT = 4
"""Cells of a row: the mark before the text, and a blank behind it."""
NOTICE_S = 6.0
"""A notice stays at least so long,"""
CHARACTERS_A_S = 15
"""and longer the more there is to read."""


class Notice(Rows):
    """A message over the last rows of the screen."""

    DEFAULT_CSS = """
    Notice { display: none; layer: above; dock: bottom; height: auto; margin: 0 0 1 0; background: $panel; }
    Notice.-shown { display: block; }
    """
    text: str = ""
    _ends_at: float = 0.0
    _is_over: Callable[[View], bool] | None = None

    def say(self, message: Message, now: float) -> None:
        """Show a message in place of the previous one; the same one again stays longer.

        Output of a program in it, a hook or git, loses its colors.
        """
        text, self._is_over = one_line(message.text), message.is_over
        self._ends_at = now + NOTICE_S + len(text) / CHARACTERS_A_S
        self._show(text)

    def follow(self, view: View) -> None:
        """Remove the notice if what it is about has moved on."""
        if self.text and self._is_over is not None and self._is_over(view):
            self._show("")

    def clear(self) -> None:
        """Remove the notice."""
        self._show("")

    def expire(self, now: float) -> None:
        """Remove the notice if it was there long enough."""
        if now >= self._ends_at:
            self._show("")

    def _show(self, text: str) -> None:
        if text != self.text:
            self.text = text
            self.set_class(bool(text), "-shown")
            self.refresh(layout=True)
            self.redraw()

    def lines_for(self, width: int) -> list[Line]:
        """Return the text, broken into lines, below a line that keeps it apart from what it covers."""
        lines = wrapped(self.text, width - BESIDE_TEXT)[:NOTICE_LINES]
        marks = [" ! ", *["   "] * len(lines)]
        said: list[Line] = [
            (Span(mark, Role.ASK, is_bold=True), Span(text)) for mark, text in zip(marks, lines, strict=False)
        ]
        return [upper_line(width, self.charset), *said]
