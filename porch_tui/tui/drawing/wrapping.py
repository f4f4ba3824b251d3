"""How a line too wide for the screen becomes several rows, and how many lines fill so many rows.

Pure: cells and counts.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import get_character_cell_size


def cuts(text: str, cells: int) -> list[int]:
    """Return where the rows of a text begin and the last one ends, in cells.

    Each row takes `cells` at most; a wide character is never cut in two, unless a row is too
    narrow for it. A text without cells is one empty row.
    """
    cells = max(1, cells)
    if text.isascii():
        return [*range(0, max(1, len(text)), cells), len(text)]
    found, at, start = [0], 0, 0
    for character in text:
        width = get_character_cell_size(character)
        if at + width - start > cells and at > start:
            found.append(at)
            start = at
        at += width
    return [*found, at]


def fitting(heights: Iterable[int], rows: int) -> int:
    """Return how many of some lines, each of so many rows, fit in `rows`; at least the first does."""
    count = 0
    for height in heights:
        rows -= height
        if rows < 0 and count:
            return count
        count += 1
        if rows <= 0:
            return count
    return count
