"""One task in the grid: a row with its status and usage, and its log below."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Container
from textual.events import Click

from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.telemetry import Sample
from porch_tui.present.signs import Charset, Role
from porch_tui.present.status_label import task_label
from porch_tui.present.statuses import look
from porch_tui.session.session import Session
from porch_tui.tui.drawing.cells import bar, shortened
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.sparkline import usage_spans
from porch_tui.tui.drawing.styles import Line, Span, glyph
from porch_tui.tui.log.choice import LogChoice, times_of
from porch_tui.tui.log.pane import LogPane
from porch_tui.tui.model.view import View
from porch_tui.tui.stepping.live_terminal import WATCHED_BYTES
from porch_tui.tui.terminal.options import ScreenOptions
from porch_tui.tui.widgets.live_screen import LiveScreen

HISTORY = 24
"""Samples that a sparkline has room for."""


class PaneTitle(Rows):
    """Number, glyph, name and status on the left; on the right what the task uses while it runs."""

    DEFAULT_CSS = "PaneTitle { background: $panel; }"
    _view: View | None = None
    _task_id: TaskId | None = None
    _number: int = 0
    _samples: Sequence[Sample] = ()
    _is_focused: bool = False
    _status: str = ""
    _is_needed: bool = False

    def draw(
        self, view: View, task: TaskId, number: int, samples: Sequence[Sample], *, is_focused: bool
    ) -> None:
        """Show this moment of a task; `number` is the key that leads here, 0 for none."""
        self._view, self._task_id, self._number, self._samples = view, task, number, samples
        self._is_focused = is_focused
        self.redraw()

    def draw_status(self, status: str, *, is_needed: bool) -> None:
        """Show how the log is scrolled, or what a terminal says; if that is needed, before all else."""
        if (status, is_needed) != (self._status, self._is_needed):
            self._status, self._is_needed = status, is_needed
            self.redraw()

    def compose_lines(self) -> list[Line]:
        """Return the one row; what does not fit is cut off on the right."""
        if self._view is None or self._task_id is None:
            return [()]
        where = task_label(self._view.state, self._task_id, self._view.now)
        seen = look(where.status, self.charset)
        mark = Span(bar(self.charset), Role.RUN) if self._is_focused else Span(" ")
        key = f"{self._number} " if self._number else ""
        word = f" {where.word}"
        needed = cell_len(self._status) + 1 if self._is_needed else 0
        room = self.size.width - 1 - len(key) - 2 - cell_len(word) - 1
        name = shortened(self._task_id, max(1, room - needed), self.charset)
        left = room - cell_len(name)
        status = shortened(self._status, left - 1, self.charset)
        left -= cell_len(status) + bool(status)
        usage = usage_spans(self._samples, left - 1, self.charset)
        left -= sum(cell_len(span.text) for span in usage)
        return [
            (
                mark,
                Span(key, Role.MUTED),
                glyph(seen),
                Span(f" {name}", Role.STRONG if self._is_focused else Role.TEXT, self._is_focused),
                Span(word, seen.sign.role),
                Span(f" {status}" if status else "", Role.MUTED),
                Span(" " * max(0, left)),
                *usage,
                Span(" "),
            )
        ]


class GridPane(Container):
    """A place in the grid, used by one task at a time."""

    DEFAULT_CSS = """
    GridPane { layout: vertical; width: 1fr; height: 1fr; }
    """

    def __init__(self, charset: Charset, options: ScreenOptions) -> None:
        super().__init__()
        self.task_id: TaskId | None = None
        self.log_pane = LogPane(
            jump_scroll=options.is_low_bandwidth,
            charset=charset,
            has_title=False,
            leave_keys=options.leave_keys,
        )
        self.log_pane.can_focus = False
        self._title = PaneTitle(charset)
        self._samples: Sequence[Sample] = ()
        self._path: Path | None = None

    def compose(self) -> ComposeResult:
        """Lay out title and log."""
        yield self._title
        yield self.log_pane

    def draw(self, session: Session, view: View, task: TaskId, number: int, *, is_focused: bool) -> None:
        """Show this moment of a task."""
        if task != self.task_id:
            self.task_id, self._samples = task, ()
        latest = view.usage.get(task)
        if latest is None:
            self._samples = ()
        elif not self._samples or self._samples[-1].at != latest.at:
            self._samples = session.samples(task, HISTORY)
        path = session.log(task) or session.next_log(task)
        if path != self._path:
            self._path = path
            times = partial(times_of, session, LogChoice(task))
            self.log_pane.show(path, task, times, session.transcripts(task))
        self._title.draw(view, task, number, self._samples, is_focused=is_focused)

    def tick(self) -> None:
        """Read what was added to the log."""
        pane = self.log_pane
        pane.tick(WATCHED_BYTES)
        has_status = pane.terminal.is_shown or not pane.is_plain
        is_needed = bool(pane.terminal.how_to_leave)
        self._title.draw_status(pane.status() if has_status else "", is_needed=is_needed)

    def on_click(self, event: Click) -> None:
        if self.task_id is not None:
            event.stop()
            self.post_message(LiveScreen.ChooseTask(self.task_id))
