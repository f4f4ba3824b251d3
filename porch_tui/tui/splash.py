"""A first sign of life, before the slow imports: one line on the alternate screen.

Importing textual takes 150 ms; this file must import nothing that is slow, and
so may know nothing of the rest of the screen.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

_ENTER = "\x1b[?1049h\x1b[2J\x1b[H"
_LEAVE = "\x1b[?1049l"


@contextmanager
def splash(line: str) -> Iterator[None]:
    """Show `line` until the screen draws over it; take it away only if the body raises.

    The body imports textual and runs the app, which enters the same alternate
    screen and leaves it by itself. Written where textual writes, to standard
    error, and not at all when that is no terminal.
    """
    terminal = sys.__stderr__ if sys.__stderr__ is not None and sys.__stderr__.isatty() else None
    _write(terminal, _ENTER + " " + "".join(filter(str.isprintable, line)))
    try:
        yield
    except BaseException:
        _write(terminal, _LEAVE)
        raise


def _write(terminal: TextIO | None, text: str) -> None:
    if terminal is None:
        return
    with suppress(OSError):  # the terminal went away: whom could it be told?
        os.write(terminal.fileno(), text.encode())
