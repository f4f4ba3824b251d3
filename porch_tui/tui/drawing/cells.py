"""Foreign text cut to measure: what a column, a row or a paragraph of the screen can hold.

Pure. Everything that comes in here is cleaned, so what goes out is safe to show.
"""

from __future__ import annotations

from rich.cells import cell_len, chop_cells, set_cell_size

from porch_tui.present.signs import Charset
from porch_tui.tui.terminal.ansi import clean

_ELLIPSIS = {Charset.UNICODE: "…", Charset.ASCII: "~"}
_RULE = {Charset.UNICODE: "─", Charset.ASCII: "-"}
_BAR = {Charset.UNICODE: "▌", Charset.ASCII: "|"}
_ARROW = {Charset.UNICODE: "→", Charset.ASCII: "->"}


def shortened(text: str, cells: int, charset: Charset = Charset.UNICODE) -> str:
    """Return the text in at most `cells` cells, an ellipsis in place of what does not fit."""
    text = clean(text)
    if cell_len(text) <= cells:
        return text
    if cells <= 0:
        return ""
    return set_cell_size(text, cells - 1).rstrip() + _ELLIPSIS[charset]


def left(text: str, cells: int, charset: Charset = Charset.UNICODE) -> str:
    """Return the text in exactly `cells` cells, blanks behind it."""
    return set_cell_size(shortened(text, cells, charset), max(0, cells))


def right(text: str, cells: int, charset: Charset = Charset.UNICODE) -> str:
    """Return the text in exactly `cells` cells, blanks before it."""
    short = shortened(text, cells, charset)
    return " " * (cells - cell_len(short)) + short


def wrapped(text: str, cells: int) -> list[str]:
    """Return the text as lines of at most `cells` cells, broken at blanks where there are any."""
    cells = max(1, cells)
    lines: list[str] = []
    for word in clean(text).split(" "):
        pieces = chop_cells(word, cells) or [""]
        if lines and cell_len(lines[-1]) + 1 + cell_len(pieces[0]) <= cells:
            lines[-1] += " " + pieces.pop(0)
        lines += pieces
    return lines


def rule(cells: int, charset: Charset) -> str:
    """Return a thin horizontal line."""
    return _RULE[charset] * max(0, cells)


def bar(charset: Charset) -> str:
    """Return the one-cell mark of the row under the cursor."""
    return _BAR[charset]


def arrow(charset: Charset) -> str:
    """Return the sign that points to what to do next."""
    return _ARROW[charset]
