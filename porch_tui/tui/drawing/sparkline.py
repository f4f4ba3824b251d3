"""A few numbers as one row of bars, the newest on the right. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from porch_tui.present.signs import Charset

_BARS = {Charset.UNICODE: "▁▂▃▄▅▆▇█", Charset.ASCII: "_.:-=+*#"}


def sparkline(values: Sequence[float], cells: int, full: float, charset: Charset) -> str:
    """Return the last `cells` values as bars, blanks before them where there are fewer.

    `full` is what fills a cell, unless some value is larger: then that does. Zero is the lowest bar.
    """
    bars = _BARS[charset]
    shown = values[-cells:] if cells > 0 else ()
    top = max([full, *shown])
    drawn = "".join(bars[_level(value, top, len(bars))] for value in shown)
    return drawn.rjust(max(0, cells))


def _level(value: float, top: float, levels: int) -> int:
    return min(levels - 1, int(max(0.0, value) / top * levels)) if top > 0 else 0


def curve(values: Sequence[float], cells: int, charset: Charset) -> str:
    """Return all of the values in at most so many cells, 0 at the bottom; of a cell the largest counts."""
    count = min(cells, len(values))
    groups = [values[len(values) * n // count : len(values) * (n + 1) // count] for n in range(count)]
    return sparkline([max(group) for group in groups], count, 0.0, charset)
