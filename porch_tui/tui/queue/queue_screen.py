"""The merge queue full size: its entries, one of them in full, and the predicted conflicts."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.geometry import Size

from porch_tui.core.model.plan import TaskId
from porch_tui.tui.keys.bindings import QUEUE
from porch_tui.tui.log.choice import worktree_of
from porch_tui.tui.log.excerpts import within
from porch_tui.tui.log.pane import LogPane
from porch_tui.tui.model.view import View
from porch_tui.tui.queue.entry_facts import entry_facts, queue_facts
from porch_tui.tui.queue.predicted_conflicts import PredictedConflicts
from porch_tui.tui.queue.queue_list import QueueList, all_entries
from porch_tui.tui.widgets.live_screen import LiveScreen, ScreenContext
from porch_tui.tui.widgets.scrollable import ScrollableFields

WIDE = 100
"""Cells from which the matrix has room beside the text."""


class QueueScreen(LiveScreen):
    """The list, and below it the entry in full beside the predicted conflicts; or only a log."""

    BINDINGS: ClassVar[list[BindingType]] = [*QUEUE]
    AUTO_FOCUS = "QueueList"
    DEFAULT_CSS = """
    QueueScreen { layers: base above; }
    QueueScreen #below { height: 1fr; width: 1fr; layout: horizontal; border-top: solid $rule; }
    QueueScreen.-ascii #below { border-top: ascii $rule; }
    QueueScreen ScrollableFields { width: 1fr; height: 1fr; }
    QueueScreen PredictedConflicts { width: 1fr; height: 1fr; display: none; }
    QueueScreen.-wide PredictedConflicts { display: block; margin: 0 0 0 1; }
    QueueScreen.-predicted PredictedConflicts { display: block; }
    QueueScreen.-predicted ScrollableFields { display: none; }
    QueueScreen.-wide ScrollableFields { display: block; }
    QueueScreen LogPane { display: none; height: 1fr; }
    QueueScreen.-log LogPane { display: block; }
    QueueScreen.-log #below { display: none; }
    QueueScreen.-log QueueList { display: none; }
    """

    def __init__(self, context: ScreenContext, task: TaskId | None) -> None:
        super().__init__(context, task)
        charset = context.charset
        self._list = QueueList(charset)
        self._text = ScrollableFields(charset)
        self._predicted = PredictedConflicts(charset)
        self._log = LogPane(jump_scroll=context.options.is_low_bandwidth, charset=charset)

    def compose_body(self) -> ComposeResult:
        """Lay the parts out; the stylesheet says how."""
        self._take_shape(self.app.size)
        yield self._list
        with Container(id="below"):
            yield self._text
            yield self._predicted
        yield self._log

    def draw_body(self, view: View) -> None:
        """Show a moment of the queue."""
        entries = all_entries(view)
        if self.task_id not in view.state.entries and not self._predicted.has_focus:
            self.task_id = entries[0] if entries else self.task_id
        self._list.draw(view, self.task_id)
        log = within(self._log_path(self.task_id), self.context.session.rundir.path)
        entry = entry_facts(view, self.task_id, log) if self.task_id is not None else []
        self._text.draw([*entry, *queue_facts(view)])
        self._predicted.draw(view, self.task_id)

    def tick_body(self) -> None:
        """Read what was added to the log, while it is shown."""
        if self.has_class("-log"):
            self._log.tick()

    def choose(self, task: TaskId) -> None:
        """Put the cursor on a task, and show its entry from the beginning."""
        self._text.top = 0
        super().choose(task)

    def action_focus_log(self) -> None:
        """Show the log that decided about the entry: its validation's, else its own."""
        path = self._log_path(self.task_id)
        if self.task_id is None or path is None:
            self.post_message(self.Notify("it has no log"))
            return
        self.add_class("-log")
        session = self.context.session
        transcripts = session.transcripts(self.task_id) if path == session.log(self.task_id) else None
        worktree = worktree_of(self.view.state, self.task_id)
        self._log.show(
            path, f"{self.task_id}: {path.parent.name}", transcripts=transcripts, worktree=worktree
        )
        self._log.focus()

    def action_predictions(self) -> None:
        """Go to the predicted conflicts."""
        self.add_class("-predicted")
        self._predicted.focus()
        self.draw(self.view)

    def action_list(self) -> None:
        """Go to the list."""
        self.remove_class("-predicted", "-log")
        self._list.focus()
        self.draw(self.view)

    async def action_back(self) -> None:
        """Go one step back: to the list, from there to the board."""
        if self.has_class("-log") or self._predicted.has_focus:
            self.action_list()
        else:
            await self.run_action("app.close")

    def action_pages(self, pages: int) -> None:
        """Scroll the text without entering it."""
        self._text.action_scroll_pages(pages)

    def on_resize(self) -> None:
        """Lay out the parts for the new size."""
        self._take_shape(self.app.size)

    def _take_shape(self, size: Size) -> None:
        self.set_class(size.width >= WIDE, "-wide")

    def _log_path(self, task: TaskId | None) -> Path | None:
        if task is None:
            return None
        session = self.context.session
        deciding = session.deciding_validation(task) if task in self.view.state.entries else None
        return session.validation_log(*deciding) if deciding else session.log(task)
