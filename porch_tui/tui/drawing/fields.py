"""Facts told one below the other, each behind its label: how an entry and a task are shown in full. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from porch_tui.present.signs import Charset, Role
from porch_tui.tui.drawing.cells import left, wrapped
from porch_tui.tui.drawing.styles import Line, Span

LABEL_CELLS = 11
LEAST_CELLS = 16
"""A window narrower than that loses text at its edge."""


class Field(Struct, frozen=True):
    """One thing worth telling. The text may be foreign: it is cleaned where it is laid out."""

    label: str
    text: str
    role: Role = Role.TEXT


class Head(Struct, frozen=True):
    """What the facts below it are about."""

    text: str


class Drawn(Struct, frozen=True):
    """A line that is laid out already."""

    line: Line


Item = Field | Head | Drawn


def lines(items: Iterable[Item], width: int, charset: Charset) -> list[Line]:
    """Return the facts as lines of `width` cells; one of the same label as that before it has none."""
    told: list[Line] = []
    before = ""
    for item in items:
        if isinstance(item, Head):
            told += [()] if told else []
            told.append((Span(" "), Span(left(item.text, max(1, width - 1), charset).rstrip(), Role.STRONG)))
        elif isinstance(item, Drawn):
            told.append(item.line)
        else:
            told += _fact(item, width, charset, has_label=item.label != before)
        before = item.label if isinstance(item, Field) else ""
    return told


def _fact(fact: Field, width: int, charset: Charset, *, has_label: bool) -> list[Line]:
    room = max(LEAST_CELLS, width - LABEL_CELLS - 2)
    label = fact.label if has_label else ""
    return [
        (
            Span(" " + left(label if number == 0 else "", LABEL_CELLS, charset), Role.MUTED),
            Span(text, fact.role),
        )
        for number, text in enumerate(wrapped(fact.text, room))
    ]
