"""Where the next line is that a person wants to see, as far as a search has come.

Pure but for looking at the search: nothing is moved here.
"""

from __future__ import annotations

from enum import Enum, auto

from msgspec import Struct

from porch_tui.tui.log.finder import Finder


class Outlook(Enum):
    """What can be said of a hit that is not known."""

    UNKNOWN = auto()
    """The search has not come so far."""
    NONE = auto()
    """There is none on that side."""
    CUT = auto()
    """The search has stopped before, at its limit."""


class Jump(Struct, frozen=True):
    """From byte `origin` to the next hit below it, or above."""

    origin: int
    is_down: bool
    turns: bool = False
    """Where nothing is on that side, the other one is gone to."""

    def target(self, finder: Finder) -> int | Outlook:
        """Return the offset of the line to go to, or why it is not known."""
        hits = finder.hits
        if self.is_down:
            number = hits.count_up_to(self.origin)
            is_sure = finder.low <= max(0, self.origin)
            is_over, is_cut = finder.left_below == 0, len(hits.below) >= finder.limit
        else:
            number = hits.first_from(self.origin) - 1
            is_sure = self.origin <= finder.high or finder.left_below == 0
            is_over, is_cut = finder.has_seen_above, len(hits.above) >= finder.limit
        if is_sure and 0 <= number < len(hits):
            return hits[number]
        if not is_sure:
            return Outlook.CUT if finder.is_cut and finder.left_bytes == 0 else Outlook.UNKNOWN
        if is_cut:
            return Outlook.CUT
        return Outlook.NONE if is_over else Outlook.UNKNOWN
