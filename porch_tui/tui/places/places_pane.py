"""The list of places with a cursor, and below it all about the one under the cursor."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from porch_tui.core.model.place import PlaceName
from porch_tui.core.model.plan import TaskId
from porch_tui.present.place_rows import tally_text
from porch_tui.present.signs import Charset, Role
from porch_tui.tui.drawing.cells import rule, shortened
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.styles import Line, Span
from porch_tui.tui.keys.bindings import PLACE_LIST
from porch_tui.tui.model.view import EngineStatus, View
from porch_tui.tui.places.place_lines import (
    DETAIL_LINES,
    Shown,
    detail_lines,
    heading,
    name_cells,
    place_line,
    shown_places,
)

TITLES = 2
"""Lines above the places."""


class PlacesPane(Rows, can_focus=True):
    """A line for each place."""

    DEFAULT_CSS = "PlacesPane { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [*PLACE_LIST]

    class Moved(Message):
        """The cursor is on another place."""

    def __init__(self, charset: Charset) -> None:
        super().__init__(charset)
        self._view: View | None = None
        self._shown: list[Shown] = []
        self._at: PlaceName | None = None
        self._toggled: frozenset[PlaceName] = frozenset()
        self._top = 0

    def draw(self, view: View) -> None:
        """Show a moment of the run."""
        is_new = self._view is None or view.state is not self._view.state
        self._view = view
        if is_new:
            self._look()
        self.redraw()

    def go_to_task(self, task: TaskId | None) -> None:
        """Put the cursor on the place where a task runs."""
        found = next((one for one in self._shown if task in _tasks(one) and not one.is_cluster), None)
        if found is not None:
            self._at = found.name
            self.redraw()

    @property
    def tasks_here(self) -> tuple[TaskId, ...]:
        """The tasks that run at the place under the cursor."""
        return _tasks(self._shown[self._here]) if self._shown else ()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to open only what can be opened."""
        return action != "fold" or (bool(self._shown) and self._shown[self._here].is_cluster)

    def action_go(self, rows: int) -> None:
        """Go to another place, no further than the ends."""
        if self._shown:
            self._at = self._shown[min(max(0, self._here + rows), len(self._shown) - 1)].name
            self.post_message(self.Moved())
            self.redraw()

    def action_page(self, pages: int) -> None:
        """Go a page further."""
        self.action_go(pages * max(1, self._room))

    def action_fold(self) -> None:
        """Open or close the cluster under the cursor."""
        self._toggled ^= {self._shown[self._here].name}
        self._look()
        self.redraw()

    def compose_lines(self) -> list[Line]:
        """Return the lines in view, so that the cursor is among them."""
        view, width = self._view, self.size.width
        if view is None or not self._shown:
            return [(Span(" this run has no places: its tasks run on this machine", Role.MUTED),)]
        names, here = name_cells(self._shown), self._here
        self._top = min(max(self._top, here - self._room + 1), here, max(0, len(self._shown) - self._room))
        in_view = self._shown[self._top : self._top + self._room]
        rows = [row for one in self._shown if not one.is_member for row in one.rows]
        has_engine = view.engine is not EngineStatus.GONE
        engine = "" if has_engine else "; no engine"
        text = f"places: {tally_text(rows, has_engine=has_engine)}{engine}"
        tally = shortened(text, max(0, width - 1), self.charset)
        lines: list[Line] = [
            (Span(f" {tally}", Role.STRONG),),
            heading(names, width, self.charset),
        ]
        for number, one in enumerate(in_view, start=self._top):
            is_open = number + 1 < len(self._shown) and self._shown[number + 1].is_member
            lines.append(
                place_line(one, names, width, view, self.charset, is_here=number == here, is_open=is_open)
            )
        lines += [()] * (self._room - len(in_view))
        lines.append((Span(rule(width, self.charset), Role.RULE),))
        return [*lines, *detail_lines(self._shown[here], view, width, self.charset)]

    def chosen_line(self) -> int | None:
        """Return the line of the place under the cursor."""
        return TITLES + self._here - self._top if self._shown else None

    @property
    def _room(self) -> int:
        """Lines for places."""
        return max(1, self.size.height - TITLES - 1 - DETAIL_LINES)

    @property
    def _here(self) -> int:
        return next((at for at, one in enumerate(self._shown) if one.name == self._at), 0)

    def _look(self) -> None:
        if self._view is not None:
            self._shown = shown_places(self._view.state, self._toggled)


def _tasks(one: Shown) -> tuple[TaskId, ...]:
    return tuple(task for row in one.rows for task in row.used.tasks)
