"""The scrollback: rows that have left the screen at its top, packed, bounded in number and in bytes."""

from __future__ import annotations

from collections import deque

from porch_tui.emulator.line import weight

TYPE_CHECKING = False
if TYPE_CHECKING:
    from porch_tui.emulator.line import Packed

MOST_LINES = 10_000
MOST_BYTES = 10_000_000


class History:
    """Packed lines, the oldest first. The oldest are dropped when there are too many."""

    def __init__(self, most_lines: int = MOST_LINES, most_bytes: int = MOST_BYTES) -> None:
        self.lines: deque[Packed] = deque()
        self.scrolled = 0
        """How many of the newest have scrolled out, and come back when the screen gets higher."""
        self.dropped = 0
        """How many were dropped since the beginning."""
        self._most_lines, self._most_bytes, self._bytes = most_lines, most_bytes, 0

    def append(self, line: Packed) -> None:
        """Add the newest line."""
        self.lines.append(line)
        self.scrolled += 1
        self._bytes += weight(line)
        while len(self.lines) > self._most_lines or self._bytes > self._most_bytes:
            self._bytes -= weight(self.lines.popleft())
            self.dropped += 1

    def pop(self) -> Packed:
        """Take the newest line out again."""
        line = self.lines.pop()
        self._bytes -= weight(line)
        self.scrolled = max(self.scrolled - 1, 0)
        return line

    def replace(self, lines: list[Packed]) -> None:
        """Put other lines in place of all."""
        missing = len(self.lines) - self.returnable
        self.clear()
        for line in lines:
            self.append(line)
        self.scrolled = max(len(self.lines) - missing, 0)

    @property
    def returnable(self) -> int:
        """How many lines come back to a screen that gets higher."""
        return min(self.scrolled, len(self.lines))

    def unwrap(self) -> None:
        """Say that the newest line does not continue on the screen."""
        if self.lines and self.lines[-1][3]:
            self.lines[-1] = (*self.lines[-1][:3], False)

    def clear(self) -> None:
        """Forget all lines."""
        self.lines.clear()
        self.scrolled = self._bytes = 0
