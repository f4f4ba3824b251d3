"""Names and numbers as they are written inside a sentence, in any room."""

from __future__ import annotations

from collections.abc import Sequence

MANY = 3
"""More names than this are counted instead of listed."""


def listed(names: Sequence[str], what: str = "more") -> str:
    """Return names for a sentence: `a, b, c and 4 more`."""
    if len(names) <= MANY:
        return ", ".join(names)
    return f"{', '.join(names[:MANY])} and {len(names) - MANY} {what}"


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return `1 task` or `3 tasks`."""
    return f"{count} {one if count == 1 else many or one + 's'}"
