"""What a person points at in a log: what the mouse is drawn over, words, links, and the line gone to."""

from __future__ import annotations

import re

from rich.cells import cell_len
from textual.events import Click, MouseDown, MouseMove

from porch_tui.tui.drawing.cells import in_cells
from porch_tui.tui.log.links import Link, links_in, places_in
from porch_tui.tui.log.model import LogModel
from porch_tui.tui.log.view import LogView, Place
from porch_tui.tui.log.window import Marked

_WORD = re.compile(r"[^\s\"'`()\[\]{}<>|,;]+")
_ENDS = ".:!?"
"""What ends a sentence, and belongs to no word before it."""


class Pointing:
    """The mouse over the lines of a log."""

    def __init__(self, model: LogModel, view: LogView) -> None:
        self._model, self._view = model, view
        self._pressed_on: Place | None = None
        """Where the button of the mouse was pressed; None: it is not held."""
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
        """Begin at a place; return whether the mouse has to be followed from now on."""
        is_on_line = event.button == 1 and event.y >= self._view.title_rows
        self._pressed_on = self._view.place_at(event.x, event.y) if is_on_line else None
        self._has_marked = False
        return self._pressed_on is not None

    def marked(self, event: MouseMove) -> Marked | None:
        """Return what is to be marked since the mouse is here; None: nothing, or no more than is."""
        place, pressed = self._view.place_at(event.x, event.y), self._pressed_on
        if event.button != 1 or pressed is None or place is None:
            return None
        if not self._has_marked and place == pressed:
            return None
        self._has_marked = True
        return self._mark(pressed.line, place.line, (pressed.cell, place.cell))

    def release(self) -> None:
        """End at a place."""
        self._pressed_on = None

    def clicked(self, event: Click) -> Place | None:
        """Return the place that was clicked; None: something was marked, or there is no line."""
        is_on_line = event.button == 1 and event.y >= self._view.title_rows and not self._has_marked
        return self._view.place_at(event.x, event.y) if is_on_line else None

    def links_at(self, place: Place) -> tuple[Link, ...]:
        """Return what is pointed at by the text of a place."""
        segments = self._view.segments(place.line)
        at = self._character(place)
        return tuple(one.link for one in places_in(segments) if one.first <= at < one.end)

    def word_at(self, place: Place) -> Marked | None:
        """Return the word of a place, to be marked; None: there is none."""
        text, at = self._view.text(place.line), self._character(place)
        for word in _WORD.finditer(text):
            end = word.start() + len(word[0].rstrip(_ENDS))
            if word.start() <= at < end:
                first, last = cell_len(text[: word.start()]), cell_len(text[:end]) - 1
                return self._mark(place.line, place.line, (first, last))
        return None

    def line_of(self, place: Place) -> Marked:
        """Return the line of a place, to be marked."""
        return self._mark(place.line, place.line, None)

    def _character(self, place: Place) -> int:
        """Return the number of the character in a cell; behind the end of the text, one that is not there."""
        return in_cells(self._view.text(place.line), place.cell, place.cell + 1)[0]

    def _mark(self, anchor: int, cursor: int, cells: tuple[int, int] | None) -> Marked:
        before = self._model.marked
        return Marked(anchor, cursor, before.was_following if before else self._model.is_following, cells)
