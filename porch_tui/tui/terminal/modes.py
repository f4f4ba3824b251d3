"""The modes of a terminal, and what it sends: nothing once it was hung up, whatever is asked of it.

A process that ignores SIGHUP, as under nohup, outlives its terminal and finds out here.
"""

from __future__ import annotations

import os
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress

STDIN = 0


@contextmanager
def modes_kept(terminal: int) -> Iterator[None]:
    """Put the modes back at the end, once all is written: a killed program leaves them as it had them."""
    before = None
    with suppress(termios.error):
        before = termios.tcgetattr(terminal)
    try:
        yield
    finally:
        if before is not None:
            with suppress(termios.error):
                termios.tcsetattr(terminal, termios.TCSADRAIN, before)


@contextmanager
def single_keys(terminal: int) -> Iterator[None]:
    """Get each key at once and without echo, those typed meanwhile too; printed lines still scroll."""
    with modes_kept(terminal):
        with suppress(termios.error):
            tty.setcbreak(terminal, termios.TCSADRAIN)
        yield


def sent(terminal: int, most: int) -> bytes:
    """Return what the terminal has sent, at most so many bytes; wait if it has not. Nothing: it has ended."""
    with suppress(OSError):
        return os.read(terminal, most)
    return b""
