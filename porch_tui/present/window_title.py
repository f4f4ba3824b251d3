"""How a terminal is asked to show a title, and its own again. Imports nothing slow.

A terminal keeps titles on a stack. One that does not is left with an empty title, in place of which most show
their own.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from porch_tui.present.clean import UNSAFE

KEEP = "\x1b[22;2t"
GIVE_BACK = "\x1b]2;\x07\x1b[23;2t"
WITHOUT_TITLE = frozenset({"", "dumb", "linux"})
"""Values of TERM: some of them would show what sets a title."""


def has_title(environ: Mapping[str, str] = os.environ) -> bool:
    """Say whether the terminal can have a title."""
    return environ.get("TERM", "") not in WITHOUT_TITLE


def title_set(text: str) -> str:
    """Return what gives the window a title."""
    return f"\x1b]2;{UNSAFE.sub('', text)}\x07"
