"""The panes of the board in their frames: lists beside the log, or above it, and the border between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.events import MouseDown, MouseMove

from porch_tui.present.signs import Charset
from porch_tui.tui.board.division import heights, left_cells, rows_above
from porch_tui.tui.board.plots_pane import PlotsPane
from porch_tui.tui.board.task_detail import TaskDetail
from porch_tui.tui.board.tasks import TaskList
from porch_tui.tui.keys.bindings import BORDER
from porch_tui.tui.log.pane import LogPane
from porch_tui.tui.model.view import View
from porch_tui.tui.queue.queue_list import QueuePane
from porch_tui.tui.widgets.frame import Frame
from porch_tui.tui.widgets.task_rows import HEADING_ROWS, TaskRows

BORDER_STEP = 4
"""Cells for each press of a key."""
BAR_ROWS = 2
"""The summary above and the keys below."""
FRAME_CELLS, FRAME_ROWS = 2, 1
"""Of a frame whose upper line is the heading of the pane."""


class Body(Container):
    """Divides its room among the panes; what is in them is up to the board."""

    BINDINGS: ClassVar[list[BindingType]] = [*BORDER]

    def __init__(
        self,
        tasks: TaskList,
        queue: QueuePane,
        plots: PlotsPane,
        detail: TaskDetail,
        log: LogPane,
        *,
        charset: Charset,
        share: float | None,
        keep: Callable[[float], object],
    ) -> None:
        """`share` is how much of the width the lists take; `keep` is called with what a person wants."""
        super().__init__(id="body")
        self._tasks, self._queue, self._plots = tasks, queue, plots
        self._detail, self._log = detail, log
        self._lists = Container(id="lists")
        self._task_frame, self._queue_frame = Frame(charset, id="tasks"), Frame(charset, id="entries")
        self._log_frame, self._plots_frame = Frame(charset, id="reading"), Frame(charset, id="over-time")
        self._is_wide, self._has_agents = False, False
        self._share = share
        """How much of the width the person wants for the lists; None: what is usual."""
        self._keep = keep
        self._kept = self._rested = share
        """What is kept, and where the border was a tick ago."""

    def compose(self) -> ComposeResult:
        """Lay the panes out; the stylesheet says how."""
        with self._lists:
            with self._task_frame:
                yield self._tasks
            with self._queue_frame:
                yield self._queue
            with self._plots_frame:
                yield self._plots
        with self._log_frame:
            yield self._detail
            yield self._log

    def divide(self, view: View, *, is_wide: bool) -> None:
        """Give each pane its columns and rows for what is shown: lists beside the log if `is_wide`."""
        self._is_wide, self._has_agents = is_wide, view.derived.agents is not None
        self._divide()

    def show_extents(self) -> None:
        """Mark which rows of each pane are in view."""
        self._task_frame.show(self._tasks.extent)
        self._queue_frame.show(self._queue.extent)
        self._log_frame.show(self._log.extent)

    def keep_border(self) -> None:
        """Have a border kept that was moved and has come to rest: it is where it was at the last tick."""
        if self._share == self._rested and self.app.mouse_captured is not self:
            self._keep_moved()
        self._rested = self._share

    def _keep_moved(self) -> None:
        if self._share is not None and self._share != self._kept:
            self._kept = self._share
            self._keep(self._share)

    def on_unmount(self) -> None:
        """Keep a border that was moved a moment ago."""
        self._keep_moved()

    def on_resize(self) -> None:
        """Divide the room there is now, also while nothing else is drawn: below a dialog, or at rest."""
        self._divide()

    def action_widen(self, steps: int) -> None:
        """Move the border to the right, to the left if negative."""
        if self._is_wide:
            self._put_border(self._lists.outer_size.width + steps * BORDER_STEP)

    def on_mouse_down(self, event: MouseDown) -> None:
        """Take hold of the border between lists and log."""
        edge = self._lists.region.right
        if self._is_wide and event.screen_x in (edge - 1, edge):
            self.capture_mouse()

    def on_mouse_move(self, event: MouseMove) -> None:
        """Move the border."""
        if self.app.mouse_captured is self:
            self._put_border(event.screen_x)

    def on_mouse_up(self) -> None:
        """Leave the border where it is."""
        if self.app.mouse_captured is self:
            self.release_mouse()

    def on_descendant_focus(self) -> None:
        """Show whether keys go to the log."""
        self._detail.show_focus(is_focused=self._log.has_focus)

    def _put_border(self, cells: int) -> None:
        width = max(1, self.app.size.width)
        self._share = left_cells(width, cells / width, has_agents=self._has_agents) / width
        self._divide()

    @on(TaskRows.Spilled)
    def _divide(self) -> None:
        width, rows = self.app.size.width, self.size.height or self.app.size.height - BAR_ROWS
        if not self._is_wide:
            self._lists.styles.clear_rule("width")
            self._task_frame.styles.clear_rule("height")
            self._tasks.styles.max_height = rows_above(self.app.size.height)
            return
        self._tasks.styles.clear_rule("max_height")
        self._lists.styles.width = cells = left_cells(width, self._share, has_agents=self._has_agents)
        if rows > 0:
            around = FRAME_ROWS + HEADING_ROWS
            shares = heights(
                rows,
                around + max(1, len(self._tasks.tasks)),
                self._tasks.spill_at(cells - FRAME_CELLS, rows),
                around + max(1, len(self._queue.tasks)),
                self._queue.spill_at(cells - FRAME_CELLS, rows),
            )
            self._task_frame.styles.height = shares.tasks
            self._plots_frame.styles.height = max(1, shares.plots)
            self._plots_frame.set_class(shares.plots > 0, "-shown")
            self.call_after_refresh(self.show_extents)
