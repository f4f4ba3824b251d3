"""What a terminal sends of the mouse: its own reports read, and written as a program has asked for them."""

from __future__ import annotations

import re

from porch_tui.emulator import modes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

REPORT = re.compile(rb"\x1b\[<(?P<code>\d{1,4});(?P<x>\d{1,5});(?P<y>\d{1,5})(?P<kind>[Mm])")
"""As a terminal sends it that was asked for mode 1006; x and y count from 1."""
_MOVES, _NO_BUTTON, _HELD = 32, 3, 4 | 8 | 16
_LAST = 222
"""Columns and rows that fit into one byte."""
_LAST_UTF8 = 2014


def mouse_report(code: int, x: int, y: int, on: Collection[int], *, is_up: bool = False) -> bytes:
    """Return what a program is sent for an event at column `x` and row `y`, from 0; nothing if it asked not.

    `code` is xterm's: the button (3: none, 64 and 65 the wheel), plus 4, 8, 16 for shift, alt and ctrl, plus
    32 if the mouse moves.
    """
    is_move = bool(code & _MOVES)
    has_button = code & ~_MOVES & ~_HELD != _NO_BUTTON
    wants_moves = modes.MOUSE_ALL in on or (modes.MOUSE_BUTTONS in on and has_button)
    if not modes.MICE.intersection(on) or (is_move and not wants_moves):
        return b""
    if modes.MOUSE_SGR in on:
        return b"\x1b[<%d;%d;%d%c" % (code, x + 1, y + 1, b"m" if is_up else b"M")
    if is_up:
        code = code & ~_NO_BUTTON | _NO_BUTTON
    if max(x, y) > (_LAST_UTF8 if modes.MOUSE_UTF8 in on else _LAST):
        return b""
    numbers = (32 + code, 33 + x, 33 + y)
    return b"\x1b[M" + ("".join(map(chr, numbers)).encode() if modes.MOUSE_UTF8 in on else bytes(numbers))
