"""The help screen: every key that is bound just now and what it does, the focused place first."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import MouseScrollDown, MouseScrollUp
from textual.screen import ModalScreen

from porch_tui.tui.bound_keys import PLACES, BoundKeys
from porch_tui.tui.cells import left
from porch_tui.tui.inks import Line, Span, Tone
from porch_tui.tui.looks import Hue, Letters
from porch_tui.tui.rows import Rows

KEY_CELLS = 18
WIDEST = 72
WITH_IDS = 100
"""From so many columns each key also says what it is called, for who wants another in its place."""


class Help(ModalScreen[None]):
    """Lists the keys; closes on the key that opened it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark", "dismiss", "back", id="help.back"),
        Binding("j,down", "scroll(1)", "down", id="help.down"),
        Binding("k,up", "scroll(-1)", "up", id="help.up"),
        Binding("space,ctrl+d,pagedown", "scroll(10)", "page down", id="help.page_down"),
        Binding("b,ctrl+u,pageup", "scroll(-10)", "page up", id="help.page_up"),
    ]

    def __init__(self, keys: Sequence[BoundKeys], letters: Letters) -> None:
        super().__init__()
        self._text = HelpText(keys, letters)

    def compose(self) -> ComposeResult:
        """Show the keys in the middle."""
        yield self._text

    def action_scroll(self, lines: int) -> None:
        """Move the list, up if negative."""
        self._text.move(lines)


class HelpText(Rows):
    """The keys, a heading above each place's."""

    DEFAULT_CSS = "HelpText { width: auto; height: auto; max-height: 100%; background: $panel; }"

    def __init__(self, keys: Sequence[BoundKeys], letters: Letters) -> None:
        super().__init__(letters)
        self._keys = sorted(keys, key=lambda one: _rank(keys, one))
        self._top = 0

    def move(self, lines: int) -> None:
        """Scroll, as far as there is anything to see."""
        last = max(0, len(self._composed(self.size.width)) - self.size.height)
        self._top = min(max(0, self._top + lines), last)
        self.redraw()

    def get_content_width(self, container: object, viewport: object) -> int:
        """Return the cells the text takes."""
        width = self.app.size.width
        return WITH_IDS if width >= WITH_IDS else min(WIDEST, width)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """Return the rows the text takes."""
        return len(self._composed(width))

    def compose_lines(self) -> list[Line]:
        """Return the lines in view."""
        return self._composed(self.size.width)[self._top : self._top + self.size.height]

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.stop()
        self.move(-3)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        self.move(3)

    def _composed(self, width: int) -> list[Line]:
        lines: list[Line] = []
        for place, keys in groupby(self._keys, key=lambda one: one.place):
            lines += [(), (Span(f"  {PLACES.get(place, place)}", Tone.STRONG),)]
            lines += [self._line(one, width) for one in keys]
        return [*lines, (), (Span("  esc closes this, j and k scroll it", Tone.MUTED),), ()]

    def _line(self, one: BoundKeys, width: int) -> Line:
        keys = left(" ".join(one.keys), KEY_CELLS, self.letters)
        named = f"  {one.id} " if width >= WITH_IDS else ""
        text = left(one.text, width - KEY_CELLS - 2 - len(named), self.letters)
        return Span(f"  {keys}", Hue.RUN), Span(text), Span(named, Tone.MUTED)


def _rank(keys: Sequence[BoundKeys], one: BoundKeys) -> int:
    """Return where the key's place comes: the focused one, which is first in `keys`, then as listed above."""
    first = keys[0].place
    places = [first, *(place for place in PLACES if place != first)]
    return places.index(one.place) if one.place in places else len(places)
