"""The last line that a program wrote, without colors: its question, perhaps.

Stdlib only, nothing of porch: the shim imports this file from its own folder.
"""

from __future__ import annotations

import os
from contextlib import suppress

TYPE_CHECKING = False  # importing typing takes 4 of a shim's 19 ms
if TYPE_CHECKING:
    from typing import Any

LAST_BYTES = 2048
"""Of the log, in which it is searched."""
MOST_CHARACTERS = 120
NOTE = "-- porch: "
"""How lines of porch's own begin."""


def last_line(log: int, begin: int = 0) -> str:
    """Return the last line of an open log that has text, from an offset on; empty if porch wrote it.

    Of a longer one the end, at most 120 characters.
    """
    import re  # rarely needed

    data = b""
    with suppress(OSError):
        size = os.fstat(log).st_size
        data = os.pread(log, LAST_BYTES, max(begin, size - LAST_BYTES))
    text = re.sub(rb"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[^\[\]])", b"", data)
    lines = [line for one in text.decode(errors="replace").splitlines() if (line := one.strip())]
    return lines[-1][-MOST_CHARACTERS:] if lines and not lines[-1].startswith(NOTE) else ""


def open_line(step: dict[str, Any], log: int) -> dict[str, str]:
    """Return what exit.json says of the last line of a step that no line break ends: nothing if one does.

    Nothing either of a step that people can answer.
    """
    if not step.get("terminal") and not step.get("has_open_stdin"):
        with suppress(OSError):
            size = os.fstat(log).st_size
            if size and os.pread(log, 1, size - 1) != b"\n":
                return {"open_line": last_line(log)}
    return {}
