"""Amounts over the time of a run, drawn in characters: a few rows high, one column for some of the time."""

from __future__ import annotations

from collections.abc import Sequence

from porch_tui.present.amounts import axis_time
from porch_tui.present.cells import WIDTH, left, right
from porch_tui.present.plots import Plot
from porch_tui.present.time_axis import Axis, shown_at
from porch_tui.report.forms.timeline import FOLD

ROWS = 4
LABEL_CELLS = 10


def drawn(plots: Sequence[Plot], width: int = WIDTH) -> list[str]:
    """Return the plots as lines of at most `width` cells, below each other on the same axis."""
    lines: list[str] = []
    for plot in plots:
        lines += [*_one(plot, width), ""]
    return lines[:-1]


def _one(plot: Plot, width: int) -> list[str]:
    columns = [_at(plot, number, width - LABEL_CELLS - 2) for number in range(width - LABEL_CELLS - 2)]
    heights = [-(-ROWS * amount // plot.top) if plot.top else 0 for amount in columns]
    rows = [
        "".join("#" if height >= row else " " for height in heights).rstrip() for row in range(ROWS, 0, -1)
    ]
    for crease, _ in Axis(0.0, shown_at(plot.until_s, plot.folds), len(columns), plot.folds).creases():
        rows = [f"{left(row, crease)[:crease]}{FOLD}{row[crease + 1 :]}" for row in rows]
    labels = [plot.top_written, *[""] * (ROWS - 2), "0"]
    end = axis_time(plot.until_s)
    ruler = f"{' ' * LABEL_CELLS} {left('0s', len(columns) - len(end))}{end}"
    body = [f"{right(label, LABEL_CELLS)} |{row}".rstrip() for label, row in zip(labels, rows, strict=True)]
    return [plot.title, *body, ruler]


def _at(plot: Plot, column: int, columns: int) -> float:
    """Return the largest amount in the time that a column stands for."""
    count = len(plot.amounts)
    first = column * count // columns
    return max(plot.amounts[first : max((column + 1) * count // columns, first + 1)])
