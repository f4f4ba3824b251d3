"""Text in columns of terminal cells: widths, cutting, wrapping, tables. Knows nothing of runs.

Everything here expects cleaned text. Rich measures it, as it does for the
screen: a wide character and an emoji of several code points take two cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from operator import gt

WIDTH = 80
"""The default width of every text."""
GAP = "  "
LEAST = 4
"""No column of a table is squeezed below this."""
WHOLE = 24
"""Shorter words are not broken where the columns of a table can be spread over several."""


def cells(text: str) -> int:
    """Return how many cells of a terminal the text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # most output needs none of it

    return cell_len(text)


def head(text: str, width: int) -> str:
    """Return as much of the beginning of the text as fits into `width` cells."""
    if cells(text) <= width:
        return text
    return pieces(text, width)[0] if width > 0 else ""


def pieces(text: str, width: int) -> list[str]:
    """Return the text cut into pieces of at most `width` cells; what is drawn as one sign stays whole."""
    if text.isascii():
        return [text[at : at + width] for at in range(0, len(text), width)]
    from rich.cells import chop_cells

    return chop_cells(text, width)


def cut(text: str, width: int, end: str = "..") -> str:
    """Return the text, its end replaced by `end` if it does not fit."""
    if cells(text) <= width:
        return text
    room = width - len(end)
    return head(text, room).rstrip() + end if room >= 0 else head(text, width)


def squeezed(name: str, width: int) -> str:
    """Return the name, its middle replaced by `..` if it does not fit: names differ at their ends."""
    if cells(name) <= width or width < 5:
        return head(name, width)
    front = (width - 2) // 2
    signs = pieces(name, 1)
    while cells(tail := "".join(signs)) > width - 2 - front:
        del signs[0]
    return f"{head(name, front)}..{tail}"


def left(text: str, width: int) -> str:
    """Return the text filled up with blanks to its right."""
    return text + " " * (width - cells(text))


def right(text: str, width: int) -> str:
    """Return the text filled up with blanks to its left."""
    return " " * (width - cells(text)) + text


def wrapped(text: str, width: int = WIDTH, first: str = "", rest: str | None = None) -> list[str]:
    """Return the text as lines of at most `width` cells, at least one.

    `first` is put before the first line, `rest` before the others (default: as
    many blanks). Lines are broken at blanks; a word that is longer than a line
    is broken anywhere.
    """
    rest = " " * cells(first) if rest is None else rest
    lines: list[str] = []
    line, is_empty = first, True
    for word in text.split(" "):
        piece = word
        if not is_empty and cells(line) + 1 + cells(piece) > width:
            lines.append(line.rstrip())
            line, is_empty = rest, True
        while is_empty and cells(line) + cells(piece) > width:
            part = head(piece, max(width - cells(line), 1)) or piece[:1]
            lines.append(line + part)
            line, piece = rest, piece[len(part) :]
        if piece or not is_empty:  # several blanks stay, but for those at the start of a line
            line += piece if is_empty else f" {piece}"
            is_empty = False
    return [*lines, line.rstrip()] if not is_empty or not lines else lines


def table(rows: Sequence[Sequence[str]], numbers: Sequence[bool], width: int = WIDTH) -> list[str]:
    """Return rows as aligned lines of at most `width` cells; `numbers` says which columns are right-aligned.

    The widest columns are narrowed until all fit, those first that can be without breaking a word. What does
    not fit is wrapped within its column, so nothing is lost.
    """
    columns = list(zip(*rows, strict=True))
    widths = [max(map(cells, column)) for column in columns]
    words = [max(cells(word) for text in column for word in text.split(" ")) for column in columns]
    excess = sum(widths) + len(GAP) * (len(widths) - 1) - width
    for floors in (words, [LEAST] * len(words)):
        while excess > 0 and any(map(gt, widths, floors)):
            wide = (at for at in range(len(widths)) if widths[at] > floors[at])
            widths[max(wide, key=widths.__getitem__)] -= 1
            excess -= 1
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


def tables(rows: Sequence[Sequence[str]], numbers: Sequence[bool], width: int = WIDTH) -> list[str]:
    """Return rows as `table` does; columns that would break words go below, after the first one again."""
    words = [
        max(min(cells(word), WHOLE) for text in column for word in text.split(" "))
        for column in zip(*rows, strict=True)
    ]
    first, *others = range(len(words))
    parts: list[list[int]] = [[first]]
    for at in others:
        used = sum(words[one] + len(GAP) for one in parts[-1])
        if used + words[at] > width and len(parts[-1]) > 1:
            parts.append([first])
        parts[-1].append(at)
    lines: list[str] = []
    for part in parts:
        lines += ["", *table([[row[at] for at in part] for row in rows], [numbers[at] for at in part], width)]
    return lines[1:]
