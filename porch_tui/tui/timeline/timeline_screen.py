"""What ran when: attempts, time in the queue, validations and landings, the critical path set off; live."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult

from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.present.gantt import chart
from porch_tui.present.summary import Summary, summarise
from porch_tui.tui.keys.live_screen import LiveScreen, Setting
from porch_tui.tui.model.view import View
from porch_tui.tui.timeline.timeline_pane import TimelinePane


class TimelineScreen(LiveScreen):
    """The pane does the rest."""

    def __init__(self, setting: Setting, task: TaskId | None) -> None:
        super().__init__(setting)
        self._on = task
        self._pane = TimelinePane(setting.charset)
        self._folded: tuple[RunState, Summary] | None = None

    @property
    def chosen(self) -> TaskId | None:
        """The task whose row the cursor is on, or was last."""
        return self._on

    def compose_body(self) -> ComposeResult:
        """Give the pane all the room."""
        yield self._pane

    def draw_body(self, view: View) -> None:
        """Show the run up to this moment."""
        summary = self._figures(view)
        until_s = max(summary.wall_s, view.now - view.state.opened_at)
        drawn = chart(replace(summary, wall_s=until_s))
        self._pane.draw(drawn, view.state.opened_at, self._on)

    def choose(self, task: TaskId) -> None:
        """Put the cursor on a task's row."""
        self._on = task
        self.draw(self.view)

    def _figures(self, view: View) -> Summary:
        if self._folded is None or self._folded[0] is not view.state:
            self._folded = view.state, summarise(view.state, self.setting.session.records)
        return self._folded[1]

    @on(TimelinePane.Went)
    def _go_along(self, message: TimelinePane.Went) -> None:
        self.choose(message.task)
