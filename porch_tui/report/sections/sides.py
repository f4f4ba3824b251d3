"""One side of a conflict: what it did to the base, line by line."""

from __future__ import annotations

from difflib import SequenceMatcher

from porch_tui.report.forms.page import Change


def lines_of(text: bytes) -> list[str]:
    """Return a text as lines without their ends; not cleaned yet."""
    lines = text.decode("utf-8", "surrogateescape").expandtabs(4).removesuffix("\n").split("\n")
    return [line.removesuffix("\r") for line in lines] if text else []


def difference(base: bytes, side: bytes) -> list[tuple[Change, str]]:
    """Return the lines that went, came and stayed."""
    old, new = lines_of(base), lines_of(side)
    lines: list[tuple[Change, str]] = []
    for word, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if word == "equal":
            lines += [(Change.SAME, line) for line in old[a:b]]
        else:
            lines += [(Change.REMOVED, line) for line in old[a:b]]
            lines += [(Change.ADDED, line) for line in new[c:d]]
    return lines
