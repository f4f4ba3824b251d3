"""How a cell is drawn, as one integer: its colours and attributes, and the sequences that change them.

Bits 0 to 25 are the foreground, 26 to 51 the background, the rest attributes. A colour is 0 for the
terminal's own, n + 1 for number n of the 256, or `_RGB` with 24 bits. An integer is small, shared by
`[style] * n`, and 8 bytes in a packed line.
"""

from __future__ import annotations

from functools import lru_cache

TYPE_CHECKING = False  # importing typing takes as long as the rest of this room
if TYPE_CHECKING:
    from collections.abc import Iterator

    Colour = int | tuple[int, int, int] | None
    """Number of the 256, or red, green and blue; None: the terminal's own."""

PLAIN = 0
_WIDTH = 26
_COLOUR = (1 << _WIDTH) - 1
_RGB = 1 << 25
BACKGROUND = _COLOUR << _WIDTH
"""Mask of what erasing leaves of a style."""
BOLD, DIM, ITALIC, UNDERLINE, BLINK, REVERSE, HIDDEN, STRIKE, OVERLINE = (1 << n for n in range(52, 61))

_ON = {
    1: BOLD, 2: DIM, 3: ITALIC, 4: UNDERLINE, 5: BLINK, 6: BLINK, 7: REVERSE, 8: HIDDEN, 9: STRIKE,
    21: UNDERLINE, 53: OVERLINE,
}  # fmt: skip
_OFF = {
    22: BOLD | DIM, 23: ITALIC, 24: UNDERLINE, 25: BLINK, 27: REVERSE, 28: HIDDEN, 29: STRIKE, 55: OVERLINE,
    39: _COLOUR, 49: BACKGROUND,
}  # fmt: skip
_SHOWN = {BOLD: 1, DIM: 2, ITALIC: 3, UNDERLINE: 4, BLINK: 5, REVERSE: 7, HIDDEN: 8, STRIKE: 9, OVERLINE: 53}
_SHIFTS = {38: 0, 48: _WIDTH}
_MOST_DIGITS = 9
MOST_PARAMETERS = 32
"""A sequence with more is ignored."""


@lru_cache(4096)
def restyled(style: int, parameters: str) -> int:
    """Return a style after `CSI parameters m`; what is not understood of it changes nothing."""
    parts = parameters.split(";")
    if len(parts) > MOST_PARAMETERS or any(len(part) > 40 for part in parts):
        return style
    left = iter(parts)
    for part in left:
        if ":" in part:
            style = _after_colons(style, part.split(":"))
        elif (number := _number(part)) in (38, 48, 58):
            kind = _number(next(left, ""))
            count = {5: 1, 2: 3}.get(kind, 0)
            values = [_number(next(left, "256")) for _ in range(count)]
            if count:
                style = _coloured(style, number, values)
        else:
            style = _after(style, number)
    return style


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else 0


def _after(style: int, number: int) -> int:
    if number == 0:
        return PLAIN
    if number in _ON:
        return style | _ON[number]
    if number in _OFF:
        return style & ~_OFF[number]
    tens, colour = divmod(number, 10)
    if colour < 8 and tens in (3, 4, 9, 10):
        return _with(style, _WIDTH if tens in (4, 10) else 0, colour + 1 + 8 * (tens >= 9))
    return style


def _after_colons(style: int, parts: list[str]) -> int:
    """As ISO 8613-6 has it: `4:3` is a curly underline, `38:2::r:g:b` a colour."""
    numbers = [_number(part) for part in parts]
    if numbers[0] == 4 and len(numbers) == 2:
        return style | UNDERLINE if numbers[1] else style & ~UNDERLINE
    if numbers[1] == 5 and len(numbers) > 2:
        return _coloured(style, numbers[0], numbers[2:3])
    if numbers[1] == 2 and len(numbers) > 4:
        start = 2 if len(numbers) == 5 else 3  # with or without the number of a colour space
        return _coloured(style, numbers[0], numbers[start : start + 3])
    return style


def _coloured(style: int, which: int, values: list[int]) -> int:
    if which not in _SHIFTS:  # 58, the colour of the underline
        return style
    is_known = all(value < 256 for value in values)
    if len(values) == 3:
        red, green, blue = values
        colour = _RGB | red << 16 | green << 8 | blue
        return _with(style, _SHIFTS[which], colour) if is_known else style
    return _with(style, _SHIFTS[which], values[0] + 1 if is_known else 0)


def _with(style: int, shift: int, colour: int) -> int:
    return style & ~(_COLOUR << shift) | colour << shift


def foreground(style: int) -> Colour:
    """Return the colour of the characters."""
    return _colour(style & _COLOUR)


def background(style: int) -> Colour:
    """Return the colour behind them."""
    return _colour(style >> _WIDTH & _COLOUR)


def _colour(bits: int) -> Colour:
    if bits & _RGB:
        return bits >> 16 & 255, bits >> 8 & 255, bits & 255
    return bits - 1 if bits else None


@lru_cache(4096)
def sgr(style: int) -> str:
    """Return the sequence that draws in this style, whatever the style was before."""
    return f"\x1b[{';'.join(_parameters(style))}m"


def _parameters(style: int) -> Iterator[str]:
    yield "0"
    yield from (str(number) for bit, number in _SHOWN.items() if style & bit)
    for colour, base in ((foreground(style), 30), (background(style), 40)):
        if isinstance(colour, tuple):
            yield ";".join(map(str, (base + 8, 2, *colour)))
        elif colour is not None:
            bright = base + 52 + colour  # 90 to 97, 100 to 107
            yield (
                str(base + colour) if colour < 8 else str(bright) if colour < 16 else f"{base + 8};5;{colour}"
            )
