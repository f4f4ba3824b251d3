"""A page as plain text that fits a terminal. What is foreign in it is cleaned here."""

from __future__ import annotations

from typing import assert_never

from porch_tui.present.cells import WIDTH, cells, table, wrapped
from porch_tui.present.clean import clean
from porch_tui.report.forms.page import Align, Block, Figure, Listing, Page, Paragraph, Table, Timeline
from porch_tui.report.forms.timeline import gantt


def as_text(page: Page, width: int = WIDTH) -> str:
    """Return the page as lines of at most `width` cells; figures keep the width they were drawn in."""
    lines = [*_underlined(page.title, "=", width), "", *wrapped(clean(page.result), width)]
    for section in page.sections:
        lines += ["", "", *_underlined(section.title, "-", width)]
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
            lines = []
            for item in block.items:
                lines += wrapped(clean(item.text), width, "- ")
                lines += wrapped(clean(item.command), width, "    ") if item.command else []
            return lines
        case Table():
            numbers = [column.align is Align.RIGHT for column in block.columns]
            rows = [[column.title for column in block.columns]]
            rows += [[clean(cell) for cell in row] for row in block.rows]
            return table(rows, numbers, width)
        case Figure():
            return [line.rstrip() for line in block.lines]
        case Timeline():
            return [line.rstrip() for line in gantt(block.chart, width)]
        case _:
            assert_never(block)
