"""What the screen is opened in: a terminal or none, near or far, in colour or not.

Imports next to nothing: it is asked before the first sign of life is given.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TextIO


def is_usable_terminal(environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether a full screen can be shown: textual reads standard input and draws on standard error."""
    return (
        environ.get("TERM", "dumb") not in {"", "dumb"}
        and is_terminal(sys.__stdin__)
        and is_terminal(sys.__stderr__)
    )


def stdin_is_gone() -> bool:
    """Return whether the terminal has gone away. Ask once a second.

    A process that ignores SIGHUP is not told otherwise, and textual's input
    thread then reads the end of file for ever, with a core to itself.
    """
    return not is_terminal(sys.__stdin__)


def wants_no_color(environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether NO_COLOR is set and not empty."""
    return bool(environ.get("NO_COLOR"))


def is_over_ssh(environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether every byte of a frame is likely to travel."""
    return bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"))


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether a stream leads to a terminal that is still there."""
    try:
        return stream is not None and os.isatty(stream.fileno())
    except (OSError, ValueError):  # closed
        return False
