"""Rows with a cursor: a heading, then tasks of which one is chosen; the panes draw the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import BindingType
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.geometry import Size
from textual.message import Message

from porch_tui.core.model.plan import TaskId
from porch_tui.present.signs import Charset, Role
from porch_tui.tui.drawing.cells import bar
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.styles import Line, Span
from porch_tui.tui.keys.bindings import TASK_ROWS
from porch_tui.tui.widgets.frame import Extent
from porch_tui.tui.widgets.live_screen import LiveScreen

HEADING_ROWS = 1


class TaskRows(Rows, can_focus=True):
    """A list of tasks below a heading; the chosen one is always in view."""

    DEFAULT_CSS = "TaskRows { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [*TASK_ROWS]

    class Spilled(Message):
        """More rows, or fewer, are needed to show all there is to say."""

    _tasks: tuple[TaskId, ...] = ()
    _position: Mapping[TaskId, int] = MappingProxyType({})
    longest_cells: int = 0
    """The width of the longest name."""
    chosen: TaskId | None = None
    _top: int = 0
    _most: int = 0
    """How many tasks it has had at once."""
    _owners: Sequence[int] = ()
    """The number of the task of each row below the heading."""
    _first_cells: int = 0
    spilled_rows: int = 0
    """How many rows would be needed besides to show all there is to say."""

    @property
    def tasks(self) -> tuple[TaskId, ...]:
        """The tasks, top to bottom."""
        return self._tasks

    @tasks.setter
    def tasks(self, tasks: tuple[TaskId, ...]) -> None:
        # the same ones mostly: there may be thousands, and a frame looks at those in view
        if tasks != self._tasks:
            self._tasks = tasks
            self._position = {task: at for at, task in enumerate(tasks)}
            self.longest_cells = max(map(cell_len, tasks), default=0)
            if self.size and len(tasks) > self._most > 0:
                self.refresh(layout=True)  # the run has grown, and the list with it
            self._most = max(self._most, len(tasks))

    def task_line(self, task: TaskId) -> Line:
        """Return the row of one task."""
        raise NotImplementedError

    def task_lines(self, task: TaskId) -> list[Line]:
        """Return the row of one task, and below it what has no room there: shown while rows are free."""
        return [self.task_line(task)]

    def mark(self, task: TaskId) -> Span:
        """Return the first cell of a row: a bar beside the chosen task."""
        return Span(bar(self.charset), Role.RUN) if task == self.chosen else Span(" ")

    def heading(self) -> Line:
        """Return the row above the tasks."""
        raise NotImplementedError

    def empty_lines(self) -> list[Line]:
        """Return what to show if there are no tasks."""
        return []

    def compose_lines(self) -> list[Line]:
        """Return the heading and the tasks in view; the window moves only as far as it must."""
        rows = self.rows_in_view
        at = self._at()
        if at is not None:
            self._top = min(max(self._top, at - rows + 1), at)
        self._top = max(0, min(self._top, len(self.tasks) - rows))
        if len(self.tasks) > rows:
            shown = [[self.task_line(task)] for task in self.tasks[self._top : self._top + rows]]
        else:
            shown = [self.task_lines(task) for task in self.tasks]
        if (spilled := sum(map(len, shown)) - len(shown)) != self.spilled_rows:
            self.spilled_rows = spilled
            self.post_message(self.Spilled())
        free = rows - len(shown)
        lines: list[Line] = []
        owners: list[int] = []
        for number, wanted in enumerate(shown, start=self._top):
            own = wanted if len(wanted) - 1 <= free else [self.task_line(self.tasks[number])]
            free -= len(own) - 1
            lines += own
            owners += [number] * len(own)
        self._owners = owners
        return [self.heading(), *(lines or self.empty_lines())]

    @property
    def cells(self) -> int:
        """How wide it is, or will be in the first frame."""
        return self.size.width or self._first_cells

    def spill_at(self, cells: int, rows: int) -> int:
        """Return how many rows more than one a task are needed, if it will have so many cells and rows."""
        if not self.size.width:
            self._first_cells = cells
            if len(self.tasks) <= rows:
                self.spilled_rows = sum(len(self.task_lines(task)) for task in self.tasks) - len(self.tasks)
        return self.spilled_rows

    @property
    def rows_in_view(self) -> int:
        """How many rows there are below the heading."""
        return max(0, self.size.height - HEADING_ROWS)

    @property
    def extent(self) -> Extent:
        """Which of the tasks are in view."""
        return Extent(self._top, self.rows_in_view, len(self.tasks))

    def position(self) -> str:
        """Return which of the tasks are in view, `6–20 of 34`; empty if all are."""
        rows = self.rows_in_view
        if len(self.tasks) <= rows or not rows:
            return ""
        dash = "–" if self.charset is Charset.UNICODE else "-"
        return f"{self._top + 1:,}{dash}{self._top + rows:,} of {len(self.tasks):,}"

    def chosen_line(self) -> int | None:
        """Return the row of the chosen task, if it is in view."""
        at = self._at()
        if at is None or at not in self._owners:
            return None
        return self._owners.index(at) + HEADING_ROWS

    def on_focus(self) -> None:
        """Show that keys go here."""
        self.redraw()

    def on_blur(self) -> None:
        """Show that keys go elsewhere."""
        self.redraw()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how many rows all tasks take."""
        return HEADING_ROWS + max(1, len(self.tasks))

    def action_move(self, rows: int) -> None:
        """Choose the task so many rows down, up if negative."""
        at = self._at()
        self._choose(0 if at is None else at + rows)

    def action_first(self) -> None:
        """Choose the first task."""
        self._choose(0)

    def action_last(self) -> None:
        """Choose the last task."""
        self._choose(len(self.tasks) - 1)

    def on_click(self, event: Click) -> None:
        row = event.y - HEADING_ROWS
        if 0 <= row < len(self._owners):
            self._choose(self._owners[row])

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.stop()
        self.action_move(-1)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        self.action_move(1)

    def _at(self) -> int | None:
        return self._position.get(self.chosen) if self.chosen is not None else None

    def _choose(self, at: int) -> None:
        if self.tasks:
            self.post_message(LiveScreen.ChooseTask(self.tasks[min(max(0, at), len(self.tasks) - 1)]))
