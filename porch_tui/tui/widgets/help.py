"""The help screen: every key that works now and what it does, the focused place first; enter runs it.

Letters are keys here too: `?` and `q` close it, and a search starts with `/`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message
from textual.screen import ModalScreen

from porch_tui.present.signs import Charset, Role
from porch_tui.tui.drawing.cells import bar, left
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.styles import Line, Span
from porch_tui.tui.keys.active_keys import ActiveKey
from porch_tui.tui.keys.bindings import HELP, PLACES
from porch_tui.tui.widgets.frame import Frame
from porch_tui.tui.widgets.prompt import Prompt

KEY_CELLS = 18
WITH_IDS = 100
"""From so many columns on the ids are shown, which a person's own key file names."""
_FOOT_ROWS = 3
_HEADING_ROWS = 2


class HelpList(Rows):
    """The keys by place, one of them chosen, and below what can be done with it."""

    DEFAULT_CSS = """
    HelpList { height: auto; max-height: 100%; background: $panel; }
    HelpList > .rows--chosen { background: $background; }
    HelpList:ansi > .rows--chosen { background: ansi_default; text-style: reverse; }
    """

    class Picked(Message):
        """A key was clicked."""

    def __init__(self, keys: Sequence[ActiveKey], charset: Charset) -> None:
        super().__init__(charset)
        first = keys[0].place
        places = list(dict.fromkeys([first, *PLACES, *(one.place for one in keys)]))
        self._all = sorted(keys, key=lambda one: places.index(one.place))
        self._listed = self._all
        self.words = ""
        self._at = self._first_action
        self._top = 0

    @property
    def chosen(self) -> ActiveKey | None:
        """The key under the cursor; None if no key matches."""
        return self._listed[self._at] if self._listed else None

    @property
    def page(self) -> int:
        """How many keys fit, about."""
        return max(1, self._rows - _HEADING_ROWS)

    def move(self, keys: int) -> None:
        """Choose another key, no further than the ends."""
        self._choose(self._at + keys)

    def find(self, words: str) -> None:
        """List only keys that match all words, and choose the first that does more than move."""
        self.words = words
        self._listed = [one for one in self._all if is_about(one, words)]
        self._top = 0
        self._choose(self._first_action)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """Return the rows that all keys take: the size stays when fewer are listed."""
        places = len({one.place for one in self._all})
        return len(self._all) + _HEADING_ROWS * places + _FOOT_ROWS

    def compose_lines(self) -> list[Line]:
        """Return the lines in view, and the foot."""
        lines: list[Line] = []
        for place, keys in groupby(self._listed, key=lambda one: one.place):
            lines += [(), (Span(f"  {PLACES.get(place, place)}", Role.STRONG),)]
            lines += [self._line(one) for one in keys]
        if not lines:
            lines = [(), (Span("  no key matches", Role.MUTED),)]
        row = highest = self._row_of(self._at)
        if self._at == 0 or self._listed[self._at - 1].place != self._listed[self._at].place:
            highest -= _HEADING_ROWS  # a heading stays with its first key
        self._top = max(0, min(max(self._top, row - self._rows + 1), highest))
        shown = lines[self._top : self._top + self._rows]
        return [*shown, *[()] * (self._rows - len(shown)), (), self._foot(), ()]

    def chosen_line(self) -> int | None:
        """Return the row of the chosen key."""
        return self._row_of(self._at) - self._top if self._listed else None

    def on_click(self, event: Click) -> None:
        row = event.y + self._top
        rows = [self._row_of(at) for at in range(len(self._listed))]
        if event.y < self._rows and row in rows:
            self._choose(rows.index(row))
            self.post_message(self.Picked())

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.stop()
        self.move(-3)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        self.move(3)

    @property
    def _first_action(self) -> int:
        return next((at for at, one in enumerate(self._listed) if not one.is_move), 0)

    @property
    def _rows(self) -> int:
        """How many lines of the list are in view."""
        return max(1, self.size.height - _FOOT_ROWS)

    def _choose(self, at: int) -> None:
        self._at = min(max(0, at), max(0, len(self._listed) - 1))
        self.redraw()

    def _row_of(self, at: int) -> int:
        """Return the line of the `at`-th key that is listed, headings counted."""
        places = [one.place for one in self._listed[: at + 1]]
        return at + _HEADING_ROWS * len(dict.fromkeys(places))

    def _line(self, one: ActiveKey) -> Line:
        mark = bar(self.charset) if one is self.chosen else " "
        keys = left(" ".join(one.keys), KEY_CELLS, self.charset)
        named = f"  {one.id} " if self.size.width >= WITH_IDS else ""
        text = left(one.help, self.size.width - KEY_CELLS - 2 - len(named), self.charset)
        return Span(mark, Role.RUN), Span(f" {keys}", Role.RUN), Span(text), Span(named, Role.MUTED)

    def _foot(self) -> Line:
        """Return what can be done now."""
        one, offers = self.chosen, [("/", "search"), ("esc", "all keys" if self.words else "close")]
        if one is not None:
            run = (one.keys[0], "works only in its place") if one.is_move else ("enter", "run it")
            offers.insert(0, run)
        spans = [Span("  ")]
        for key, does in offers:
            spans += [Span(key, Role.RUN, is_bold=True), Span(f" {does}   ", Role.MUTED)]
        return tuple(spans)


def is_about(one: ActiveKey, words: str) -> bool:
    """Say whether all words are in a key, its names, its help or its place."""
    texts = (*one.keys, one.id, one.label, one.help, one.other_names, PLACES.get(one.place, ""))
    text = " ".join(texts).casefold()
    return all(word in text for word in words.casefold().split())


class Help(ModalScreen[ActiveKey | None]):
    """Lists the keys, and is dismissed with the one to run; with None if it was only read."""

    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    Help { align: center middle; layers: base above; }
    Help > Frame { width: 102; max-width: 100%; height: auto; max-height: 100%; }
    Help > Frame { padding: 1; background: $panel; }
    Help Prompt { margin: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*HELP]

    def __init__(self, keys: Sequence[ActiveKey], charset: Charset) -> None:
        """`keys` begin with those of the focused place."""
        super().__init__()
        self._list = HelpList(keys, charset)
        self._prompt = Prompt()

    def compose(self) -> ComposeResult:
        """Show the keys in the middle."""
        with Frame(self._list.charset, is_accented=True):
            yield self._list
        yield self._prompt

    def action_move(self, keys: int) -> None:
        """Go to another key."""
        self._list.move(keys)

    def action_pages(self, pages: int) -> None:
        """Go a page down, or up if negative."""
        self._list.move(pages * self._list.page)

    def action_search(self) -> None:
        """Ask for words; the list follows what is typed."""
        self._prompt.ask("action, key or place", self._list.words)

    def action_run(self) -> None:
        """Close, and run the chosen key at its place; keys that only move work only there."""
        one = self._list.chosen
        if one is not None and not one.is_move:
            self.dismiss(one)

    def action_back(self) -> None:
        """List all keys again, or close."""
        if self._list.words:
            self._list.find("")
        else:
            self.dismiss(None)

    @on(Prompt.Typed)
    def _find(self, message: Prompt.Typed) -> None:
        self._list.find(message.text)

    @on(Prompt.Ended)
    def _found(self, message: Prompt.Ended) -> None:
        self.set_focus(None)
        if message.text:
            self.action_run()
        else:
            self._list.find("")

    @on(HelpList.Picked)
    def _pick(self) -> None:
        self.action_run()
