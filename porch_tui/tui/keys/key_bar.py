"""The bottom line of keys, each a button for the mouse too, and short notices above it.

It is told the keys by the screen, and knows no verb.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from rich.cells import cell_len
from textual.events import Click
from textual.message import Message

from porch_tui.present.signs import Role
from porch_tui.tui.drawing.cells import wrapped
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.styles import Line, Span
from porch_tui.tui.model.messages import Message as Spoken
from porch_tui.tui.model.view import View
from porch_tui.tui.terminal.ansi import said

NOTICE_LINES = 4
NOTICE_S = 6.0
"""A notice stays at least so long,"""
CHARACTERS_A_S = 15
"""and longer the more there is to read."""
_GAP_CELLS = 3
"""Between two keys of the bar."""


class Key(Struct, frozen=True):
    """One key of the bar."""

    key: str
    """As it is written for people."""
    label: str
    id: str
    """Of the binding."""


class KeyBar(Rows):
    """Keys left to right, as many as fit; the last two (help and quit) are always there."""

    DEFAULT_CSS = "KeyBar { background: $panel; }"
    keys: tuple[Key, ...] = ()
    always: tuple[Key, ...] = ()

    class Pressed(Message):
        """A key was clicked."""

        def __init__(self, id: str) -> None:
            super().__init__()
            self.id = id

    def draw(self, keys: tuple[Key, ...], always: tuple[Key, ...]) -> None:
        """Show these keys, the more important first."""
        self.keys, self.always = keys, always
        self.redraw()

    def compose_lines(self) -> list[Line]:
        """Return the one line."""
        spans = [Span(" ")]
        for key in self._fitting():
            spans += [
                Span(key.key, Role.RUN, is_bold=True),
                Span(f" {key.label}{' ' * _GAP_CELLS}", Role.MUTED),
            ]
        return [tuple(spans)]

    def on_click(self, event: Click) -> None:
        at = 1
        for key in self._fitting():
            if at <= event.x < at + _cells(key):
                self.post_message(self.Pressed(key.id))
            at += _cells(key)

    def _fitting(self) -> list[Key]:
        """Return the keys that have room, the more important served first; the last needs no gap."""
        room = self.size.width - 1 + _GAP_CELLS - sum(map(_cells, self.always))
        shown: list[Key] = []
        for key in self.keys:
            if _cells(key) <= room:
                room -= _cells(key)
                shown.append(key)
        return [*shown, *self.always]


def _cells(key: Key) -> int:
    return cell_len(key.key) + 1 + cell_len(key.label) + _GAP_CELLS


class Notice(Rows):
    """A few words about something the person did, over the last rows until they are read."""

    DEFAULT_CSS = """
    Notice { display: none; layer: above; dock: bottom; height: auto; margin: 0 0 1 0; background: $panel; }
    Notice.-told { display: block; }
    """
    text: str = ""
    _ends_at: float = 0.0
    _is_over: Callable[[View], bool] | None = None

    def say(self, message: Spoken, now: float) -> None:
        """Show a message, in place of the one before; the same again stays longer.

        What a program has said in it, a hook or git, is told without its colours.
        """
        text, self._is_over = said(message.text), message.is_over
        self._ends_at = now + NOTICE_S + len(text) / CHARACTERS_A_S
        if text != self.text:
            self._show(text)

    def follow(self, view: View) -> None:
        """Take the notice away when what it is about has moved on."""
        if self.text and self._is_over is not None and self._is_over(view):
            self._show("")

    def take_back(self) -> None:
        """Take the notice away."""
        if self.text:
            self._show("")

    def expire(self, now: float) -> None:
        """Take the notice away when it was there long enough."""
        if self.text and now >= self._ends_at:
            self._show("")

    def _show(self, text: str) -> None:
        self.text = text
        self.set_class(bool(text), "-told")
        self.refresh(layout=True)
        self.redraw()

    def compose_lines(self) -> list[Line]:
        """Return the text, broken into lines."""
        return self._composed(self.size.width)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """Return how many rows the text takes in so many columns."""
        return max(1, len(self._composed(width)))

    def _composed(self, width: int) -> list[Line]:
        lines = wrapped(self.text, width - 4)[:NOTICE_LINES]
        return [
            (Span(" ! " if y == 0 else "   ", Role.ASK, is_bold=True), Span(text))
            for y, text in enumerate(lines)
        ]
