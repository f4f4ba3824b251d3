"""A recording played again: bytes of a terminal, with the changes of its size where they came.

Sizes are lines `offset cols rows`: from that byte on the program wrote for a terminal of that size. Replayed
at another size, what it drew lands in wrong rows.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from porch_tui.emulator.screen import Screen

    Size = tuple[int, int, int]
    """Offset in bytes, columns, rows."""


def read_sizes(text: str) -> list[Size]:
    """Return the sizes in a text, a whole line each; what is no size, or out of order, is left out."""
    sizes: list[Size] = []
    for line in text.split("\n")[:-1]:
        words = line.split()
        if len(words) == 3 and all(word.isdecimal() and len(word) < 16 for word in words):
            offset, cols, rows = map(int, words)
            if 1 <= cols <= 1000 and 1 <= rows <= 1000 and (not sizes or offset >= sizes[-1][0]):
                sizes.append((offset, cols, rows))
    return sizes


class Replay:
    """Feeds a screen with the bytes of a recording, from some offset in it on, resizing it on the way."""

    def __init__(self, screen: Screen, offset: int = 0) -> None:
        self.screen, self.offset = screen, offset
        self._waiting: list[Size] = []

    def add_sizes(self, sizes: Iterable[Size]) -> None:
        """Learn of further sizes. One whose offset has passed takes effect with the next bytes."""
        self._waiting += sizes

    def feed(self, data: bytes) -> None:
        """Take the next bytes, or none if only the size has changed."""
        while self._waiting and self._waiting[0][0] <= self.offset + len(data):
            at, cols, rows = self._waiting.pop(0)
            taken = max(at - self.offset, 0)
            self.screen.feed(data[:taken])
            data = data[taken:]
            self.offset += taken
            self.screen.resize(cols, rows)
        self.screen.feed(data)
        self.offset += len(data)
