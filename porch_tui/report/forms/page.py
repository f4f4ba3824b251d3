"""What a page is made of before it is text or Markdown: sections of a few kinds of blocks.

Text in blocks may be foreign and is not cleaned yet: the form that turns blocks into
characters cleans all of it. Figures are the exception, since their
lines are measured in cells: their text is cleaned before.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto

from msgspec import Struct

from porch_tui.present.gantt import Chart


class Align(Enum):
    """Which side of its column a cell is aligned to."""

    LEFT = auto()
    RIGHT = auto()


class Column(Struct, frozen=True):
    """The head of a column."""

    title: str
    align: Align = Align.LEFT


class Paragraph(Struct, frozen=True):
    """A sentence or two."""

    text: str


class Item(Struct, frozen=True):
    """One point of a listing, and the command to type for it, if there is one."""

    text: str
    command: str = ""


class Listing(Struct, frozen=True):
    """Points, one below the other."""

    items: tuple[Item, ...]


class Table(Struct, frozen=True):
    """Rows of as many cells as there are columns."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


class Figure(Struct, frozen=True):
    """Lines in a fixed-width font, at most 80 cells each."""

    lines: tuple[str, ...]


class Timeline(Struct, frozen=True):
    """The timeline, drawn by each form in its own way."""

    chart: Chart


Block = Paragraph | Listing | Table | Figure | Timeline


class Section(Struct, frozen=True):
    """A heading and the blocks below it."""

    title: str
    blocks: tuple[Block, ...]


class Page(Struct, frozen=True):
    """A whole text: what it is, its outcome in a sentence, and the rest."""

    title: str
    result: str
    sections: tuple[Section, ...]


def listing(texts: Iterable[str]) -> Listing:
    """Return a listing of points without commands."""
    return Listing(tuple(Item(text) for text in texts))


def table(columns: Iterable[Column], rows: Iterable[tuple[str, ...]], nothing: str) -> Block:
    """Return a table, or the sentence `nothing` where it would have no row."""
    found = tuple(rows)
    return Table(tuple(columns), found) if found else Paragraph(nothing)


def listed_or(texts: Iterable[str], nothing: str) -> Block:
    """Return a listing, or the sentence `nothing` where it would have no point."""
    found = listing(texts)
    return found if found.items else Paragraph(nothing)
