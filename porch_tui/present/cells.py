"""Text in columns of terminal cells: widths, cutting, wrapping, tables. Knows nothing of runs.

Everything here expects cleaned text; a wide character takes two cells.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import zip_longest

WIDTH = 80
"""What every text of this room fits into, unless told otherwise."""
GAP = "  "
LEAST = 4
"""No column of a table is squeezed below this."""


def cells(text: str) -> int:
    """Return how many cells of a terminal the text takes."""
    return len(text) if text.isascii() else sum(map(_cells_of, text))


def head(text: str, width: int) -> str:
    """Return as much of the beginning of the text as fits into `width` cells."""
    if cells(text) <= width:
        return text
    taken = 0
    for number, character in enumerate(text):
        taken += _cells_of(character)
        if taken > width:
            return text[:number]
    return text


def cut(text: str, width: int) -> str:
    """Return the text, its end replaced by `..` if it does not fit."""
    if cells(text) <= width:
        return text
    return head(text, width - 2) + ".." if width > 2 else head(text, width)


def squeezed(name: str, width: int) -> str:
    """Return the name, its middle replaced by `..` if it does not fit: names differ at their ends."""
    if cells(name) <= width or width < 5:
        return head(name, width)
    front = (width - 2) // 2
    back = head(name[::-1], width - 2 - front)[::-1]
    return f"{head(name, front)}..{back}"


def left(text: str, width: int) -> str:
    """Return the text filled up with blanks to its right."""
    return text + " " * (width - cells(text))


def right(text: str, width: int) -> str:
    """Return the text filled up with blanks to its left."""
    return " " * (width - cells(text)) + text


def wrapped(text: str, width: int = WIDTH, first: str = "", rest: str | None = None) -> list[str]:
    """Return the text as lines of at most `width` cells, at least one.

    `first` stands before the first line, `rest` before the others (default: as
    many blanks). A word that is longer than a line is broken.
    """
    rest = " " * cells(first) if rest is None else rest
    lines: list[str] = []
    line, is_empty = first, True
    for word in text.split():
        piece = word
        if not is_empty and cells(line) + 1 + cells(piece) > width:
            lines.append(line)
            line, is_empty = rest, True
        while is_empty and cells(line) + cells(piece) > width:
            part = head(piece, max(width - cells(line), 1)) or piece[:1]
            lines.append(line + part)
            line, piece = rest, piece[len(part) :]
        if piece:
            line += piece if is_empty else f" {piece}"
            is_empty = False
    return [*lines, line.rstrip()] if not is_empty or not lines else lines


def table(rows: Sequence[Sequence[str]], numbers: Sequence[bool], width: int = WIDTH) -> list[str]:
    """Return rows as aligned lines of at most `width` cells; `numbers` says which columns stand right.

    What does not fit is wrapped within its column, so nothing is lost.
    """
    widths = _fitted([max(map(cells, column)) for column in zip(*rows, strict=True)], width)
    lines = []
    for row in rows:
        wraps = [wrapped(cell, room) for cell, room in zip(row, widths, strict=True)]
        for parts in zip_longest(*wraps, fillvalue=""):
            placed = [
                right(part, room) if is_number else left(part, room)
                for part, room, is_number in zip(parts, widths, numbers, strict=True)
            ]
            lines.append(GAP.join(placed).rstrip())
    return lines


def _fitted(widths: list[int], width: int) -> list[int]:
    """Return the widths, the widest columns narrowed until all fit beside each other."""
    room = width - len(GAP) * (len(widths) - 1)
    while sum(widths) > room and max(widths) > LEAST:
        widths[widths.index(max(widths))] -= 1
    return widths


@cache
def _cells_of(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
