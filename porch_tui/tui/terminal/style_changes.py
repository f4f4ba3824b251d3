"""Writes a style only where it changes, and of it only what does.

Textual ends each piece of text with a reset and begins the next one with its whole style, though mostly only
one color differs, if anything does: that is two thirds of all bytes of a screen, which count on a slow line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

_STYLE = re.compile(r"\x1b\[([0-9;]*)m")
_MOVES = re.compile(r"(?:\x1b\[[0-9;]*H|\n)*")
_COLOR = re.compile(r"(?P<which>[34]8);(?:2;\d+;\d+;\d+|5;\d+)|\d+")
_ON_BLANKS = frozenset({"4", "5", "6", "7", "9", "21", "51", "52", "53"})
"""Attributes that show where there is no character: lines, blinking, the reverse."""


class _Style(NamedTuple):
    """What a terminal draws with, as the parameters that ask for it."""

    foreground: str = ""
    """Empty: the terminal's own, as for the background."""
    background: str = ""
    attributes: frozenset[str] = frozenset()


_PLAIN = _Style()


def only_changes(text: str) -> str:
    """Return what looks the same where a terminal draws plainly before it and after it."""
    parts = _STYLE.split(text)
    written, here, wanted = [parts[0]], _PLAIN, _PLAIN
    for parameters, piece in zip(parts[1::2], parts[2::2], strict=True):
        wanted = _PLAIN if parameters == "0" else _after(wanted, parameters)
        moves = _MOVES.match(piece)
        assert moves is not None
        if moves.end() < len(piece) and here is not wanted:
            needed = _on_blanks(here, wanted) if piece.isspace() else wanted
            written.append(_change(here, needed))
            here = needed
        written.append(piece)
    written.append(_change(here, _PLAIN))
    return "".join(written)


@lru_cache(maxsize=4096)
def _after(style: _Style, parameters: str) -> _Style:
    foreground, background, attributes = style
    for parameter, which in _parsed(parameters):
        if not parameter.strip("0"):
            foreground, background, attributes = _PLAIN
        elif which == "3":
            foreground = "" if parameter == "39" else parameter
        elif which == "4":
            background = "" if parameter == "49" else parameter
        else:
            attributes |= {parameter}
    return _Style(foreground, background, attributes)


def _parsed(parameters: str) -> Iterator[tuple[str, str]]:
    """Yield each parameter, with 3 if it is a foreground, 4 if it is a background, else nothing."""
    for found in _COLOR.finditer(parameters or "0"):
        one = found[0]
        if found["which"]:
            yield one, one[0]
        elif (len(one) == 2 and one[0] in "34") or (len(one) == 3 and one.startswith("10")):
            yield one, "4" if one[0] in "41" else "3"
        else:
            yield one, "3" if len(one) == 2 and one[0] == "9" else ""


@lru_cache(maxsize=4096)
def _on_blanks(here: _Style, wanted: _Style) -> _Style:
    """Return what blanks need to look as in the wanted style: mostly only the background."""
    if (here.attributes | wanted.attributes) & _ON_BLANKS:
        return wanted
    if wanted == _PLAIN and here.background:
        return wanted  # a reset is less than a background of its own and a reset later
    return here._replace(background=wanted.background)


@lru_cache(maxsize=4096)
def _change(here: _Style, wanted: _Style) -> str:
    """Return what leads from one style to another."""
    if here == wanted:
        return ""
    if wanted == _PLAIN:
        return "\x1b[0m"
    every_part = [wanted.foreground, wanted.background, *sorted(wanted.attributes)]
    whole = f"\x1b[0;{';'.join(filter(None, every_part))}m"
    if not here.attributes <= wanted.attributes:
        return whole
    needed = sorted(wanted.attributes - here.attributes)
    if here.foreground != wanted.foreground:
        needed.append(wanted.foreground or "39")
    if here.background != wanted.background:
        needed.append(wanted.background or "49")
    return min(f"\x1b[{';'.join(needed)}m", whole, key=len)
