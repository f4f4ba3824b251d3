"""What the person's terminal sends while the screen is away: single keys, and where its cursor is."""

from __future__ import annotations

import os
import re
import select
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress

from porch_tui.tui.terminal import modes

ENTER = frozenset(b"\r\nq\x03\x04")
"""Enter, and what people press to end things; no escape, which answers of terminals begin with."""
PATIENCE_S = 1.0
"""For an answer, which all terminals that can show the screen give; through a slow connection too."""
_CURSOR = re.compile(rb"\x1b\[(\d+);(\d+)R")


@contextmanager
def single_keys() -> Iterator[None]:
    """Get each key at once and without echo, those typed meanwhile too; printed lines still scroll."""
    with modes.single_keys(sys.stdin.fileno()):
        yield


def is_pressed(keys: Collection[int], patience_s: float | None = None) -> bool:
    """Say whether one of these keys was pressed, or the input has ended, within a time; None: wait for it.

    Call it within `single_keys`.
    """
    while True:
        ready, _, _ = select.select([sys.stdin], [], [], patience_s)
        if not ready:
            return False
        pressed = modes.sent(sys.stdin.fileno(), 64)
        if not pressed or any(key in keys for key in pressed):
            return True
        if patience_s is not None:
            return False


def cursor() -> tuple[int, int] | None:
    """Return the row and the column of the terminal's cursor, from 1; None if it does not say."""
    answer, deadline = b"", time.monotonic() + PATIENCE_S
    with single_keys():
        _put(b"\x1b[6n")
        while not (found := _CURSOR.search(answer)):
            ready, _, _ = select.select([sys.stdin], [], [], max(0.0, deadline - time.monotonic()))
            more = modes.sent(sys.stdin.fileno(), 1) if ready else b""  # keys that follow are the program's
            if not more:
                return None
            answer += more
    return int(found[1]), int(found[2])


def keep_a_row_free() -> None:
    """Move the cursor off the last row, so that whatever is printed moves it down."""
    _put(b"\n\x1b[A")


def _put(text: bytes) -> None:
    with suppress(OSError):  # the terminal was hung up
        os.write(sys.stdout.fileno(), text)
