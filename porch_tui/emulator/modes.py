"""The private modes of a terminal that are kept: which there are, and which end one another."""

from __future__ import annotations

ARROWS, ORIGIN, WRAPS, BLINKS, CURSOR = 1, 6, 7, 12, 25
ALTERNATE, ALTERNATE_47, ALTERNATE_1049 = 1047, 47, 1049
MOUSE, MOUSE_BUTTONS, MOUSE_ALL, FOCUS, MOUSE_UTF8, MOUSE_SGR = 1000, 1002, 1003, 1004, 1005, 1006
SAVED_CURSOR, PASTE, HELD = 1048, 2004, 2026
"""`HELD`: the program is in the middle of drawing, and says when it is done."""
KEYPAD = 66
"""The keypad sends sequences instead of digits."""

KNOWN = frozenset({
    ARROWS, ORIGIN, WRAPS, BLINKS, CURSOR, ALTERNATE, ALTERNATE_47, ALTERNATE_1049, MOUSE, MOUSE_BUTTONS,
    MOUSE_ALL, FOCUS, MOUSE_UTF8, MOUSE_SGR, SAVED_CURSOR, PASTE, HELD, KEYPAD,
})  # fmt: skip
ALTERNATES = frozenset({ALTERNATE, ALTERNATE_47, ALTERNATE_1049})
MICE = frozenset({MOUSE, MOUSE_BUTTONS, MOUSE_ALL})
AT_FIRST = frozenset({WRAPS, CURSOR})
