"""Where the screen is opened: in a terminal or not, over SSH or not, with colors or not.

Imports next to nothing: it is used before anything is shown.
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
    """Return whether the terminal has gone away. Call it once a second.

    A process that ignores SIGHUP does not notice otherwise, and textual's input thread then reads the end
    of the file for ever, which keeps one core busy.
    """
    return not is_terminal(sys.__stdin__)


def wants_no_color(environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether NO_COLOR is set and not empty."""
    return bool(environ.get("NO_COLOR"))


def has_few_colors(environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether the terminal says that it has no more than sixteen colors, as rich understands it."""
    term = environ.get("TERM", "")
    has_all = environ.get("COLORTERM", "").strip().lower() in {"truecolor", "24bit"}
    return bool(term) and not has_all and term.lower().rpartition("-")[2] not in {"256color", "kitty"}


def is_over_ssh(environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether the screen is shown over SSH, where each byte counts."""
    return bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"))


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether a stream is a terminal that still exists."""
    try:
        return stream is not None and os.isatty(stream.fileno())
    except (OSError, ValueError):  # closed
        return False
