"""What is no character on a screen: what could turn, hide or steer text.

Bidirectional overrides, invisible characters, private controls.
"""

from __future__ import annotations

import re

UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)


def printable(text: str) -> str:
    """Return a text without what is no character on a screen; line breaks and tabs become blanks."""
    return UNSAFE.sub(lambda found: " " * found[0].isspace(), text)
