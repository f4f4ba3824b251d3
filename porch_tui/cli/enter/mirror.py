"""Has a person's terminal send what the task's program has asked its own for: keys, mouse, focus. Pure."""

from __future__ import annotations

from porch_tui.emulator import modes
from porch_tui.emulator.screen import Screen
from porch_tui.session import mirror

_REPORTS = (*sorted(modes.MICE), modes.FOCUS)
BEGIN = "\x1b[?2004h" + mirror.BEGIN
"""Pastes are always marked, so that no key is looked for in them."""
END = (
    mirror.END
    + "\x1b[?2004l\x1b[?1004l\x1b[?1006l\x1b[?1003l\x1b[?1002l\x1b[?1000l\x1b[?1l\x1b>"  # what keys send
)


class Mirror:
    """What one terminal was asked for so far."""

    def __init__(self) -> None:
        self._keys = mirror.KeyMirror()
        self._on: set[int] = set()

    @property
    def reports(self) -> bool:
        """Whether the terminal may send something that no one has typed."""
        return bool(self._on) or self._keys.flags > 0

    def after(self, screen: Screen) -> bytes:
        """Return what to write so that it sends what the program expects now; mostly nothing."""
        out = ""
        wanted = screen.modes.intersection(_REPORTS)
        if wanted != self._on:
            for mode in _REPORTS:
                if (mode in wanted) != (mode in self._on):
                    out += f"\x1b[?{mode}{'h' if mode in wanted else 'l'}"
            had, has = modes.MICE & self._on, modes.MICE & wanted
            if bool(had) != bool(has) or (has and had != has):  # places are read in this form alone
                out += f"\x1b[?{modes.MOUSE_SGR}{'h' if has else 'l'}"
            self._on = set(wanted)
        return (out + self._keys.after(screen)).encode()
