"""Lines to scroll, up and down and sideways: the report, a task, an entry of the queue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import BindingType
from textual.events import MouseScrollDown, MouseScrollUp

from porch_tui.present.signs import Charset
from porch_tui.tui.drawing.fields import Item, lines
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.styles import Line, Span, width_of
from porch_tui.tui.keys.bindings import TEXT

_WHEEL_LINES = 3
_SIDE_CELLS = 8


class ScrollableLines(Rows, can_focus=True):
    """Shows as much of `content` as fits, and keeps the place when it changes."""

    DEFAULT_CSS = "ScrollableLines { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [*TEXT]

    def __init__(self, charset: Charset) -> None:
        super().__init__(charset)
        self.top = 0
        self.slack = 0
        """How many empty rows may be below the last line, where something else covers them."""
        self._left = 0

    def content(self, width: int) -> Sequence[Line]:
        """Return all lines for so many cells; longer ones can be scrolled sideways."""
        raise NotImplementedError

    def compose_lines(self) -> list[Line]:
        """Return the lines in view."""
        content = self.content(self.size.width)
        self.top = min(self.top, max(0, len(content) - self.size.height + self.slack))
        shown = content[self.top : self.top + self.size.height]
        return [without(line, self._left) for line in shown] if self._left else list(shown)

    def action_scroll_lines(self, lines: int) -> None:
        """Move by so many lines, up if negative."""
        self.top = max(0, self.top + lines)
        self.redraw()

    def action_scroll_pages(self, pages: int) -> None:
        """Move by pages, up if negative."""
        self.action_scroll_lines(pages * max(1, self.size.height - 1))

    def action_first_line(self) -> None:
        """Go to the beginning."""
        self.action_scroll_lines(-self.top)

    def action_last_line(self) -> None:
        """Go to the end."""
        self.action_scroll_lines(len(self.content(self.size.width)))

    def action_scroll_aside(self, steps: int) -> None:
        """Move to the right, to the left if negative, as far as the longest line reaches."""
        widest = max((width_of(line) for line in self.content(self.size.width)), default=0)
        self._left = max(0, min(self._left + steps * _SIDE_CELLS, widest - self.size.width))
        self.redraw()

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.stop()
        self.action_scroll_lines(-_WHEEL_LINES)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        self.action_scroll_lines(_WHEEL_LINES)


class ScrollableFields(ScrollableLines):
    """Labeled facts, one below the other."""

    _items: Sequence[Item] = ()

    def draw(self, items: Sequence[Item]) -> None:
        """Show these facts."""
        self._items = items
        self.redraw()

    def content(self, width: int) -> Sequence[Line]:
        """Return the facts as lines."""
        return lines(self._items, width, self.charset)


def without(line: Line, cells: int) -> Line:
    """Return the line without its first cells; a wide character cut in two is dropped."""
    kept: list[Span] = []
    for span in line:
        text = span.text
        while text and cells > 0:
            cells -= cell_len(text[0])
            text = text[1:]
        if text:
            kept.append(span._replace(text=text))
    return tuple(kept)
