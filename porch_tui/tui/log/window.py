"""Which lines of a growing list are in view, and which are marked: values, a new one for each move. Pure.

`count` is the number of lines there are.
"""

from __future__ import annotations

from msgspec import Struct

from porch_tui.core.model.copying import replace


class Window(Struct, frozen=True):
    """Some rows on a list of lines."""

    rows: int = 1
    top: int = 0
    """The line in the first row."""
    held: int | None = None
    """How many lines there were when it stopped following the end; None while following."""

    @property
    def is_following(self) -> bool:
        """Whether the newest line is kept in view."""
        return self.held is None

    def new_lines(self, count: int) -> int:
        """Return how many lines were added since it stopped following."""
        return 0 if self.held is None else max(0, count - self.held)

    def hold(self, count: int) -> Window:
        """Stop following the end."""
        return self if self.held is not None else replace(self, held=count)

    def at_start(self, count: int) -> Window:
        """Go to the first line and stop following."""
        return replace(self.hold(count), top=0)

    def at_end(self, count: int) -> Window:
        """Go to the last line and follow the end."""
        return replace(self, top=self._last_top(count), held=None)

    def moved(self, lines: int, count: int) -> Window:
        """Move by so many lines, up if negative; any move up, even against the edge, ends following."""
        still = self.hold(count) if lines < 0 else self
        lowest = max(self.top, self._last_top(count))
        return replace(still, top=min(max(0, self.top + lines), lowest))

    def grown(self, count: int, new_lines: int, *, by_jumps: bool) -> Window:
        """Follow the end, if following: line by line, or half a page at once when the page is full."""
        if not self.is_following or count - self.top <= self.rows:
            return self
        half = max(1, self.rows // 2)
        # More than half a page at once is a flood: half an empty page would save nothing.
        top = count - half if by_jumps and new_lines < half else self._last_top(count)
        return replace(self, top=top)

    def renumbered(self, moved: int, count: int) -> Window:
        """Keep the same lines in view when all their numbers went up by `moved`."""
        held = None if self.held is None else count
        return replace(self, top=self.top + moved, held=held)

    def resized(self, rows: int, count: int) -> Window:
        """Keep the end in view if it is followed, else the first row."""
        window = replace(self, rows=max(1, rows))
        return window.at_end(count) if self.is_following else window

    def _last_top(self, count: int) -> int:
        return max(0, count - self.rows)


class Marked(Struct, frozen=True):
    """What is marked to be copied, from where that began to the cursor: whole lines, or cell by cell."""

    anchor: int
    cursor: int
    was_following: bool = False
    """Whether to follow the end again afterwards."""
    cells: tuple[int, int] | None = None
    """The cell of the anchor's line and the one of the cursor's, both included; None: whole lines."""

    @property
    def first(self) -> int:
        """The uppermost line."""
        return min(self.anchor, self.cursor)

    @property
    def last(self) -> int:
        """The lowest line, included."""
        return max(self.anchor, self.cursor)

    @property
    def count(self) -> int:
        """How many lines."""
        return self.last - self.first + 1

    def has(self, number: int) -> bool:
        """Return whether a line is marked."""
        return self.first <= number <= self.last

    def part(self, number: int) -> tuple[int, int | None]:
        """Return from which cell of a marked line on, and up to which, it is marked; None is its end."""
        if self.cells is None:
            return 0, None
        (_, first), (_, last) = sorted(((self.anchor, self.cells[0]), (self.cursor, self.cells[1])))
        return first if number == self.first else 0, last + 1 if number == self.last else None

    def moved(self, lines: int, count: int) -> Marked:
        """Mark whole lines, the cursor so many further down, up if negative, as far as there are any."""
        return replace(self, cursor=min(max(0, self.cursor + lines), max(0, count - 1)), cells=None)

    def renumbered(self, moved: int) -> Marked:
        """Keep the same lines when all their numbers went up by `moved`."""
        return replace(self, anchor=self.anchor + moved, cursor=self.cursor + moved)
