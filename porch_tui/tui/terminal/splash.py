"""One line on the alternate screen while the slow imports run.

Importing textual takes 150 ms; this file imports nothing slow, and so nothing of the rest of the screen.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn, TextIO

_ENTER = "\x1b[?1049h\x1b[2J\x1b[H"
_LEAVE = "\x1b[?1049l"


@contextmanager
def splash(line: str) -> Iterator[None]:
    """Show `line` until the screen draws over it; remove it only if the body raises.

    The body imports textual and runs the app, which enters and leaves the same alternate screen on its own.
    The line is written to standard error, like the screen, if that is a terminal. Until textual handles
    signals, one that would end the process raises SystemExit.
    """
    terminal = sys.__stderr__ if sys.__stderr__ is not None and sys.__stderr__.isatty() else None
    with _raised_signals():
        try:
            _write(terminal, _ENTER + " " + "".join(filter(str.isprintable, line)))
            yield
        except BaseException:
            _write(terminal, _LEAVE)
            raise


@contextmanager
def _raised_signals() -> Iterator[None]:
    numbers = [one for one in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(one) is signal.SIG_DFL]
    for number in numbers:
        signal.signal(number, _exit)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


def _exit(number: int, frame: object) -> NoReturn:
    raise SystemExit(128 + number)


def _write(terminal: TextIO | None, text: str) -> None:
    if terminal is None:
        return
    with suppress(OSError):  # the terminal went away
        os.write(terminal.fileno(), text.encode())
