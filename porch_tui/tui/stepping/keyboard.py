"""Has a person's terminal send what the program of a task has asked its own for. Pure.

Sequences for the terminal are returned, mostly none. Pastes and focus are reported for Textual already.
"""

from __future__ import annotations

from porch_tui.emulator import modes
from porch_tui.session import mirror
from porch_tui.tui.terminal.terminal import ALL_REPORTS, FEWER_REPORTS

TYPE_CHECKING = False
if TYPE_CHECKING:  # the board is shown without an emulator
    from porch_tui.emulator.screen import Screen


class Keyboard:
    """What the terminal was asked for so far."""

    def __init__(self, *, has_mouse: bool) -> None:
        self._has_mouse = has_mouse
        self._keys = mirror.KeyMirror()
        self._moves = False

    def begin(self) -> str:
        """Return what makes it send plain keys, not what Textual has asked for."""
        return mirror.BEGIN

    def after(self, screen: Screen) -> str:
        """Return what makes it send what the program expects now."""
        return self._move(self._has_mouse and modes.MOUSE_ALL in screen.modes) + self._keys.after(screen)

    def end(self) -> str:
        """Return what makes it send what it did before."""
        return self._move(False) + self._keys.end()

    def _move(self, is_wanted: bool) -> str:
        """Return what makes it report each move of the mouse, or no longer."""
        if is_wanted is self._moves:
            return ""
        self._moves = is_wanted
        return ALL_REPORTS if is_wanted else FEWER_REPORTS
