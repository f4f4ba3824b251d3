"""Asks the terminal whether its background is light, while textual is being imported. Imports nothing slow.

Textual does not ask. A terminal that knows the question answers within a few
milliseconds; one that does not, never: so the answer is waited for a little only.
"""

from __future__ import annotations

import os
import re
import select
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

PATIENCE_S = 0.1
_QUESTION = b"\x1b]11;?\x1b\\"
_ANSWER = re.compile(rb"\x1b\]11;rgba?:([0-9a-fA-F]+)/([0-9a-fA-F]+)/([0-9a-fA-F]+)")
_LIGHT = 0.5
"""Of the brightest: less is dark."""


@contextmanager
def background_asked(*, is_wanted: bool) -> Iterator[Callable[[], bool | None]]:
    """Ask now; what is given returns the answer once, None without one. At the end all is as before."""
    terminal = sys.__stdin__.fileno() if sys.__stdin__ is not None and sys.__stdin__.isatty() else None
    if terminal is None or not is_wanted:
        yield lambda: None
        return
    before = termios.tcgetattr(terminal)
    asked_at = time.monotonic()
    try:
        tty.setcbreak(terminal, termios.TCSANOW)  # or the answer would stand on the screen
        with suppress(OSError):
            os.write(terminal, _QUESTION)
        yield lambda: _answer(terminal, asked_at + PATIENCE_S)
    finally:
        with suppress(termios.error):
            termios.tcsetattr(terminal, termios.TCSANOW, before)


def _answer(terminal: int, deadline: float) -> bool | None:
    said = b""
    while True:
        ready, _, _ = select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return None
        said += os.read(terminal, 1024)
        if found := _ANSWER.search(said):
            return brightness(*found.groups()) >= _LIGHT


def brightness(*parts: bytes) -> float:
    """Return how bright a colour looks, 0 to 1, of red, green and blue in hexadecimal of any length."""
    red, green, blue = (int(part, 16) / float(16 ** len(part) - 1) for part in parts)
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)
