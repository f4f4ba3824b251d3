"""Names and texts that somebody else chose, and not kindly: what no page may pass on."""

from __future__ import annotations

import unicodedata

CLEAR_SCREEN = "\x1b[2J\x1b[H"
TITLE = f"{CLEAR_SCREEN}Fix | `all` <script>alert(1)</script>\r\n# Heading ![x](http://e.vil) \u202egnp"
PATH = "src/\x9b31m\x07\udce9|`x`.py"
REASON = "exit 3\n\x1b]0;owned\x07```\n- [ ] do it"


def obeyed(text: str) -> list[str]:
    """Return the characters that a terminal would obey, the line breaks of the page itself left out."""
    return [
        one for one in text if one != "\n" and unicodedata.category(one) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    ]
