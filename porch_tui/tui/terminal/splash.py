"""A first sign of life, before the slow imports: one line on the alternate screen.

Importing textual takes 150 ms; this file must import nothing that is slow, and
so may know nothing of the rest of the screen.
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
    """Show `line` until the screen draws over it; take it away only if the body raises.

    The body imports textual and runs the app, which enters the same alternate
    screen and leaves it by itself. Written where textual writes, to standard
    error, and not at all when that is no terminal. A signal that would end the
    process raises SystemExit, until textual heeds it.
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
    with suppress(OSError):  # the terminal went away: whom could it be told?
        os.write(terminal.fileno(), text.encode())
