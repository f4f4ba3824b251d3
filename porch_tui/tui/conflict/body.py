"""The two sides of a conflict and what comes of a choice, one below the other, each to be scrolled by itself.

One widget draws both: were they two, each line more or less on a side would move
the other, and all of both would be written to the terminal anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import MouseScrollDown, MouseScrollUp

from porch_tui.present.signs import Charset, Role
from porch_tui.tui.conflict.code_lines import Sheet
from porch_tui.tui.drawing.cells import shortened
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.styles import LaterLine, Line, Span, made

Make = Callable[[Sheet], Sequence[LaterLine]]
SIDEWAYS = 8
_WHEEL_LINES = 3


class Lines:
    """Some lines, and which of them are in view."""

    def __init__(self) -> None:
        self._make: Make = lambda sheet: ()
        self._made: dict[Sheet, Sequence[LaterLine]] = {}
        """All lines, for sheets that were asked for: a long hunk is not compared at each key."""
        self.top = 0
        self.shift = 0

    def put(self, make: Make, *, is_new: bool) -> None:
        """Be the lines that `make` returns, seen from their beginning if they are of something new."""
        self._make, self._made = make, {}
        if is_new:
            self.top = self.shift = 0

    def count(self, width: int, charset: Charset) -> int:
        """Return how many there are."""
        return len(self._on(Sheet(width, charset)))

    def view(self, width: int, height: int, charset: Charset, keys: str) -> list[Line]:
        """Return those in view; that there are more, and which keys go there, is said in the last row."""
        lines = self._on(Sheet(width, charset, self.shift))
        self.top = max(0, min(self.top, len(lines) - height))
        below = len(lines) - self.top - height
        shown = [made(line) for line in lines[self.top : self.top + height]]
        if below > 0 and shown:
            more = shortened(f"   {below + 1} more below: {keys} there", width, charset)
            shown[-1] = (Span(more, Role.MUTED),)
        return shown

    def _on(self, sheet: Sheet) -> Sequence[LaterLine]:
        if sheet not in self._made:
            self._made[sheet] = self._make(sheet)
        return self._made[sheet]


class ConflictBody(Rows, can_focus=True):
    """The sides above, the result below; the keys that scroll mean one of them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll_lines(1)", show=False, id="pane.down", tooltip="A line down"),
        Binding("k,up", "scroll_lines(-1)", show=False, id="pane.up", tooltip="A line up"),
        Binding(
            "space,ctrl+d,pagedown", "scroll_pages(1)", show=False, id="pane.page_down", tooltip="A page down"
        ),
        Binding("b,ctrl+u,pageup", "scroll_pages(-1)", show=False, id="pane.page_up", tooltip="A page up"),
        Binding("L,shift+right", "scroll_sideways(1)", show=False, id="pane.right", tooltip="Further right"),
        Binding(
            "H,shift+left", "scroll_sideways(-1)", show=False, id="pane.left", tooltip="Back to the left"
        ),
    ]

    def __init__(self, charset: Charset) -> None:
        super().__init__(charset)
        self._sides, self._result = Lines(), Lines()
        self._has_result = False
        self._is_on_result = False

    @property
    def is_on_result(self) -> bool:
        """Whether the keys scroll the result."""
        return self._is_on_result and self._has_result

    def show(self, sides: Make, result: Make | None, *, is_new: bool) -> None:
        """Show these lines, from their beginning if they are of something new; without a result the sides."""
        before = self._sides.count(self.size.width, self.charset)
        self._has_result = result is not None
        self._sides.put(sides, is_new=is_new)
        if result is not None:
            self._result.put(result, is_new=is_new)
        is_fitted = self.styles.height is not None and self.styles.height.is_auto
        if is_fitted and before != self._sides.count(self.size.width, self.charset):
            self.refresh(layout=True)
        self.redraw()

    def switch(self) -> None:
        """Have the keys scroll the other part."""
        self._is_on_result = not self._is_on_result
        self.redraw()

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """Return how many rows the sides take, with nothing below."""
        return max(1, self._sides.count(width, self.charset))

    def compose_lines(self) -> list[Line]:
        """Return the sides in the upper two thirds at most, and the result in what is left."""
        width, height = self.size
        upper = self._upper()
        here, there = "j goes", "tab and j go"
        keys = (there, here) if self.is_on_result else (here, there)
        lines = self._sides.view(width, upper, self.charset, keys[0])
        if self._has_result:
            lines = [*lines, *[()] * (upper - len(lines))]
            lines += self._result.view(width, height - upper, self.charset, keys[1])
        return lines

    def action_scroll_lines(self, lines: int) -> None:
        """Move by so many lines, up if negative."""
        self._scroll(self._meant, lines)

    def action_scroll_pages(self, pages: int) -> None:
        """Move by pages, up if negative."""
        upper = self._upper()
        rows = self.size.height - upper if self.is_on_result else upper
        self._scroll(self._meant, pages * max(1, rows - 2))

    def action_scroll_sideways(self, steps: int) -> None:
        """Move the lines to the left, or back if negative."""
        self._meant.shift = max(0, self._meant.shift + steps * SIDEWAYS)
        self.redraw()

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.stop()
        self._scroll(self._under(event.y), -_WHEEL_LINES)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        self._scroll(self._under(event.y), _WHEEL_LINES)

    @property
    def _meant(self) -> Lines:
        return self._result if self.is_on_result else self._sides

    def _under(self, row: int) -> Lines:
        return self._result if self._has_result and row >= self._upper() else self._sides

    def _upper(self) -> int:
        """Return how many rows the sides have."""
        width, height = self.size
        if not self._has_result:
            return height
        return min(max(1, self._sides.count(width, self.charset)), height * 2 // 3)

    def _scroll(self, lines: Lines, rows: int) -> None:
        lines.top = max(0, lines.top + rows)
        self.redraw()
