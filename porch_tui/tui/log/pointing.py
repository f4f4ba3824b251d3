"""What a person points at in a log: lines that the mouse is drawn over, and the line that they went to."""

from __future__ import annotations

from textual.events import Click, MouseDown, MouseMove

from porch_tui.tui.log.links import Link, links_in
from porch_tui.tui.log.model import LogModel
from porch_tui.tui.log.view import LogView
from porch_tui.tui.log.window import Marked


class Pointing:
    """The mouse over the lines of a log."""

    def __init__(self, model: LogModel, view: LogView) -> None:
        self._model, self._view = model, view
        self._pressed_on: int | None = None
        """The line on which the button of the mouse was pressed; None: it is not held."""
        self._has_marked = False

    def links(self) -> tuple[Link, ...]:
        """Return what the line points at that was gone to last, or marked last."""
        model = self._model
        number = model.number_of(model.here) if model.here is not None else None
        number = model.marked.cursor if model.marked is not None else number
        if number is None or model.lines is None or number >= model.line_count:
            return ()
        return links_in(model.lines.line(number).head)

    def press(self, event: MouseDown) -> bool:
        """Begin on a line; return whether the mouse has to be followed from now on."""
        is_on_line = event.button == 1 and event.y >= self._view.title_rows
        self._pressed_on = self._view.line_at(event.y) if is_on_line else None
        self._has_marked = False
        return self._pressed_on is not None

    def marked(self, event: MouseMove) -> Marked | None:
        """Return what is to be marked since the mouse is here; None: nothing, or no more than is."""
        number = self._view.line_at(event.y)
        if event.button != 1 or self._pressed_on is None or number is None:
            return None
        if not self._has_marked and number == self._pressed_on:
            return None
        before, self._has_marked = self._model.marked, True
        return Marked(self._pressed_on, number, before.was_following if before else self._model.is_following)

    def release(self) -> None:
        """End on a line."""
        self._pressed_on = None

    def clicked(self, event: Click) -> int | None:
        """Return the number of the line that was clicked; None: lines were marked, or none is there."""
        is_on_line = event.y >= self._view.title_rows and not self._has_marked
        return self._view.line_at(event.y) if is_on_line else None
