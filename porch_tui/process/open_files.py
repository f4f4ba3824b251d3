"""How many files the engine may have open: each attempt takes a few, and some systems begin with 256.

What it starts for the person gets the limit that it found: programs that use select() break above 1024.
"""

from __future__ import annotations

import resource
from contextlib import suppress

ENOUGH = 65_536
MACOS_MOST = 10_240
"""What macOS permits where it says that there is no limit."""

_found: list[int] = []
"""The limit before it was raised, once it was."""


def raise_limit() -> None:
    """Let this process have as many files open as the system permits; again changes nothing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if not _found:
        _found.append(soft)
    most = most_open_files()
    for wanted in (most, min(most, MACOS_MOST)):
        if soft != resource.RLIM_INFINITY and wanted > soft:
            with suppress(ValueError, OSError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
                return


def most_open_files() -> int:
    """Return how many files this process may have open, once it has raised the limit as far as it can."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)


def usual_limit() -> int:
    """Return the limit as it was found, for what is started here."""
    return _found[0] if _found else resource.getrlimit(resource.RLIMIT_NOFILE)[0]
