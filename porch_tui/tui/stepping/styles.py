"""Rows of a task's terminal as segments of the screen."""

from __future__ import annotations

from functools import lru_cache

from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from porch_tui.emulator import style as cell
from porch_tui.emulator.spans import Span


@lru_cache(4096)
def style_of(number: int) -> Style:
    """Return a style of the emulator as one of the screen. What blinks there does not here."""
    return Style(
        color=_colour(cell.foreground(number)),
        bgcolor=_colour(cell.background(number)),
        bold=bool(number & cell.BOLD) or None,
        dim=bool(number & cell.DIM) or None,
        italic=bool(number & cell.ITALIC) or None,
        underline=bool(number & cell.UNDERLINE) or None,
        reverse=bool(number & cell.REVERSE) or None,
        strike=bool(number & cell.STRIKE) or None,
        overline=bool(number & cell.OVERLINE) or None,
    )


def _colour(colour: int | tuple[int, int, int] | None) -> Color | None:
    if colour is None:
        return None
    return Color.from_rgb(*colour) if isinstance(colour, tuple) else Color.from_ansi(colour)


def segments_of(row: list[Span], ground: Style) -> list[Segment]:
    """Return a row, each span in exactly as many cells as it takes in the task's terminal."""
    return [Segment(_text(span), ground + style_of(span.style) if span.style else ground) for span in row]


def _text(span: Span) -> str:
    if span.style & cell.HIDDEN:
        return " " * span.cells
    if span.text.isascii() or cell_len(span.text) == span.cells:
        return span.text
    return _as_wide(span)


def _as_wide(span: Span) -> str:
    """Return a text that a person's terminal and a task's take for different widths, as wide as the task's.

    What is behind it in the row would be in the wrong place.
    """
    kept, cells = [], 0
    for char in span.text:
        if cells + cell_len(char) > span.cells:
            break
        kept.append(char)
        cells += cell_len(char)
    text = "".join(kept)
    return text + " " * (span.cells - cell_len(text))
