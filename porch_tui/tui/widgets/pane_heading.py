"""The title of a pane in a frame."""

from __future__ import annotations

from porch_tui.present.clean import clean
from porch_tui.present.signs import Charset, Role
from porch_tui.tui.drawing.headings import heading
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.styles import Line, Span


class PaneHeading(Rows):
    """The upper line of a frame, with its title."""

    def __init__(self, charset: Charset, *, is_focused: bool) -> None:
        """`is_focused`: the pane below has the keys."""
        super().__init__(charset)
        self._is_focused = is_focused
        self._title, self._end = "", ""

    def show(self, title: str, end: str) -> None:
        """Show a title, and what is at the end of its line."""
        self._title, self._end = title, end
        self.redraw()

    def compose_lines(self) -> list[Line]:
        """Return the one line."""
        title, end = (Span(clean(self._title), Role.STRONG),), (Span(self._end, Role.MUTED),)
        width, charset = self.size.width, self.charset
        return [heading(title, end if self._end else (), width, charset, is_focused=self._is_focused)]
