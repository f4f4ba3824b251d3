"""The logs of all running tasks side by side: one pane has the focus, and actions apply to its task.

A window too small for all shows pages of them. `tiling` chooses the tasks and the layout.
"""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container

from porch_tui.core.model.plan import TaskId
from porch_tui.present.signs import Role
from porch_tui.tui.drawing.cells import shortened
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.styles import Line, Span
from porch_tui.tui.grid.grid_pane import GridPane
from porch_tui.tui.grid.tiling import Tiling, moved, tasks_to_watch, tiling, why_not_shown
from porch_tui.tui.keys.bindings import GRID
from porch_tui.tui.model.view import View
from porch_tui.tui.widgets.live_screen import LiveScreen, ScreenContext

_NEAR_FPS, _FAR_FPS = 4, 1
"""How often logs without the focus are read, on this machine and over a slow connection."""
_SUMMARY_AND_KEYS = 2


class GridScreen(LiveScreen):
    """Two to twelve logs at once."""

    BINDINGS: ClassVar[list[BindingType]] = [*GRID]
    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    GridScreen { layers: base above; background: $background; }
    GridScreen #tiles { layout: grid; grid-gutter: 0 1; height: 1fr; }
    """

    def __init__(self, context: ScreenContext, task: TaskId | None) -> None:
        super().__init__(context, task)
        self._shown: tuple[TaskId, ...] = ()
        self._tiles = Tiling(1, 1)
        self._is_zoomed = False
        self._panes: list[GridPane] = []
        self._note = GridNote(context.charset)
        self._asked = task
        self._ticks = 0
        others = _FAR_FPS if context.options.is_low_bandwidth else _NEAR_FPS
        self._stride = max(1, round(context.options.fps / others))

    @property
    def chosen(self) -> TaskId | None:
        """The task whose pane has the focus."""
        return self.task_id if self.task_id in self._shown else None

    def choose(self, task: TaskId) -> None:
        """Focus the pane of a task."""
        super().choose(task)
        for pane in self._panes:
            pane.log_pane.can_focus = self._is_zoomed
        for pane in self._focused_panes():
            self.set_focus(pane.log_pane if self._is_zoomed else None)
        self.draw_keys()

    def compose_body(self) -> ComposeResult:
        """Lay the parts out."""
        yield Container(id="tiles")
        yield self._note

    def draw_body(self, view: View) -> None:
        """Show a moment of the run."""
        marked = self.inherited_targets if len(self.inherited_targets) > 1 else ()
        self._shown = tasks_to_watch(view, marked, self._shown, self.task_id)
        if self.task_id not in self._shown:
            self.task_id = self._shown[0] if self._shown else None
        missing = why_not_shown(view, self._shown, marked, self._asked)
        self._lay_out(has_note=bool(missing) or not self._shown)
        for at, (pane, task) in enumerate(zip(self._panes, self._on_page, strict=False), start=1):
            is_focused = task == self.task_id
            number = at if at <= 9 and not self._is_zoomed else 0
            pane.draw(self.context.session, view, task, number, is_focused=is_focused)
        self.terminal = next((pane.log_pane.terminal for pane in self._focused_panes()), None)
        self._note.draw(self._text_of_note(missing))

    def tick_body(self) -> None:
        """Read the focused log, and some of the others."""
        self._ticks += 1
        for at, pane in enumerate(self._panes):
            is_due = pane.task_id == self.task_id or (self._ticks + at) % self._stride == 0
            if pane.display and is_due:
                pane.tick()

    # --- where the person looks

    def action_move(self, right: int, down: int) -> None:
        """Go to a pane beside this one."""
        if self.chosen is not None:
            at = moved(self._shown.index(self.chosen), len(self._shown), self._tiles, right, down)
            self.choose(self._shown[at])

    def action_go(self, number: int) -> None:
        """Focus the pane of that number; zoom one that has the focus already."""
        at = self._first_on_page + number - 1
        if number > self._tiles.places or at >= len(self._shown):
            return
        if self._shown[at] == self.task_id:
            self.action_zoom()
        else:
            self.choose(self._shown[at])

    def action_zoom(self) -> None:
        """Give one log the whole window and the focus, or go back to all."""
        if self.chosen is not None:
            self._is_zoomed = not self._is_zoomed
            self.choose(self.chosen)

    def action_step_in(self) -> None:
        """Step into the task whose pane has the focus."""
        for pane in self._focused_panes():
            assert pane.task_id is not None
            pane.log_pane.can_focus = True
            pane.log_pane.terminal.step_in(partial(self.choose, pane.task_id))

    def action_back(self) -> None:
        """Go back to all panes, or to the board."""
        if self._is_zoomed:
            self.action_zoom()
        else:
            self.app.run_worker(self.app.run_action("close"))

    def action_follow(self) -> None:
        """Follow the end of the focused log, or stop following."""
        for pane in self._focused_panes():
            pane.log_pane.action_go("toggle_follow")

    def action_log_pages(self, half_pages: int) -> None:
        """Scroll the focused log."""
        for pane in self._focused_panes():
            pane.log_pane.action_go("scroll_half_pages", half_pages)

    def on_resize(self) -> None:
        """Lay out the panes for the new size."""
        self.draw(self.view)

    def _focused_panes(self) -> list[GridPane]:
        return [pane for pane in self._panes if pane.display and pane.task_id == self.task_id]

    # --- the tiles

    @property
    def _first_on_page(self) -> int:
        at = self._shown.index(self.task_id) if self.task_id in self._shown else 0
        return at - at % self._tiles.places

    @property
    def _on_page(self) -> tuple[TaskId, ...]:
        """The tasks with a pane on this page."""
        if self._is_zoomed and self.task_id is not None:
            return (self.task_id,)
        return self._shown[self._first_on_page :][: self._tiles.places]

    def _text_of_note(self, missing: str) -> str:
        """Say which panes are on other pages, and why other tasks have none."""
        if not self._shown:
            return "no task has run yet"
        first, count, on_page = self._first_on_page, len(self._shown), len(self._on_page)
        if on_page == count or self._is_zoomed:
            return missing
        below = count - first - on_page
        others = ", ".join(
            f"{many} more {where}" for many, where in ((first, "above"), (below, "below")) if many
        )
        pages = f"{first + 1}-{first + on_page} of {count}; {others} (keys j and k)"
        return f"{pages}; {missing}" if missing else pages

    def _lay_out(self, *, has_note: bool) -> None:
        width, height = self.app.size.width, self.app.size.height - _SUMMARY_AND_KEYS - has_note
        self._tiles = tiling(len(self._shown), width, height)
        if self._tiles.places < len(self._shown) and not has_note:
            self._tiles = tiling(len(self._shown), width, height - 1)
        tiles = self.query_one("#tiles")
        page = Tiling(1, 1) if self._is_zoomed else self._tiles.holding(len(self._on_page))
        columns, spans = page.spans(len(self._on_page))
        tiles.styles.grid_size_columns, tiles.styles.grid_size_rows = columns, page.rows
        while len(self._panes) < len(self._on_page):
            pane = GridPane(self.context.charset, self.context.options)
            self._panes.append(pane)
            tiles.mount(pane)
        for at, pane in enumerate(self._panes):
            pane.display = at < len(self._on_page)
            if pane.display:
                pane.styles.column_span = spans[at]


class GridNote(Rows):
    """A row that is there only while it has a text: which tasks have no pane, and why."""

    DEFAULT_CSS = "GridNote { display: none; } GridNote.-shown { display: block; }"
    _text: str = ""

    def draw(self, text: str) -> None:
        """Show a text."""
        self._text = text
        self.set_class(bool(self._text), "-shown")
        self.redraw()

    def compose_lines(self) -> list[Line]:
        """Return the one row."""
        return [(Span(" " + shortened(self._text, self.size.width - 2, self.charset), Role.MUTED),)]
