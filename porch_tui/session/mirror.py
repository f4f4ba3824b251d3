"""Has a person's terminal send what the task's program has asked its own for: keys. Pure.

What mouse and focus take differs between those who read that terminal, and is theirs.
"""

from __future__ import annotations

from porch_tui.emulator import modes

TYPE_CHECKING = False
if TYPE_CHECKING:  # the board is shown without an emulator
    from porch_tui.emulator.screen import Screen

BEGIN, END = "\x1b[>0u", "\x1b[<u"
"""Kitty's protocol: no flags that another program has asked for; at the end they come back."""


class KeyMirror:
    """What keys of one terminal were asked to send so far."""

    def __init__(self) -> None:
        self._has_arrows = self._has_keypad = False
        self.flags = 0
        """Of the keyboard, in Kitty's protocol."""

    def after(self, screen: Screen) -> str:
        """Return what makes keys send what the program expects now; mostly nothing."""
        wanted = screen.modes
        return self._switch(modes.ARROWS in wanted, modes.KEYPAD in wanted, screen.keyboard[-1])

    def end(self) -> str:
        """Return what makes them send what they did before."""
        return self._switch(False, False, self.flags) + END

    def _switch(self, has_arrows: bool, has_keypad: bool, flags: int) -> str:
        out = ""
        if has_arrows != self._has_arrows:
            out += "\x1b[?1h" if has_arrows else "\x1b[?1l"
        if has_keypad != self._has_keypad:
            out += "\x1b=" if has_keypad else "\x1b>"
        if flags != self.flags:
            out += f"\x1b[={flags}u"
        self._has_arrows, self._has_keypad, self.flags = has_arrows, has_keypad, flags
        return out
