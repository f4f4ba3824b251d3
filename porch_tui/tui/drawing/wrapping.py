"""How a line too wide for the screen becomes several rows, and how many lines fill so many rows.

Pure: cells and counts.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len

from porch_tui.present.cells import pieces


def cuts(text: str, cells: int) -> list[int]:
    """Return where the rows of a text begin and the last one ends, in cells.

    Each row takes `cells` at most; a wide character is never cut in two, unless a row is too
    narrow for it. A text without cells is one empty row.
    """
    found = [0]
    for piece in filter(None, pieces(text, max(1, cells))):
        found.append(found[-1] + cell_len(piece))
    return found if len(found) > 1 else [0, 0]


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
