"""Where to cut a line too wide for the screen into rows, and how many lines fill so many rows. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len

from porch_tui.present.cells import pieces


def cuts(text: str, cells: int) -> list[int]:
    """Return where the rows of a text begin and the last one ends, in cells.

    Each row takes at most `cells`; a wide character is not split. A text without cells is one empty row.
    """
    found = [0]
    for piece in filter(None, pieces(text, max(1, cells))):
        found.append(found[-1] + cell_len(piece))
    return found if len(found) > 1 else [0, 0]


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
