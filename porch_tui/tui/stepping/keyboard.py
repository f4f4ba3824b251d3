"""Has a person's terminal send what the program of a task has asked its own for. Pure.

Sequences for the terminal are returned, mostly none. Pastes and focus are reported for Textual already.
"""

from __future__ import annotations

from porch_tui.emulator import modes
from porch_tui.emulator.screen import Screen
from porch_tui.tui.terminal.terminal import ALL_REPORTS, FEWER_REPORTS

_BEGIN, _END = "\x1b[>0u", "\x1b[<u"
"""Kitty's protocol: plain keys in place of what Textual has asked for, which comes back at the end."""


class Keyboard:
    """What the terminal was asked for so far."""

    def __init__(self, *, has_mouse: bool) -> None:
        self._has_mouse = has_mouse
        self._arrows = self._keypad = self._moves = False
        self._flags = 0

    def begin(self) -> str:
        """Return what makes it send plain keys."""
        return _BEGIN

    def after(self, screen: Screen) -> str:
        """Return what makes it send what the program expects now."""
        wanted = screen.modes
        return self._switch(
            arrows=modes.ARROWS in wanted,
            keypad=modes.KEYPAD in wanted,
            moves=self._has_mouse and modes.MOUSE_ALL in wanted,
            flags=screen.keyboard[-1],
        )

    def end(self) -> str:
        """Return what makes it send what it did before."""
        return self._switch(arrows=False, keypad=False, moves=False, flags=self._flags) + _END

    def _switch(self, *, arrows: bool, keypad: bool, moves: bool, flags: int) -> str:
        out = ""
        if arrows != self._arrows:
            out += "\x1b[?1h" if arrows else "\x1b[?1l"
        if keypad != self._keypad:
            out += "\x1b=" if keypad else "\x1b>"
        if moves != self._moves:
            out += ALL_REPORTS if moves else FEWER_REPORTS
        if flags != self._flags:
            out += f"\x1b[={flags}u"
        self._arrows, self._keypad, self._moves, self._flags = arrows, keypad, moves, flags
        return out
