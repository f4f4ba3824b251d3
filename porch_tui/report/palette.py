"""The few kinds of state a person tells apart at a glance, and the glyph and colour of each.

State is glyph and word, colour only on top: the word is always there.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto

from msgspec import Struct


class Sign(Enum):
    """What a state means to the person who looks."""

    WAITS = auto()
    RUNS = auto()
    HELD = auto()
    GOOD = auto()
    FAILED = auto()
    ASKS = auto()
    """Somebody has to see to it."""
    ENDED = auto()
    """Over, without success or blame."""


SIGNS: Mapping[str, Sign] = {
    "waiting": Sign.WAITS,
    "queued": Sign.WAITS,
    "pending": Sign.WAITS,
    "starting": Sign.RUNS,
    "running": Sign.RUNS,
    "merging": Sign.RUNS,
    "validating": Sign.RUNS,
    "landing": Sign.RUNS,
    "undoing": Sign.RUNS,
    "paused": Sign.HELD,
    "stopping": Sign.HELD,
    "succeeded": Sign.GOOD,
    "landed": Sign.GOOD,
    "passed": Sign.GOOD,
    "nothing to land": Sign.GOOD,
    "failed": Sign.FAILED,
    "check failed": Sign.FAILED,
    "timed out": Sign.FAILED,
    "lost": Sign.FAILED,
    "rejected": Sign.FAILED,
    "conflict": Sign.ASKS,
    "conflicted": Sign.ASKS,
    "resolving": Sign.ASKS,
    "blocked": Sign.ASKS,
    "stopped": Sign.ENDED,
    "cancelled": Sign.ENDED,
}

UNICODE_GLYPHS: Mapping[Sign, str] = {
    Sign.WAITS: "·",
    Sign.RUNS: "▸",
    Sign.HELD: "=",
    Sign.GOOD: "✓",
    Sign.FAILED: "✗",
    Sign.ASKS: "!",
    Sign.ENDED: "-",
}
ASCII_GLYPHS: Mapping[Sign, str] = {
    **UNICODE_GLYPHS,
    Sign.WAITS: ".",
    Sign.RUNS: ">",
    Sign.GOOD: "+",
    Sign.FAILED: "x",
}
ANSI: Mapping[Sign, str] = {
    Sign.WAITS: "2",
    Sign.RUNS: "34",
    Sign.HELD: "35",
    Sign.GOOD: "32",
    Sign.FAILED: "1;31",
    Sign.ASKS: "1;33",
    Sign.ENDED: "2",
}
"""Select Graphic Rendition parameters, of the sixteen colours every terminal has."""


class Palette(Struct, frozen=True):
    """The glyph of each sign, and its colour where colours are wanted."""

    glyphs: Mapping[Sign, str]
    sgr: Mapping[Sign, str]

    def glyph(self, word: str) -> str:
        """Return the one-cell glyph of a state's word."""
        return self.glyphs[SIGNS.get(word, Sign.WAITS)]

    def painted(self, word: str, text: str) -> str:
        """Return the text in the colour of a state's word; as it is if there are no colours."""
        sgr = self.sgr.get(SIGNS.get(word, Sign.WAITS))
        return f"\x1b[{sgr}m{text}\x1b[0m" if sgr else text


PLAIN = Palette(UNICODE_GLYPHS, {})
ASCII = Palette(ASCII_GLYPHS, {})
COLOURED = Palette(UNICODE_GLYPHS, ANSI)
