"""`porch report --format html`: a page as one file that needs nothing else, and holds no script.

What is foreign in it is cleaned and escaped here and in `html_drawings`, all of it. It follows the
reader's light or dark, fits a phone, and prints.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import assert_never

from porch_tui.core.model.plan import TaskId
from porch_tui.present.amounts import UNKNOWN
from porch_tui.present.clean import clean
from porch_tui.present.signs import Charset, Sign
from porch_tui.report.forms import html_drawings
from porch_tui.report.forms.html_style import role_class, style
from porch_tui.report.forms.page import (
    Align,
    Block,
    Cell,
    Change,
    Column,
    Facts,
    Figure,
    Item,
    Listing,
    Page,
    Paragraph,
    Plots,
    Quotation,
    Section,
    Table,
    Timeline,
    text_of,
)

CHANGES = {Change.ADDED: ' class="added"', Change.REMOVED: ' class="removed"', Change.SAME: ""}


WIDE, WIDEST = 7, 9
"""Columns of tables that need more room than others."""
LONG = 28
"""Characters: a longer cell may be broken where the table has no room."""

Anchors = Mapping[TaskId, str]
"""Where the section of each task is that has one."""


def as_html(page: Page) -> str:
    """Return the page as an HTML document."""
    named = [(_anchor(section), section) for section in page.sections]
    anchors = {section.task: anchor for anchor, section in named if section.task is not None}
    border = f" b-{role_class(page.sign.role)}" if page.sign else ""
    body = [
        f"<h1>{_text(page.title)}</h1>",
        f'<div class="result{border}">',
        *(f"<p>{_item(item)}</p>" for item in page.result),
        "</div>",
        '<div class="page">',
        *_contents(named),
        "<main>",
        *(_section(anchor, section, anchors) for anchor, section in named),
        "</main>",
        "</div>",
    ]
    head = (
        f'<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n'
        # whatever slipped through, a browser runs and fetches nothing
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src '
        "'unsafe-inline'\">\n"
        f"<title>{_text(page.title)}</title>\n<style>\n{style()}</style>"
    )
    inside = "\n".join(body)
    return f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n{inside}\n</body>\n</html>\n'


def _anchor(section: Section) -> str:
    """Return where a section is: the same in every report, so that a link to it can be kept."""
    return f"task-{section.task}" if section.task is not None else section.title.lower().replace(" ", "-")


def _contents(named: list[tuple[str, Section]]) -> Iterator[str]:
    yield "<nav><ul>"
    for anchor, section in named:
        place = ' class="task"' if section.task is not None else ""
        title = section.title if section.task is None else section.task
        yield f'<li{place}><a href="#{anchor}">{_text(title)}</a></li>'
    yield "</ul></nav>"


def _section(anchor: str, section: Section, anchors: Anchors) -> str:
    sign = f"{_sign(section.sign)} " if section.sign else ""
    blocks = "\n".join(_block(block, anchors) for block in section.blocks)
    if section.task is None:
        return f'<section id="{anchor}">\n<h2>{sign}{_text(section.title)}</h2>\n{blocks}\n</section>'
    return (
        f'<section class="card" id="{anchor}">\n<h3>{sign}{_text(section.title)}</h3>\n{blocks}\n</section>'
    )


def _block(block: Block, anchors: Anchors) -> str:
    match block:
        case Paragraph():
            return f"<p>{_text(block.text)}</p>"
        case Listing():
            items = "\n".join(f"<li>{_item(item)}</li>" for item in block.items)
            return f"<ul>\n{items}\n</ul>"
        case Table():
            return _table(block, anchors)
        case Facts():
            rows = (f"<dt>{_text(name)}</dt><dd>{_cell(value, anchors)}</dd>" for name, value in block.rows)
            return "<dl>\n" + "\n".join(rows) + "\n</dl>"
        case Figure():
            return f"<pre>{escape(chr(10).join(block.lines))}</pre>"
        case Quotation():
            return _quotation(block)
        case Timeline():
            return html_drawings.timeline(block.chart, anchors)
        case Plots():
            return "\n".join(map(html_drawings.plot, block.plots))
        case _:
            assert_never(block)


def _item(item: Item) -> str:
    shown = ((number, _text(word)) for number, word in enumerate(item.commands) if word)
    codes = (word if number % 2 else f"<code>{word}</code>" for number, word in shown)
    return f"{_text(item.text)} {''.join(codes)}".rstrip()


def _table(block: Table, anchors: Anchors) -> str:
    head = "".join(f"<th{_kind(column)}>{_text(column.title)}</th>" for column in block.columns)
    rows = (
        "<tr>"
        + "".join(
            f"<td{_kind(column, cell)}{_named(column)}>{_cell(cell, anchors)}</td>"
            for column, cell in zip(block.columns, row, strict=True)
        )
        + "</tr>"
        for row in block.rows
    )
    count = len(block.columns)
    width = ' class="widest"' if count >= WIDEST else ' class="wide"' if count >= WIDE else ""
    return (
        f'<div class="scroll"><table{width}>\n<thead><tr>{head}</tr></thead>\n<tbody>\n'
        + "\n".join(rows)
        + "\n</tbody></table></div>"
    )


def _cell(cell: str | Cell, anchors: Anchors) -> str:
    if isinstance(cell, str):
        return _text(cell)
    shown = _text(cell.text)
    if cell.sign:
        shown = f'<span class="sign {role_class(cell.sign.role)}">{_glyph(cell.sign)} {shown}</span>'
    anchor = anchors.get(cell.task) if cell.task is not None else None
    return f'<a href="#{anchor}">{shown}</a>' if anchor else shown


def _quotation(block: Quotation) -> str:
    changes = [CHANGES[one] for one in block.changes] or [""] * len(block.lines)
    marks = [f"{one.value} " for one in block.changes] or [""] * len(block.lines)
    lines = "".join(
        f"<span{change}>{escape(mark)}{_text(line)}</span>"
        for change, mark, line in zip(changes, marks, block.lines, strict=True)
    )
    caption = f"<figcaption>{_text(block.title)}</figcaption>" if block.title else ""
    return f"<figure>{caption}<pre>{lines}</pre></figure>"


def _sign(sign: Sign) -> str:
    return f'<span class="sign {role_class(sign.role)}">{_glyph(sign)}</span>'


def _glyph(sign: Sign) -> str:
    return escape(sign.glyph(Charset.UNICODE))


def _named(column: Column) -> str:
    """Return the column's title as an attribute of its cells: on a phone each cell shows its own."""
    return f' data-of="{_text(column.title)}"' if column.title else ""


def _kind(column: Column, cell: str | Cell = "") -> str:
    """Return the classes of a cell as an attribute."""
    kinds = ["number"] if column.align is Align.RIGHT else []
    kinds += ["unknown"] if text_of(cell) == UNKNOWN else []
    kinds += ["long"] if len(text_of(cell)) > LONG else []
    return f' class="{" ".join(kinds)}"' if kinds else ""


def _text(text: str) -> str:
    return escape(clean(text))
