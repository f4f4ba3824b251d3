"""Lines of a log that a person marks to copy them: from where they began to where the cursor is. Pure."""

from __future__ import annotations

from msgspec import Struct

from porch_tui.core.model.copying import replace


class Marked(Struct, frozen=True):
    """A run of lines, by their numbers."""

    anchor: int
    cursor: int
    was_following: bool = False
    """Whether the end of the log was followed before, and is to be again."""

    @property
    def first(self) -> int:
        """The uppermost line."""
        return min(self.anchor, self.cursor)

    @property
    def last(self) -> int:
        """The lowest line; it belongs to them."""
        return max(self.anchor, self.cursor)

    @property
    def count(self) -> int:
        """How many lines."""
        return self.last - self.first + 1

    def has(self, number: int) -> bool:
        """Say whether a line is marked."""
        return self.first <= number <= self.last

    def moved(self, lines: int, count: int) -> Marked:
        """Put the cursor so many lines further down, up if negative, as far as there are lines."""
        return replace(self, cursor=min(max(0, self.cursor + lines), max(0, count - 1)))

    def renumbered(self, moved: int) -> Marked:
        """Keep the same lines when all their numbers went up by `moved`."""
        return replace(self, anchor=self.anchor + moved, cursor=self.cursor + moved)
