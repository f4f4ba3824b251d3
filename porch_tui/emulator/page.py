"""The rows of a screen, and what moves or erases them. Positions are from 0, from the top left.

As in tmux: rows that a scrolling region pushes out go into the scrollback wherever it begins, erasing all of
the main screen keeps in the scrollback what was there, and a row whose successor is erased no longer wraps.
"""

from __future__ import annotations

from porch_tui.emulator.history import History
from porch_tui.emulator.line import Line, packed
from porch_tui.emulator.style import PLAIN


class Page:
    """So many rows and columns of cells, with a scrollback or without."""

    def __init__(self, cols: int, rows: int, history: History | None) -> None:
        """`history` takes what leaves the page at its top; None: it is lost, as on the alternate screen."""
        self.cols, self.rows, self.history = cols, rows, history
        self.lines = [Line(cols) for _ in range(rows)]

    def unwrap(self, y: int) -> None:
        """Say that a row does not continue in the next; -1 is the newest of the scrollback."""
        if y >= 0:
            self.lines[y].wraps = False
        elif self.history:
            self.history.unwrap()

    def clear(self, y: int, count: int, style: int = PLAIN) -> None:
        """Empty some rows."""
        if count > 0:
            self.lines[y : y + count] = [Line(self.cols, style) for _ in range(count)]
            self.unwrap(y - 1)

    def clear_line(self, y: int, style: int) -> None:
        """Empty a row, unless it is."""
        if style or self.lines[y].used or self.lines[y].styles.count(PLAIN) < self.cols:
            self.clear(y, 1, style)

    def clear_all(self, style: int) -> None:
        """Empty the page. What was on it goes into the scrollback."""
        used = next((y for y in range(self.rows, 0, -1) if self.lines[y - 1].used), 0)
        if self.history is None or not used:
            self.clear(0, self.rows, style)
            return
        for line in self.lines[:used]:
            self.history.append(packed(line))
        self.history.scrolled = 0
        self.lines = [Line(self.cols, style) for _ in range(self.rows)]

    def move(self, to: int, begin: int, count: int, style: int) -> None:
        """Move rows; those they leave are empty."""
        if count <= 0 or to == begin:
            return
        lines = self.lines
        self.unwrap(to - 1)
        moved = lines[begin : begin + count]
        for y in range(begin, begin + count):
            if not to <= y < to + count:
                lines[y] = Line(self.cols, style)
        lines[to : to + count] = moved
        if not to <= begin < to + count:
            self.unwrap(begin - 1)

    def scroll_up(self, top: int, bottom: int, style: int) -> None:
        """Scroll a region by one row."""
        if self.history is None:
            self.move(top, top + 1, bottom - top, style)
            if top == bottom:
                self.clear(top, 1, style)
            return
        self.history.append(packed(self.lines.pop(top)))
        self.lines.insert(bottom, Line(self.cols, style))

    def scroll_down(self, top: int, bottom: int, style: int) -> None:
        """Scroll a region by one row, the other way; what leaves it is lost."""
        if top == bottom:
            self.clear(top, 1, style)
        self.move(top + 1, top, bottom - top, style)

    def insert_lines(self, y: int, count: int, bottom: int, style: int, *, is_region: bool) -> None:
        """Put empty rows before a row; the last ones before `bottom` are lost.

        `is_region`: they are the end of the scrolling region.
        """
        count = min(count, bottom + 1 - y)
        kept = bottom + 1 - y - count
        self.move(bottom + 1 - kept, y, kept, style)
        self.clear(y + kept, count - kept, style)
        if is_region and count != kept:
            self.unwrap(y + kept - 1)

    def delete_lines(self, y: int, count: int, bottom: int, style: int) -> None:
        """Take rows out; empty ones come in at `bottom`."""
        count = min(count, bottom + 1 - y)
        kept = bottom + 1 - y - count
        self.move(y, y + count, kept, style)
        self.clear(y + kept, count - kept, style)
        if count != kept:
            self.unwrap(y + kept - 1)
