"""The grid of logs: which tasks it shows, and how many panes a window holds in which layout. Pure."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.status import TaskStatus
from porch_tui.tui.model.view import View

LEAST_WIDTH, LEAST_HEIGHT = 38, 6
"""A smaller pane shows too little of a log."""
MOST_PANES = 12
_GOOD_WIDTH = 80


class Tiling(Struct, frozen=True):
    """Panes in rows, filled from the left."""

    columns: int
    rows: int

    @property
    def places(self) -> int:
        """How many panes fit."""
        return self.columns * self.rows


def tiling(count: int, width: int, height: int) -> Tiling:
    """Return the layout of `count` panes in so many cells: of all if they fit, else of as many as do.

    Of the layouts with the fewest empty places it is the one whose panes are closest to 80 columns.
    """
    most_columns, most_rows = max(1, width // LEAST_WIDTH), max(1, height // LEAST_HEIGHT)
    wanted = max(1, min(count, MOST_PANES, most_columns * most_rows))
    layouts = [
        Tiling(columns, -(-wanted // columns))
        for columns in range(1, min(most_columns, wanted) + 1)
        if -(-wanted // columns) <= most_rows
    ]
    return min(layouts, key=lambda one: (one.places - wanted, abs(width / one.columns - _GOOD_WIDTH)))


def moved(at: int, count: int, tiles: Tiling, right: int, down: int) -> int:
    """Return the pane so many to the right, continuing in the next row, and so many rows down.

    It is the same one if there is none there. Panes of the next page are below those of this one.
    """
    here = at + right + down * tiles.columns
    if down > 0 and here >= count and at // tiles.columns < (count - 1) // tiles.columns:
        return count - 1  # the last row is not full
    return here if 0 <= here < count else at


_FAILED = {TaskStatus.FAILED, TaskStatus.PAUSED}


def tasks_to_watch(
    view: View, marked: Collection[TaskId], before: Collection[TaskId], focused: TaskId | None
) -> tuple[TaskId, ...]:
    """Return the tasks to show, in plan order: the marked ones, else those that are running.

    A task that failed while it was shown stays, and so does the focused one. If none of these, every task
    that has ever run is shown.
    """
    tasks = view.state.tasks
    if marked:
        return tuple(task for task in tasks if task in marked)
    active = set(view.state.active)
    stays = {task for task in before if task == focused or tasks[task].status in _FAILED}
    shown = tuple(task for task in tasks if task in active or task in stays)
    return shown or tuple(task for task in tasks if tasks[task].attempts)
