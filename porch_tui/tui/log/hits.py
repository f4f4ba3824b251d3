"""The lines that were found so far in a growing file, as byte offsets in the order of the file.

They are found from one place upwards and downwards at once, so there are two
rows of them. Nothing here reads a file.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import overload


@dataclass(frozen=True, slots=True)
class Hits(Sequence[int]):
    """What was found by one moment. The rows go on growing behind it; this stays."""

    above: array[int] = field(default_factory=lambda: array("Q"))
    """Upwards from the place where the search began: each lower than the one before."""
    below: array[int] = field(default_factory=lambda: array("Q"))
    """Downwards from there."""
    above_count: int = 0
    below_count: int = 0
    unended: int | None = None
    """The last line, which has no newline yet; what it says may change."""

    def __len__(self) -> int:
        return self.above_count + self.below_count + (self.unended is not None)

    @overload
    def __getitem__(self, number: int) -> int: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[int]: ...
    def __getitem__(self, number: int | slice) -> int | Sequence[int]:
        if isinstance(number, slice):
            return [self[n] for n in range(*number.indices(len(self)))]
        if not 0 <= number < len(self):
            raise IndexError(number)
        if number < self.above_count:
            return self.above[self.above_count - 1 - number]
        if number - self.above_count < self.below_count:
            return self.below[number - self.above_count]
        assert self.unended is not None  # it is the one that is left
        return self.unended

    def first_from(self, offset: int) -> int:
        """Return the number of the first hit at `offset` or behind it; their count if there is none."""
        return bisect_left(self, offset)

    def count_up_to(self, offset: int) -> int:
        """Return how many hits are at `offset` or before it."""
        return bisect_right(self, offset)
