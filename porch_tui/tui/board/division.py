"""How the board divides its window: what is beside what, how wide, and with how many rows. Pure."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from textual.geometry import Size

from porch_tui.present.arrangement import Layout


class Shape(Enum):
    """How the window is divided; the value is a class of the stylesheet."""

    WIDE = "-wide"
    STACKED = "-stacked"
    TINY = "-tiny"
    """Too small for a list: no task can be chosen."""


LEFT_SHARE = 0.4
"""Of the window, for the lists beside the log."""
LEAST_LEFT, LEAST_LOG = 30, 30
USUAL_LEFT = 47
"""Narrower than this they are only if the person wants that."""
ROOMY_CELLS, ROOMY_SHARE, ROOMY_LEFT = 150, 0.45, range(72, 101)
"""From what width on a list beside the log has room for what agents used, and how much it then takes."""
LEAST_PLOT_ROWS, MOST_PLOT_ROWS = 6, 20


def shape_of(size: Size, layout: Layout = Layout.AUTO) -> Shape:
    """Return how a window of this size is divided."""
    if size.width < 60 or size.height < 15:
        return Shape.TINY
    suits = Layout.BESIDE if size.width >= 100 else Layout.ABOVE
    return Shape.WIDE if (suits if layout is Layout.AUTO else layout) is Layout.BESIDE else Shape.STACKED


def left_cells(width: int, share: float | None, *, has_agents: bool) -> int:
    """Return how wide the lists beside the log are; `share` is what the person wants of the window."""
    if share is not None:
        wanted = round(width * share)
    elif has_agents and width >= ROOMY_CELLS:
        wanted = min(max(ROOMY_LEFT[0], round(width * ROOMY_SHARE)), ROOMY_LEFT[-1])
    else:
        wanted = max(USUAL_LEFT, round(width * LEFT_SHARE))
    return max(LEAST_LEFT, min(wanted, width - LEAST_LOG))


def rows_above(height: int) -> int:
    """Return how many rows the list takes above the log at the most, in a window of so many."""
    return max(5, height * 2 // 5)


class Heights(NamedTuple):
    """How many rows each part takes, with the lines around it."""

    tasks: int
    queue: int
    plots: int


def heights(rows: int, tasks: int, reasons: int, queue: int, queue_reasons: int = 0) -> Heights:
    """Return how rows are shared: the list takes what the queue leaves, and what is left over is for plots.

    `tasks` and `queue` are what they need for a row each, the others what whole reasons take besides.
    """
    least_queue = min(queue, max(3, rows // 4))
    for_tasks = min(tasks, rows - least_queue)
    for_queue = min(queue, rows - for_tasks)
    left = rows - for_tasks - for_queue
    for_reasons = min(reasons, left)
    left -= for_reasons
    for_queue += min(queue_reasons, left)
    left = rows - for_tasks - for_reasons - for_queue
    if left < LEAST_PLOT_ROWS:
        return Heights(for_tasks + for_reasons, for_queue + left, 0)
    for_plots = min(left, MOST_PLOT_ROWS)
    return Heights(for_tasks + for_reasons, for_queue + left - for_plots, for_plots)
