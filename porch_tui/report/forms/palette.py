"""The glyphs and colors of a text, as standard output can take them."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from porch_tui.present.signs import Charset, Role, Sign

ANSI: Mapping[Role, str] = {
    Role.WAIT: "2",
    Role.RUN: "34",
    Role.HELD: "35",
    Role.GOOD: "32",
    Role.FAIL: "1;31",
    Role.ASK: "1;33",
}
"""Select Graphic Rendition parameters, of the sixteen colors every terminal has."""


class Palette(Struct, frozen=True):
    """The characters that may be used, and whether there are colors."""

    charset: Charset = Charset.UNICODE
    has_colors: bool = False

    def glyph(self, sign: Sign) -> str:
        """Return the one-cell glyph of a sign."""
        return sign.glyph(self.charset)

    def painted(self, sign: Sign, text: str) -> str:
        """Return the text in the color of a sign; as it is if there are no colors."""
        return f"\x1b[{ANSI[sign.role]}m{text}\x1b[0m" if self.has_colors else text


PLAIN = Palette()
ASCII = Palette(Charset.ASCII)
COLORED = Palette(has_colors=True)
