"""Text that somebody else chose, and not kindly; and what may come out of porch where such text is shown."""

from __future__ import annotations

import re

import pytest

from porch_tui.present.clean import UNSAFE

MARK = "HOSTILE"
HOSTILE = {
    "OSC 52": f"{MARK}\x1b]52;c;aGFja2Vk\x07",
    "OSC 52, ended by ST": f"{MARK}\x1b]52;c;aGFja2Vk\x1b\\",
    "title": f"{MARK}\x1b]0;owned\x07",
    "hyperlink": f"{MARK}\x1b]8;;http://example.org\x1b\\x\x1b]8;;\x1b\\",
    "leave the alternate screen": f"{MARK}\x1b[?1049l",
    "clear": f"{MARK}\x1b[2J\x1b[3J",
    "C1 CSI": f"{MARK}\x9b2J",
    "C1 OSC": f"{MARK}\x9d0;owned\x9c",
    "DCS": f"{MARK}\x1bP+q544e\x1b\\",
    "APC": f"{MARK}\x1b_Gf=24\x1b\\",
    "device status": f"{MARK}\x1b[6n\x1b[c",
    "reset": f"{MARK}\x1bc",
    "mouse off": f"{MARK}\x1b[?1000l",
    "shift out": f"{MARK}\x0e\x1b(0",
    "DEL and NUL": f"{MARK}\x7f\x00\x07\x08",
    "bidi override": f"{MARK}\u202eevil\u2066x",
    "zero width": f"{MARK}a\u200bb\ufeffc",
    "lone surrogate": f"{MARK}\udcff",
}

ONE_OF_EACH_SORT = ("OSC 52", "C1 CSI", "DEL and NUL", "bidi override", "lone surrogate")
EACH = [name if name in ONE_OF_EACH_SORT else pytest.param(name, marks=pytest.mark.slow) for name in HOSTILE]
"""For tests that start a screen for each text."""

SEQUENCE = re.compile(
    rb"\x1b\[[0-9;]*[mHABCD]"
    rb"|\x1b\[\?(?:1049|1000|1003|1015|1006|1004|2004|2026)h"
    rb"|\x1b\[\?(?:25|7|1003|2026)l|\x1b\[\?1002h"
    rb"|\x1b\[\?(?:2026|2048)\$p|\x1b\[>[0-9]+u|\r?\n"
    rb"|\x1b\]22;default\x07"  # the shape of the mouse pointer
    rb"|\x1b\[2J\x1b\[H"  # the splash
    rb"|\x1b\[22;2t|\x1b\]2;porch \d+/\d+(?: !\d+)?\x07|\x07"  # the title, and the bell
)
"""What textual itself and our splash write until the end."""
_NO_MOUSE = rb"\x1b\[\?1002l\x1b\[\?1000l\x1b\[\?1003l\x1b\[\?1015l\x1b\[\?1006l"
LEAVING = re.compile(
    rb"(?:\x1b\]2;\x07\x1b\[23;2t)?\x1b\[\?2004l\x1b\[\?7h"
    + _NO_MOUSE
    + rb"\x1b\[<u\x1b\[\?1049l\x1b\[\?25h\x1b\[\?1004l"
    rb"(?:" + _NO_MOUSE + rb")?"
    rb"|(?:\x1b\[\?1049l)+(?=porch: )"
)
"""What it writes in one piece when it ends, or gives the terminal to another program; and the splash, when
nothing comes of it."""


def turned(by: int) -> str:
    """Return the whole corpus in one line, another piece of it first: a narrow place shows the first."""
    pieces = list(HOSTILE.values())
    by %= len(pieces)
    return " ".join((*pieces[by:], *pieces[:by]))


def as_path(by: int) -> str:
    """Return the corpus as one name of a file, without what no name can hold."""
    return turned(by).replace("/", "|").replace("\0", "")


def obeyed(written: bytes) -> str:
    """Return the first thing in what was written to a terminal that textual did not write on its own."""
    rest = SEQUENCE.sub(b"", LEAVING.sub(b"", written)).decode()
    found = UNSAFE.search(rest)
    return repr(rest[max(0, found.start() - 40) : found.end() + 40]) if found else ""
