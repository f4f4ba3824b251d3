"""A curve in one row: eight heights a cell, or five characters where only ASCII may be drawn. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from porch_tui.tui.looks import Letters

HEIGHTS = {Letters.UNICODE: "▁▂▃▄▅▆▇█", Letters.ASCII: "_.-=#"}


def sparkline(values: Sequence[float], cells: int, letters: Letters) -> str:
    """Return the curve of the values, 0 at the bottom, the newest right; of a cell the largest counts."""
    if not values:
        return ""
    heights, count = HEIGHTS[letters], min(cells, len(values))
    groups = [values[len(values) * n // count : len(values) * (n + 1) // count] for n in range(count)]
    most = max(values) or 1.0
    return "".join(heights[round(max(0.0, *group) / most * (len(heights) - 1))] for group in groups)
