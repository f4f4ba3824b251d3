"""Names and texts that somebody else chose, and not kindly: what no page may pass on."""

from __future__ import annotations

import unicodedata

CLEAR_SCREEN = "\x1b[2J\x1b[H"
TITLE = f"{CLEAR_SCREEN}Fix | `all` <script>alert(1)</script>\r\n# Heading ![x](http://e.vil) \u202egnp"
PATH = "src/\x9b31m\x07\udce9|`x`.py"
REASON = "exit 3\n\x1b]0;owned\x07```\n- [ ] do it"


SEEN_OR_JOINING = set("\xad\u06dd\u070f\u08e2\u200c\u200d\U000110bd\U000110cd") | {
    chr(code)
    for codes in (range(0x600, 0x606), range(0x890, 0x892), range(0x13430, 0x13460))
    for code in codes
}
"""Format characters that are drawn, or that join letters and emoji."""


def obeyed(text: str) -> list[str]:
    """Return the characters that a terminal would obey, the line breaks of the page itself left out."""
    return [
        one
        for one in text
        if one not in SEEN_OR_JOINING | {"\n"} and unicodedata.category(one) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    ]
