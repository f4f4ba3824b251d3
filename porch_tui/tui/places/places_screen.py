"""Places: how each is, and the tasks that run there, on which the keys of a task work."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult

from porch_tui.core.model.plan import TaskId
from porch_tui.tui.model.view import View
from porch_tui.tui.places.places_pane import PlacesPane
from porch_tui.tui.widgets.live_screen import LiveScreen, ScreenContext


class PlacesScreen(LiveScreen):
    """A list of places."""

    AUTO_FOCUS = "PlacesPane"

    def __init__(self, context: ScreenContext, task: TaskId | None) -> None:
        super().__init__(context, task)
        self._pane = PlacesPane(context.charset)
        self._is_new = True

    def compose_body(self) -> ComposeResult:
        """Lay the parts out."""
        yield self._pane

    def draw_body(self, view: View) -> None:
        """Show a moment of the run."""
        self._pane.draw(view)
        if self._is_new:
            self._is_new = False
            self._pane.go_to_task(self.task_id)
        self._choose_there()

    @on(PlacesPane.Moved)
    def _follow(self) -> None:
        """Act on what runs at the place under the cursor from now on."""
        self._choose_there()
        self.refresh_bindings()
        self.draw_keys()

    def _choose_there(self) -> None:
        """Choose a task of the place under the cursor; none where none runs: no key acts on another place."""
        if self.task_id not in (tasks := self._pane.tasks_here):
            self.task_id = tasks[0] if tasks else None
