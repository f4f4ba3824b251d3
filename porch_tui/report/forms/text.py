"""A page as plain text that fits a terminal. What is foreign in it is cleaned here."""

from __future__ import annotations

from typing import assert_never

from porch_tui.present.cells import WIDTH, cells, table, tables, wrapped
from porch_tui.present.clean import clean
from porch_tui.report.forms.page import (
    Align,
    Block,
    Facts,
    Figure,
    Item,
    Listing,
    Page,
    Paragraph,
    Plots,
    Quotation,
    Table,
    Timeline,
    text_of,
)
from porch_tui.report.forms.plots import drawn
from porch_tui.report.forms.timeline import gantt


def as_text(page: Page, width: int = WIDTH) -> str:
    """Return the page as lines of at most `width` cells; figures keep the width they were drawn in."""
    lines = [*_underlined(page.title, "=", width), ""]
    for item in page.result:
        lines += _item(item, width, "")
    for section in page.sections:
        lines += ["", "", *_underlined(section.title, "." if section.task else "-", width)]
        for block in section.blocks:
            lines += ["", *_block(block, width)]
    return "\n".join(lines) + "\n"


def _underlined(title: str, rule: str, width: int) -> list[str]:
    lines = wrapped(clean(title), width)
    return [*lines, rule * max(map(cells, lines))]


def _block(block: Block, width: int) -> list[str]:
    match block:
        case Paragraph():
            return wrapped(clean(block.text), width)
        case Listing():
            return [line for item in block.items for line in _item(item, width, "- ")]
        case Table():
            numbers = [column.align is Align.RIGHT for column in block.columns]
            rows = [[column.title for column in block.columns]]
            rows += [[clean(text_of(cell)) for cell in row] for row in block.rows]
            return tables(rows, numbers, width)
        case Facts():
            facts = [[name, clean(text_of(value))] for name, value in block.rows]
            return table(facts, [False, False], width)
        case Figure():
            return [line.rstrip() for line in block.lines]
        case Timeline():
            return [line.rstrip() for line in gantt(block.chart, width)]
        case Quotation():
            title = wrapped(clean(block.title), width) if block.title else []
            marks = [f"{one.value} " for one in block.changes] or [""] * len(block.lines)
            marked = zip(marks, block.lines, strict=True)
            return [*title, *(part for mark, line in marked for part in _quoted(mark, clean(line), width))]
        case Plots():
            return drawn(block.plots, width)
        case _:
            assert_never(block)


def _quoted(mark: str, line: str, width: int) -> list[str]:
    """Return a line of a quotation, its own indentation kept, in as many lines as it needs."""
    text = line.lstrip(" ")
    indent = " " * min(len(line) - len(text), width // 2)
    return [part.rstrip() for part in wrapped(text, width, f"    {mark}{indent}", f"      {indent}")]


def _item(item: Item, width: int, bullet: str) -> list[str]:
    command = wrapped(clean(item.command), width, "    ") if item.command else []
    return [*wrapped(clean(item.text), width, bullet), *command]
