"""What a page is made of before it is text, Markdown or HTML: sections of a few kinds of blocks.

Text in blocks may be foreign and is not cleaned yet: the form that turns blocks into
characters cleans all of it. Figures are the exception, since their
lines are measured in cells: their text is cleaned before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum, auto

from msgspec import Struct

from porch_tui.core.model.plan import TaskId
from porch_tui.present.gantt import Chart
from porch_tui.present.plots import Plot
from porch_tui.present.signs import Sign

_ABOUT = ",? (?:which|then|raises|gives|shows|runs)(?: [a-z]+)+"
SEVERAL = re.compile(f"((?:{_ABOUT})?(?:; |, or )|{_ABOUT}$)")
"""What stands between two commands, or after the last: each is to be copied on its own."""
MOST, START, END = 600, 400, 100
"""Characters of a line that is quoted; of a longer one, those at its beginning and its end."""


class Align(Enum):
    """Which side of its column a cell is aligned to."""

    LEFT = auto()
    RIGHT = auto()


class Column(Struct, frozen=True):
    """The head of a column."""

    title: str
    align: Align = Align.LEFT


class Cell(Struct, frozen=True):
    """A cell that is more than text."""

    text: str
    sign: Sign | None = None
    """Of the status that it names."""
    task: TaskId | None = None
    """The task that it names: where it can, a form leads to that one's section."""


class Paragraph(Struct, frozen=True):
    """A sentence or two."""

    text: str


class Item(Struct, frozen=True):
    """One point of a listing, and the command to type for it, if there is one."""

    text: str
    command: str = ""

    @property
    def commands(self) -> list[str]:
        """The command, or what to choose from: commands, and between each two the words that stand there."""
        return SEVERAL.split(self.command) if self.command else []


class Listing(Struct, frozen=True):
    """Points, one below the other."""

    items: tuple[Item, ...]


class Table(Struct, frozen=True):
    """Rows of as many cells as there are columns."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str | Cell, ...], ...]


class Facts(Struct, frozen=True):
    """Names of facts with their values, one a line."""

    rows: tuple[tuple[str, str | Cell], ...]


class Figure(Struct, frozen=True):
    """Lines in a fixed-width font, at most 80 cells each."""

    lines: tuple[str, ...]


class Change(Enum):
    """What a line of a quotation is."""

    SAME = " "
    ADDED = "+"
    REMOVED = "-"


class Quotation(Struct, frozen=True):
    """Lines of something else as they are: a prompt, a log, one side of a conflict."""

    lines: tuple[str, ...]
    title: str = ""
    changes: tuple[Change, ...] = ()
    """Of each line, where they are a difference; empty: they are none."""


class Timeline(Struct, frozen=True):
    """The timeline, drawn by each form in its own way."""

    chart: Chart


class Plots(Struct, frozen=True):
    """Amounts over the time of the run, below each other on the same axis."""

    plots: tuple[Plot, ...]


Block = Paragraph | Listing | Table | Facts | Figure | Quotation | Timeline | Plots


class Section(Struct, frozen=True):
    """A heading and the blocks below it."""

    title: str
    blocks: tuple[Block, ...]
    task: TaskId | None = None
    """The task that it is about; None: the run."""
    sign: Sign | None = None
    """How that came out."""
    comes_first: bool = False
    """Where there is little room, this is shown before all others, and open."""


class Page(Struct, frozen=True):
    """A whole text: what it is, its outcome in a few lines, and the rest."""

    title: str
    result: tuple[Item, ...]
    """The most important first."""
    sections: tuple[Section, ...]
    sign: Sign | None = None
    """Of the whole."""
    command: str = ""
    """What to type for it in another form, without that form."""


def text_of(cell: str | Cell) -> str:
    """Return what a cell says."""
    return cell if isinstance(cell, str) else cell.text


def quotation(lines: Iterable[str], title: str, changes: Iterable[Change] = ()) -> Quotation:
    """Return a quotation in which an endless line has its beginning and its end alone."""
    cut = (
        line if len(line) <= MOST else f"{line[:START]} … {len(line) - START - END} more … {line[-END:]}"
        for line in lines
    )
    return Quotation(tuple(cut), title, tuple(changes))


def listing(texts: Iterable[str]) -> Listing:
    """Return a listing of points without commands."""
    return Listing(tuple(Item(text) for text in texts))


def table(columns: Iterable[Column], rows: Iterable[tuple[str | Cell, ...]], nothing: str) -> Block:
    """Return a table, or the sentence `nothing` where it would have no row."""
    found = tuple(rows)
    return Table(tuple(columns), found) if found else Paragraph(nothing)


def listed_or(texts: Iterable[str], nothing: str) -> Block:
    """Return a listing, or the sentence `nothing` where it would have no point."""
    found = listing(texts)
    return found if found.items else Paragraph(nothing)
