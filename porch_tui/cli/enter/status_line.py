"""The last row of a person's terminal: which task this is, how to leave, what it waits for."""

from __future__ import annotations

from collections.abc import Callable

from porch_tui.emulator.line import Line
from porch_tui.emulator.screen import Screen

ASK_S = 1.0
"""Between two looks at what the task waits for."""


class StatusLine:
    """Writes it. The task's words are foreign, and cleaned by being shown in a terminal of one row."""

    def __init__(self, task: str, how: str, says: Callable[[], str]) -> None:
        """`how` says how to leave; `says` is asked at most once a second what else there is to say."""
        self._task, self._how, self._says = task, how, says
        self._asked_at = float("-inf")
        self._text = ""

    def is_changed(self, now: float) -> bool:
        """Say whether there is something else to say than there was."""
        if now - self._asked_at < ASK_S:
            return False
        before, self._text, self._asked_at = self._text, self._says(), now
        return self._text != before

    def line(self, cols: int, screen: Screen) -> Line:
        """Return the row."""
        parts = [self._how, self._task, f"{screen.cols}x{screen.rows}"]
        text = "  ".join([*parts, self._text] if self._text else parts)
        row = Screen(cols, 1)
        plain = "".join(char if char.isprintable() else " " for char in text)
        row.feed(f"\x1b[?7l\x1b[7m {plain[:cols]}".encode("utf-8", "replace"))
        row.feed(b" " * max(cols - row.x, 0))
        return row.lines[0]
