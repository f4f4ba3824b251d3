"""How many cells a character takes, as the C library of Linux has it (`wcwidth`), and which take none.

What could turn, hide or steer text is kept out of cells altogether (`printable`).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from porch_tui.emulator.printable import UNSAFE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

NARROW = (
    " -~\u00a0-\u02ff\u0370-\u0482\u048a-\u0590\u10a0-\u10ff\u1e00-\u1fff\u2010-\u2027\u2030-\u205e"
    "\u2070-\u20cf\u2100-\u2319\u231c-\u2328\u232b-\u23e8\u2400-\u25fc\u2600-\u2613\u2690-\u2692"
    "\u2794\u2798-\u27af\u27b1-\u27be\u27c0-\u2b1a\ue000-\uf8ff\ufffd"
)
"""Characters of one cell, those that programs use a lot; others are looked up one by one."""
WIDE = (
    "\u3000-\u3029\u3041-\u3096\u309b-\u30ff\u3105-\u312f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60"
)
"""The same of two cells."""

DROPPED = -1
JOINER = "\u200d"
_WIDE_THOUGH_NEUTRAL = ((0x3248, 0x324F), (0x4DC0, 0x4DFF))
_FUTURE_EMOJI = ((0x1F300, 0x1F64F), (0x1F680, 0x1F6FF), (0x1F900, 0x1FAFF))
"""Python may know an older Unicode than the program."""
_VISIBLE_FORMATS = frozenset("\xad\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd") | {
    chr(code) for code in range(0x600, 0x606)
}
_MOST = 4096


def is_narrow(text: str) -> bool:
    """Say whether each character of a text is one of those that take one cell and are used a lot."""
    return _narrow().fullmatch(text) is not None


def runs(text: str) -> Iterator[re.Match[str]]:
    """Yield the runs of a text; `lastgroup` is narrow, wide, or other for a single other character."""
    return _runs().finditer(text)


# compiled when there is a text to look at: that takes longer than to import this


@cache
def _narrow() -> re.Pattern[str]:
    return re.compile(f"[{NARROW}]*")


@cache
def _runs() -> re.Pattern[str]:
    return re.compile(f"(?P<narrow>[{NARROW}]+)|(?P<wide>[{WIDE}]+)|(?P<other>.)", re.DOTALL)


class Widths(dict[str, int]):
    """The width of each character that was asked for: 0, 1, 2 or DROPPED. Forgets all when it gets large."""

    def __missing__(self, char: str) -> int:
        if len(self) >= _MOST:
            self.clear()
        self[char] = width = _width(char)
        return width


WIDTHS = Widths()


def _width(char: str) -> int:
    code = ord(char)
    category = unicodedata.category(char)
    if UNSAFE.match(char):
        return DROPPED
    if char in _VISIBLE_FORMATS:
        return 1
    if category in {"Mn", "Me", "Cf"} or 0x1160 <= code <= 0x11FF or 0xD7B0 <= code <= 0xD7FF:
        return 0
    if unicodedata.east_asian_width(char) in "WF" or _is_in(code, _WIDE_THOUGH_NEUTRAL):
        return 2
    return 2 if category == "Cn" and _is_in(code, _FUTURE_EMOJI) else 1


def _is_in(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code <= last for first, last in ranges)
