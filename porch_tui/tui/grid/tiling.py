"""The grid of logs: which tasks it shows, and how many panes a window holds in which layout. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from math import lcm

from msgspec import Struct

from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.status import TaskStatus
from porch_tui.tui.model.view import View

LEAST_WIDTH, LEAST_HEIGHT = 38, 6
"""A smaller pane shows too little of a log."""
GOOD_WIDTH = 50
"""Panes are as many side by side as have this width, and narrower only where not all fit otherwise."""
MOST_PANES = 12


class Tiling(Struct, frozen=True):
    """Panes in rows, filled from the left."""

    columns: int
    rows: int

    @property
    def places(self) -> int:
        """How many panes fit."""
        return self.columns * self.rows

    def holding(self, count: int) -> Tiling:
        """Return the layout of a page that holds so many: without the rows that would be empty."""
        return Tiling(self.columns, min(self.rows, max(1, -(-count // self.columns))))

    def spans(self, count: int) -> tuple[int, list[int]]:
        """Return how many columns to draw, and how many each pane spans: the last row is full, too."""
        last = count % self.columns or self.columns
        columns = lcm(self.columns, last)
        full = [columns // self.columns] * (count - last)
        return columns, full + [columns // last] * last


def tiling(count: int, width: int, height: int) -> Tiling:
    """Return the layout of `count` panes in so many cells: of all if they fit, else of as many as do."""
    most_columns, most_rows = max(1, width // LEAST_WIDTH), max(1, height // LEAST_HEIGHT)
    wanted = max(1, min(count, MOST_PANES, most_columns * most_rows))
    rows = min(most_rows, -(-wanted // max(1, width // GOOD_WIDTH)))
    columns = -(-wanted // rows)
    return Tiling(columns, -(-wanted // columns))


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


def why_not_shown(
    view: View, shown: Collection[TaskId], marked: Collection[TaskId], asked: TaskId | None
) -> str:
    """Return why tasks have no pane, in few words; empty if each has one.

    `asked` is the task that the person came from.
    """
    missing = [task for task in view.state.tasks if task not in shown]
    kinds = Counter(_why(view, task, marked) for task in missing)
    words = [f"{count} {why}" for why, count in sorted(kinds.items())]
    if asked in missing:
        assert asked is not None
        words.insert(0, f"{asked} ({_why(view, asked, marked)})")
    return f"not shown: {', '.join(words)}" if words else ""


def _why(view: View, task: TaskId, marked: Collection[TaskId]) -> str:
    known = view.state.tasks[task]
    if marked:
        return "not chosen"
    if not known.attempts:
        return "not begun"
    return "waiting to run again" if known.status is TaskStatus.PENDING else "ended"
