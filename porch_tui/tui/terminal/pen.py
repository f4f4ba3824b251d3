"""How a stretch of foreign text is drawn: SGR sequences in, a rich Style out.

Colour and attributes only; text, cells and moves belong to `ansi`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from rich.color import Color
from rich.style import Style

_LONGEST = 128
"""Characters read of one sequence; a foreground and a background in truecolor take 40."""


class Pen(NamedTuple):
    """How the next character is drawn. Blink and conceal are left out: one annoys, the other hides."""

    color: Color | None = None
    background: Color | None = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False
    strike: bool = False


PLAIN = Pen()


@lru_cache(1024)
def style(pen: Pen) -> Style:
    """Return the pen as a style that sets nothing but what the pen sets."""
    return Style(
        color=pen.color,
        bgcolor=pen.background,
        bold=pen.bold or None,
        dim=pen.dim or None,
        italic=pen.italic or None,
        underline=pen.underline or None,
        reverse=pen.reverse or None,
        strike=pen.strike or None,
    )


@lru_cache(1024)
def after(pen: Pen, params: str) -> Pen:
    """Return the pen after `ESC [ params m`; what is not understood changes nothing."""
    if params[:1] in {"<", "=", ">", "?"}:
        return pen
    words = iter(params[:_LONGEST].split(";"))
    for word in words:
        code, *rest = map(_number, word.split(":"))
        if code in {38, 48}:
            color = _extended(iter(_without_space(rest)) if rest else map(_number, words))
            pen = pen if color is None else _tinted(pen, code == 48, color)
        elif rest:
            pen = pen._replace(underline=rest[0] > 0) if code == 4 else pen
        else:
            pen = _attribute(pen, code) if code < 30 else _basic_color(pen, code)
    return pen


def _attribute(pen: Pen, code: int) -> Pen:
    match code:
        case 0:
            return PLAIN
        case 1:
            return pen._replace(bold=True)
        case 2:
            return pen._replace(dim=True)
        case 3:
            return pen._replace(italic=True)
        case 4 | 21:
            return pen._replace(underline=True)
        case 7:
            return pen._replace(reverse=True)
        case 9:
            return pen._replace(strike=True)
        case 22:
            return pen._replace(bold=False, dim=False)
        case 23:
            return pen._replace(italic=False)
        case 24:
            return pen._replace(underline=False)
        case 27:
            return pen._replace(reverse=False)
        case 29:
            return pen._replace(strike=False)
    return pen


def _basic_color(pen: Pen, code: int) -> Pen:
    if code == 39:
        return pen._replace(color=None)
    if code == 49:
        return pen._replace(background=None)
    for first, number, is_background in ((30, 0, False), (40, 0, True), (90, 8, False), (100, 8, True)):
        if first <= code < first + 8:
            return _tinted(pen, is_background, Color.from_ansi(code - first + number))
    return pen


def _tinted(pen: Pen, is_background: bool, color: Color) -> Pen:
    return pen._replace(background=color) if is_background else pen._replace(color=color)


def _extended(numbers: Iterator[int]) -> Color | None:
    """Return the colour that `5;n` or `2;r;g;b` names, or None when there is no such colour."""
    match next(numbers, -1):
        case 5:
            values = [next(numbers, -1)]
        case 2:
            values = [next(numbers, -1) for _ in range(3)]
        case _:
            return None
    if not all(0 <= value <= 255 for value in values):
        return None
    return Color.from_ansi(values[0]) if len(values) == 1 else Color.from_rgb(*values)


def _without_space(numbers: list[int]) -> list[int]:
    """Drop the colour space that the form with colons may carry: `2:space:r:g:b`."""
    return [2, *numbers[2:5]] if numbers[0] == 2 and len(numbers) > 4 else numbers


def _number(word: str) -> int:
    if not word:
        return 0
    return int(word) if word.isdigit() else -1
