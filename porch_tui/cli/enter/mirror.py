"""Has a person's terminal send what the task's program has asked its own for: keys, mouse, focus. Pure."""

from __future__ import annotations

from porch_tui.emulator import modes
from porch_tui.emulator.screen import Screen

_MIRRORED = (modes.ARROWS, *sorted(modes.MICE), modes.FOCUS)
BEGIN = "\x1b[?2004h\x1b[>0u"
"""Pastes are always marked, so that no key is looked for in them; and no flags of the keyboard are left from
the shell."""
END = (
    "\x1b[<u\x1b[?2004l\x1b[?1004l\x1b[?1006l\x1b[?1003l\x1b[?1002l\x1b[?1000l\x1b[?1l\x1b>"  # what keys send
)


class Mirror:
    """What one terminal was asked for so far."""

    def __init__(self) -> None:
        self._on: set[int] = set()
        self._has_keypad = False
        self._keyboard = 0

    @property
    def reports(self) -> bool:
        """Whether the terminal may send something that no one has typed."""
        return bool(self._on - {modes.ARROWS}) or self._keyboard > 0

    def after(self, screen: Screen) -> bytes:
        """Return what to write so that it sends what the program expects now; mostly nothing."""
        out = ""
        wanted = screen.modes.intersection(_MIRRORED)
        if wanted != self._on:
            for mode in _MIRRORED:
                if (mode in wanted) != (mode in self._on):
                    out += f"\x1b[?{mode}{'h' if mode in wanted else 'l'}"
            had, has = modes.MICE & self._on, modes.MICE & wanted
            if bool(had) != bool(has) or (has and had != has):  # places are read in this form alone
                out += f"\x1b[?{modes.MOUSE_SGR}{'h' if has else 'l'}"
            self._on = set(wanted)
        if (has_keypad := modes.KEYPAD in screen.modes) != self._has_keypad:
            out += "\x1b=" if has_keypad else "\x1b>"
            self._has_keypad = has_keypad
        if screen.keyboard[-1] != self._keyboard:
            self._keyboard = screen.keyboard[-1]
            out += f"\x1b[={self._keyboard}u"
        return out.encode()
