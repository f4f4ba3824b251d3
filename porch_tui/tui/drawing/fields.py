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
            label = item.label if item.label != before else ""
            for text in wrapped(item.text, max(LEAST_CELLS, width - LABEL_CELLS - 2)):
                named = Span(" " + left(label, LABEL_CELLS, charset), Role.MUTED)
                found.append((named, Span(text, item.role)))
                label = ""
        before = item.label if isinstance(item, Field) else ""
    return found
