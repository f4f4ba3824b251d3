"""How a person may have the board arranged: where the lists are, and what the list of tasks is sorted by."""

from __future__ import annotations

from enum import StrEnum


class Layout(StrEnum):
    """Where the lists are; the value is what a person writes in their settings."""

    AUTO = "auto"
    """As the width of the window suggests."""
    BESIDE = "beside"
    """Beside the log."""
    ABOVE = "above"
    """Above it."""


class SortKey(StrEnum):
    """What the list is sorted by; the value is what a person writes in their settings."""

    PLAN = "plan"
    STATE = "state"
    NAME = "name"
    CPU = "cpu"
    TIME = "time"

    def next(self) -> SortKey:
        """Return the next key, around the end."""
        keys = list(SortKey)
        return keys[(keys.index(self) + 1) % len(keys)]

    @property
    def shown(self) -> str:
        """Return how the screen says it."""
        return _SHOWN[self]


_SHOWN = {
    SortKey.PLAN: "plan order",
    SortKey.STATE: "state, what needs you first",
    SortKey.NAME: "name",
    SortKey.CPU: "cpu, most first",
    SortKey.TIME: "time, longest first",
}
