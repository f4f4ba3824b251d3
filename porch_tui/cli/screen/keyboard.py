"""What the person's terminal sends while the screen is away: single keys, and where its cursor is."""

from __future__ import annotations

import os
import re
import select
import sys
import termios
import time
import tty
from collections.abc import Collection, Iterator
from contextlib import contextmanager

ENTER = frozenset(b"\r\nq\x03\x04")
"""Enter, and what people press to end things; no escape, which answers of terminals begin with."""
PATIENCE_S = 1.0
"""For an answer, which all terminals that can show the screen give; through a slow connection too."""
_CURSOR = re.compile(rb"\x1b\[(\d+);(\d+)R")


@contextmanager
def single_keys() -> Iterator[None]:
    """Get each key at once and without echo; printed lines still scroll."""
    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setcbreak(sys.stdin, termios.TCSADRAIN)  # keys typed meanwhile still count
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def is_pressed(keys: Collection[int], patience_s: float | None = None) -> bool:
    """Say whether one of these keys was pressed, or the input has ended, within a time; None: wait for it.

    Call it within `single_keys`.
    """
    while True:
        ready, _, _ = select.select([sys.stdin], [], [], patience_s)
        if not ready:
            return False
        pressed = os.read(sys.stdin.fileno(), 64)
        if not pressed or any(key in keys for key in pressed):
            return True
        if patience_s is not None:
            return False


def cursor() -> tuple[int, int] | None:
    """Return the row and the column of the terminal's cursor, from 1; None if it does not say."""
    answer, deadline = b"", time.monotonic() + PATIENCE_S
    with single_keys():
        os.write(sys.stdout.fileno(), b"\x1b[6n")
        while not (found := _CURSOR.search(answer)):
            ready, _, _ = select.select([sys.stdin], [], [], max(0.0, deadline - time.monotonic()))
            more = os.read(sys.stdin.fileno(), 1) if ready else b""  # keys that follow are the program's
            if not more:
                return None
            answer += more
    return int(found[1]), int(found[2])


def keep_a_row_free() -> None:
    """Move the cursor off the last row, so that whatever is printed moves it down."""
    os.write(sys.stdout.fileno(), b"\n\x1b[A")
