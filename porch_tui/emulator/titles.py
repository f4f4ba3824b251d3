"""The title of a program's window: foreign text, cleaned, and a stack of those it came from."""

from __future__ import annotations

from porch_tui.emulator.printable import printable

LONGEST_TITLE = 256
MOST_SAVED = 10


class Titles:
    """The present title, and saved ones."""

    def __init__(self) -> None:
        self.now = ""
        self._saved: list[str] = []

    def take(self, osc: str) -> None:
        """Take an operating system command (OSC); all but titles is ignored, links and clipboards too."""
        number, _, text = osc.partition(";")
        if number in {"0", "2"}:
            self.now = printable(text[:LONGEST_TITLE])

    def push(self) -> None:
        """Save the title; the oldest of too many is forgotten."""
        self._saved = [*self._saved, self.now][-MOST_SAVED:]

    def pop(self) -> None:
        """Return to the title saved last, if there is one."""
        if self._saved:
            self.now = self._saved.pop()
