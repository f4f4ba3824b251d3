"""Foreign text, cleaned and cut to a column, a row or a paragraph of the screen; wide lines as rows. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len

from porch_tui.present import cells as present
from porch_tui.present.clean import clean
from porch_tui.present.signs import Charset

_ELLIPSIS = {Charset.UNICODE: "…", Charset.ASCII: "~"}
_RULE = {Charset.UNICODE: "─", Charset.ASCII: "-"}
_BAR = {Charset.UNICODE: "▌", Charset.ASCII: "|"}
_ARROW = {Charset.UNICODE: "→", Charset.ASCII: "->"}


def shortened(text: str, cells: int, charset: Charset = Charset.UNICODE) -> str:
    """Return the text in at most `cells` cells, an ellipsis in place of what does not fit."""
    return present.cut(clean(text), cells, _ELLIPSIS[charset])


def left(text: str, cells: int, charset: Charset = Charset.UNICODE) -> str:
    """Return the text in exactly `cells` cells, blanks behind it."""
    return present.left(shortened(text, cells, charset), cells)


def right(text: str, cells: int, charset: Charset = Charset.UNICODE) -> str:
    """Return the text in exactly `cells` cells, blanks before it."""
    return present.right(shortened(text, cells, charset), cells)


def wrapped(text: str, cells: int) -> list[str]:
    """Return the text as lines of at most `cells` cells, broken at blanks where there are any."""
    words = clean(text).lstrip(" ")
    indent = clean(text).removesuffix(words)
    return present.wrapped(words, max(1, cells), indent if len(indent) < cells // 2 else "", "")


def rule(cells: int, charset: Charset) -> str:
    """Return a thin horizontal line."""
    return _RULE[charset] * max(0, cells)


def bar(charset: Charset) -> str:
    """Return the one-cell mark of the row under the cursor."""
    return _BAR[charset]


def arrow(charset: Charset) -> str:
    """Return the sign that points to what to do next."""
    return _ARROW[charset]


def cuts(text: str, cells: int) -> list[int]:
    """Return where the rows of a text begin and the last one ends, in cells.

    Each row takes at most `cells`; a wide character is not split. A text without cells is one empty row.
    """
    found = [0]
    for piece in filter(None, present.pieces(text, max(1, cells))):
        found.append(found[-1] + cell_len(piece))
    return found if len(found) > 1 else [0, 0]


def in_cells(text: str, first: int, end: int | None) -> tuple[int, int]:
    """Return which characters have any of the cells from `first` up to `end`, or up to the text's end.

    A wide character and what is drawn as one sign are whole.
    """
    if text.isascii():
        return min(first, len(text)), len(text) if end is None else min(end, len(text))
    at, cell, begin, stop = 0, 0, len(text), 0
    for sign in present.pieces(text, 1):
        before, at, cell = at, at + len(sign), cell + cell_len(sign)
        if cell > first and (end is None or cell - cell_len(sign) < end):
            begin, stop = min(begin, before), at
    return begin, max(begin, stop)


def fitting(heights: Iterable[int], rows: int) -> int:
    """Return how many lines with these heights fit in `rows`; the first always does."""
    count = 0
    for height in heights:
        rows -= height
        if rows < 0 and count:
            return count
        count += 1
        if rows <= 0:
            return count
    return count
