"""A row as spans of one style, for whoever draws it: a pane, or a plain terminal.

Of a program's output only printable characters get this far, and the sequences around them are written here.
So nothing that a program writes steers the terminal of a person who looks on.
"""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

from porch_tui.emulator.line import Line
from porch_tui.emulator.style import PLAIN, sgr


class Span(NamedTuple):
    """Characters of one style."""

    text: str
    style: int
    """See `style.py`: `foreground`, `background` and the bits of its attributes."""
    cells: int


def spans(line: Line, begin: int = 0, end: int | None = None) -> list[Span]:
    """Return cells of a row, from column `begin` to before column `end`; they take exactly so many cells.

    Of a wide character that is cut in half a blank remains; behind the end of the row there are blanks.
    """
    cols = len(line.chars)
    end = cols if end is None else end
    chars, styles = line.chars[begin:end], line.styles[begin:end]
    if line.is_uneven and chars:
        if not chars[0]:
            chars[0] = " "
        if end < cols and not line.chars[end] and chars[-1]:
            chars[-1] = " "
    missing = end - begin - len(chars)
    if missing > 0:
        chars += [" "] * missing
        styles += [PLAIN] * missing
    found, at = [], 0
    for style, cells in groupby(styles):
        count = sum(1 for _ in cells)
        found.append(Span("".join(chars[at : at + count]), style, count))
        at += count
    return found


def painted(row: list[Span]) -> str:
    """Return spans as text for a terminal, which is in no style afterwards."""
    return "".join(f"{sgr(span.style)}{span.text}" for span in row) + "\x1b[0m"


def trimmed(row: list[Span]) -> list[Span]:
    """Return spans without blanks at the end that no colour makes visible."""
    row = list(row)
    while row and row[-1].style == PLAIN:
        span = row.pop()
        if text := span.text.rstrip(" "):
            row.append(Span(text, PLAIN, span.cells - len(span.text) + len(text)))
            break
    return row
