"""Which part of a task's terminal is shown where there is less room than it takes. Pure."""

from __future__ import annotations

from porch_tui.emulator import modes
from porch_tui.emulator.line import Line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from porch_tui.emulator.screen import Screen

Cursor = tuple[int, int] | None
"""Column and row; None: it is not shown."""


class Window:
    """So many columns and rows of a larger or smaller screen, with the cursor among them."""

    def __init__(self, cols: int, rows: int) -> None:
        self.cols, self.rows = cols, rows
        self.left = self.top = 0
        """What is at the top left."""

    def follow(self, screen: Screen) -> None:
        """Move no more than is needed for the cursor to be seen; one that is hidden below all text is not."""
        x, y = screen.cursor
        if modes.CURSOR not in screen.modes and self.rows < screen.rows:
            y = next((row for row in range(y, -1, -1) if screen.lines[row].text), y)
        self.left = _moved(self.left, x, self.cols, screen.cols)
        self.top = _moved(self.top, y, self.rows, screen.rows)

    def lines(self, screen: Screen) -> list[Line]:
        """Return its rows; where the screen has none, they are empty."""
        shown = [self._cut(line) for line in screen.lines[self.top : self.top + self.rows]]
        return shown + [Line(self.cols) for _ in range(self.rows - len(shown))]

    def cursor(self, screen: Screen) -> Cursor:
        """Return where the cursor is in it; None if the program hides it."""
        x, y = screen.cursor
        return (x - self.left, y - self.top) if modes.CURSOR in screen.modes else None

    def place(self, x: int, y: int, screen: Screen) -> Cursor:
        """Return the cell of the screen at a place of the window; None if there is none."""
        x, y = x + self.left, y + self.top
        is_shown = x < min(screen.cols, self.left + self.cols) and y < min(screen.rows, self.top + self.rows)
        return (x, y) if is_shown else None

    def _cut(self, line: Line) -> Line:
        end = self.left + self.cols
        if not self.left and len(line.chars) == self.cols:
            return line
        cut = Line(0)
        cut.chars, cut.styles = line.chars[self.left : end], line.styles[self.left : end]
        cut.is_uneven = line.is_uneven
        if cut.chars and not cut.chars[0]:
            cut.chars[0] = " "
        if end < len(line.chars) and not line.chars[end]:
            cut.chars[-1] = " "
        cut.fit(self.cols)
        return cut


def _moved(begin: int, place: int, room: int, whole: int) -> int:
    begin = min(begin, max(whole - room, 0))
    return place if place < begin else max(begin, place - room + 1)
