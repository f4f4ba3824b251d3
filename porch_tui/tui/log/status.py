"""What stands above a log on the right: how much there is, what is looked for, whether the end is followed.

Pure words.
"""

from __future__ import annotations

from porch_tui.present.signs import Charset

_MARKS = {Charset.UNICODE: ("▼", "‖"), Charset.ASCII: ("v", "|")}


def amount(count: int, what: str) -> str:
    """Return how many there are: `1 line`, `1,204 lines`."""
    return f"{count:,} {what}" + "s" * (count != 1)


def following(charset: Charset) -> str:
    """Return that the newest line is kept in view."""
    return f"{_MARKS[charset][0]} follow"


def held(new: int, charset: Charset) -> str:
    """Return that the view stands still, and what has come since."""
    return f"{_MARKS[charset][1]} {new:,} new"


def search(text: str, place: int, count: int, *, is_cut: bool, is_busy: bool) -> str:
    """Return what is looked for and how often it was found; `place` counts from 1, 0 is no place."""
    more = "+" if is_cut else ""
    if not count:
        return f"/{text}: " + ("searching" if is_busy else "no match")
    at = f"{place:,} of " if place else ""
    return f"/{text}: {at}{count:,}{more}" + (" so far" if is_busy else "")
