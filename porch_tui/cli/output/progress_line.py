"""A line on the terminal that says what is going on, and is gone when there is an answer."""

from __future__ import annotations

import sys
import time

from porch_tui.cli.output.streams import put_err

QUIET_S = 30.0
"""Between two lines where the output is no terminal."""


class ProgressLine:
    """One line of standard error, written again and again; in a file a line now and then."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._said_at, self._is_shown = time.monotonic(), False

    def show(self, text: str) -> None:
        """Show a text of porch's own in place of the last one."""
        if self._is_terminal:
            put_err(f"\r\x1b[K{text}".encode())
            self._is_shown = True
        elif time.monotonic() - self._said_at >= QUIET_S:
            put_err(f"{text}\n".encode())
            self._said_at = time.monotonic()

    def clear(self) -> None:
        """Take it away, before something else is written."""
        if self._is_shown:
            put_err(b"\r\x1b[K")
            self._is_shown = False
