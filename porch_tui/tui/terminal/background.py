"""Asks the terminal whether its background is light, while textual is being imported. Imports nothing slow.

Textual does not ask. A terminal that knows the question answers within milliseconds, another one never,
so the wait for the answer is short.
"""

from __future__ import annotations

import os
import re
import select
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from porch_tui.tui.terminal.modes import sent, single_keys

PATIENCE_S = 0.1
_QUESTION = b"\x1b]11;?\x1b\\"
_ANSWER = re.compile(rb"\x1b\]11;rgba?:([0-9a-fA-F]+)/([0-9a-fA-F]+)/([0-9a-fA-F]+)")
_LIGHT = 0.5
"""Brightness from which on a background is light."""


@contextmanager
def background_asked(*, is_wanted: bool) -> Iterator[Callable[[], bool | None]]:
    """Ask, and yield a function that returns the answer, once; None if there is none."""
    terminal = sys.__stdin__.fileno() if sys.__stdin__ is not None and sys.__stdin__.isatty() else None
    if terminal is None or not is_wanted:
        yield lambda: None
        return
    with single_keys(terminal):  # or the answer would be echoed
        asked_at = time.monotonic()
        with suppress(OSError):
            os.write(terminal, _QUESTION)
        yield lambda: _answer(terminal, asked_at + PATIENCE_S)


def _answer(terminal: int, deadline: float) -> bool | None:
    answer = b""
    while True:
        ready, _, _ = select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))
        if not ready or not (more := sent(terminal, 1024)):
            return None
        answer += more
        if found := _ANSWER.search(answer):
            return brightness(*found.groups()) >= _LIGHT


def brightness(*parts: bytes) -> float:
    """Return how bright a color looks, 0 to 1, from its red, green and blue in hexadecimal of any length."""
    red, green, blue = (int(part, 16) / float(16 ** len(part) - 1) for part in parts)
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)
