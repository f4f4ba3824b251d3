"""Texts with labels, one below the other: the details of a task or of a queue entry. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from porch_tui.present.signs import Charset, Role
from porch_tui.tui.drawing.cells import left, wrapped
from porch_tui.tui.drawing.styles import Line, Span

LABEL_CELLS = 11
LEAST_CELLS = 16
"""For the text; in a narrower window it is cut at the edge."""


class Field(Struct, frozen=True):
    """A text with its label. The text may be foreign: `lines` cleans it."""

    label: str
    text: str
    role: Role = Role.TEXT


class Head(Struct, frozen=True):
    """A heading."""

    text: str


class Drawn(Struct, frozen=True):
    """A line that is drawn already."""

    line: Line


Item = Field | Head | Drawn


def lines(items: Iterable[Item], width: int, charset: Charset) -> list[Line]:
    """Return the items as lines of `width` cells; a label equal to the previous one is left out."""
    found: list[Line] = []
    before = ""
    for item in items:
        if isinstance(item, Head):
            text = left(item.text, max(1, width - 1), charset).rstrip()
            found += [*([()] if found else []), (Span(" "), Span(text, Role.STRONG))]
        elif isinstance(item, Drawn):
            found.append(item.line)
        else:
            found += _field(item, width, charset, has_label=item.label != before)
        before = item.label if isinstance(item, Field) else ""
    return found


def _field(field: Field, width: int, charset: Charset, *, has_label: bool) -> list[Line]:
    room = max(LEAST_CELLS, width - LABEL_CELLS - 2)
    label = field.label if has_label else ""
    return [
        (
            Span(" " + left(label if number == 0 else "", LABEL_CELLS, charset), Role.MUTED),
            Span(text, field.role),
        )
        for number, text in enumerate(wrapped(field.text, room))
    ]
