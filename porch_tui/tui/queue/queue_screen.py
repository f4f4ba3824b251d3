"""The merge queue full size: the line, all about one entry, and who will be in whose way."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.geometry import Size

from porch_tui.core.model.plan import TaskId
from porch_tui.present.signs import Charset
from porch_tui.tui.drawing.fields import lines
from porch_tui.tui.drawing.styles import Line
from porch_tui.tui.keys.bindings import QUEUE
from porch_tui.tui.log.excerpts import within
from porch_tui.tui.log.pane import LogPane
from porch_tui.tui.model.view import View
from porch_tui.tui.queue.entry_facts import of_the_line, told
from porch_tui.tui.queue.predicted_conflicts import ForeseenPane
from porch_tui.tui.queue.queue_list import QueueList, all_entries
from porch_tui.tui.widgets.live_screen import LiveScreen, ScreenContext
from porch_tui.tui.widgets.scrollable import ScrollableLines
from porch_tui.tui.widgets.task_rows import TaskRows

WIDE = 100
"""Cells from which the matrix has room beside the text."""


class QueueScreen(LiveScreen):
    """List above; below it the entry in full beside the matrix, or in place of both a log."""

    BINDINGS: ClassVar[list[BindingType]] = [*QUEUE]
    AUTO_FOCUS = "QueueList"

    def __init__(self, context: ScreenContext, task: TaskId | None) -> None:
        super().__init__(context)
        charset = context.charset
        self._shown_task = task
        self._list = QueueList(charset)
        self._told = EntryTold(charset)
        self._foreseen = ForeseenPane(charset)
        self._log = LogPane(jump_scroll=context.options.is_low_bandwidth, charset=charset)

    @property
    def chosen(self) -> TaskId | None:
        """The task under the cursor."""
        return self._shown_task

    def compose_body(self) -> ComposeResult:
        """Lay the parts out; the stylesheet says how."""
        self._take_shape(self.app.size)
        yield self._list
        with Container(id="below"):
            yield self._told
            yield self._foreseen
        yield self._log

    def draw_body(self, view: View) -> None:
        """Show a moment of the queue."""
        entries = all_entries(view)
        if self._shown_task not in view.state.entries and not self._foreseen.has_focus:
            self._shown_task = entries[0] if entries else self._shown_task
        self._list.draw(view, self._shown_task)
        log = self._log_path(self._shown_task)
        self._told.draw(view, self._shown_task, within(log, self.context.session.rundir.path))
        self._foreseen.draw(view, self._shown_task)

    def tick_body(self) -> None:
        """Look at the log, while it is shown."""
        if self.has_class("-log"):
            self._log.tick()

    def choose(self, task: TaskId) -> None:
        """Put the cursor on a task."""
        self._shown_task = task
        self.draw(self.view)

    def action_focus_log(self) -> None:
        """Show the log of what judged the entry: its validation, else its own."""
        path = self._log_path(self._shown_task)
        if self._shown_task is None or path is None:
            self.post_message(self.Notify("there is no log of it"))
            return
        self.add_class("-log")
        self._log.show(path, f"{self._shown_task}: {path.parent.name}")
        self._log.focus()

    def action_predictions(self) -> None:
        """Go to the matrix."""
        self.add_class("-foreseen")
        self._foreseen.focus()
        self.draw(self.view)

    def action_list(self) -> None:
        """Go to the list."""
        self.remove_class("-foreseen", "-log")
        self._list.focus()
        self.draw(self.view)

    async def action_back(self) -> None:
        """One step back: from a log or the matrix to the list, from there to the board."""
        if self.has_class("-log") or self._foreseen.has_focus:
            self.action_list()
        else:
            await self.run_action("app.close")

    def action_pages(self, pages: int) -> None:
        """Scroll the text without entering it."""
        self._told.action_scroll_pages(pages)

    def on_resize(self) -> None:
        """Divide the window anew."""
        self._take_shape(self.app.size)

    @on(TaskRows.Chosen)
    def _go_to(self, message: TaskRows.Chosen) -> None:
        self._told.top = 0
        self.choose(message.task)

    @on(ForeseenPane.Went)
    def _go_along(self, message: ForeseenPane.Went) -> None:
        self.choose(message.task)

    def _take_shape(self, size: Size) -> None:
        self.set_class(size.width >= WIDE, "-wide")

    def _log_path(self, task: TaskId | None) -> Path | None:
        if task is None:
            return None
        session = self.context.session
        judged = session.deciding_validation(task) if task in self.view.state.entries else None
        return session.validation_log(*judged) if judged else session.log(task)


class EntryTold(ScrollableLines):
    """Everything about the entry under the cursor, then about the line."""

    def __init__(self, charset: Charset) -> None:
        super().__init__(charset)
        self._view: View | None = None
        self._shown_task: TaskId | None = None
        self._log = ""

    def draw(self, view: View, task: TaskId | None, log: str) -> None:
        """Show one task at this moment."""
        self._view, self._shown_task, self._log = view, task, log
        self.redraw()

    def content(self, width: int) -> Sequence[Line]:
        """Return the facts."""
        if self._view is None:
            return []
        entry = told(self._view, self._shown_task, self._log) if self._shown_task is not None else []
        return lines([*entry, *of_the_line(self._view)], width, self.charset)
