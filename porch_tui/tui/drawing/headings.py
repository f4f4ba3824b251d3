"""The thin lines around and between panes: a title on a line, and the corners of a frame. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from porch_tui.present.signs import Charset, Role
from porch_tui.tui.drawing.cells import rule, shortened
from porch_tui.tui.drawing.styles import Line, Span, width_of


class Corners(Struct, frozen=True):
    """The signs that a frame is drawn with."""

    upper: str
    """Left and right."""
    lower: str
    side: str
    thumb: str
    """The part of a side that says which part of all there is in view."""


CORNERS = {
    Charset.UNICODE: Corners("╭╮", "╰╯", "│", "┃"),
    Charset.ASCII: Corners("++", "++", "|", "#"),
}


def line_role(*, is_focused: bool) -> Role:
    """Return the color of the line around a pane."""
    return Role.RUN if is_focused else Role.RULE


def heading(
    title: Sequence[Span], end: Sequence[Span], cells: int, charset: Charset, *, is_focused: bool
) -> Line:
    """Return a title on a thin line of exactly so many cells, and what is at its end, where there is room.

    `─ 1 tasks ────────── 6–20 of 34 ─`
    """
    role = line_role(is_focused=is_focused)
    title = shortened_line(title, max(0, cells - 4), charset)
    if width_of(title) + width_of(end) + 7 > cells:
        end = ()
    before = (Span(rule(1, charset), role), Span(" "), *title, Span(" "))
    behind = (Span(" "), *end, Span(" "), Span(rule(1, charset), role)) if end else ()
    return (*before, Span(rule(cells - width_of(before) - width_of(behind), charset), role), *behind)


def framed(
    lines: Sequence[Line], upper: Line, cells: int, rows: int, charset: Charset, *, is_focused: bool
) -> list[Line]:
    """Return lines in a frame of so many cells and rows, below an upper line without its corners."""
    signs, role = CORNERS[charset], line_role(is_focused=is_focused)
    inner, side = cells - 2, Span(signs.side, role)
    middle = [*lines[: rows - 2], *[()] * (rows - 2 - len(lines))]
    return [
        (Span(signs.upper[0], role), *upper, Span(signs.upper[1], role)),
        *((side, *line, Span(" " * max(0, inner - width_of(line))), side) for line in middle),
        (Span(signs.lower[0], role), Span(rule(inner, charset), role), Span(signs.lower[1], role)),
    ]


def place_title(key: str, name: str, *, is_focused: bool) -> tuple[Span, ...]:
    """Return the title of a pane, with the key that goes there."""
    role = Role.RUN if is_focused else Role.MUTED
    return Span(f"{key} ", role), Span(name, role, is_bold=is_focused)


def upper_line(cells: int, charset: Charset) -> Line:
    """Return the line above what is said over the lower end of a screen."""
    return (Span(rule(cells, charset), line_role(is_focused=True)),)


def shortened_line(spans: Sequence[Span], cells: int, charset: Charset) -> Line:
    """Return the spans in at most so many cells, an ellipsis in place of what does not fit."""
    kept: list[Span] = []
    for span in spans:
        if (text := shortened(span.text, cells, charset)) and cells > 0:
            kept.append(span._replace(text=text))
            cells -= width_of(kept[-1:])
            if text != span.text:
                break
    return tuple(kept)
