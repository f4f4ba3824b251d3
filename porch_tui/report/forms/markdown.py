"""A page as Markdown (GitHub's kind, for the tables). What is foreign in it is escaped here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from porch_tui.present.clean import clean, escaped, escaped_line, in_code, longest_run
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


def as_markdown(page: Page) -> str:
    """Return the page as Markdown, one line a paragraph, point or row."""
    lines = [f"# {escaped(page.title)}"]
    for item in page.result:
        lines += ["", _item(item)]
    for section in page.sections:
        lines += ["", f"{'###' if section.task else '##'} {escaped(section.title)}"]
        for block in section.blocks:
            lines += ["", *_block(block)]
    return "\n".join(lines) + "\n"


def _block(block: Block) -> list[str]:
    match block:
        case Paragraph():
            return [escaped_line(block.text)]
        case Listing():
            return [f"- {_item(item)}" for item in block.items]
        case Table():
            titles = [escaped(column.title) for column in block.columns]
            rules = ["---:" if column.align is Align.RIGHT else "---" for column in block.columns]
            rows = [[escaped(text_of(cell)) for cell in row] for row in block.rows]
            return [f"| {' | '.join(row)} |" for row in (titles, rules, *rows)]
        case Facts():
            return [f"- {escaped(name)}: {escaped(text_of(value))}" for name, value in block.rows]
        case Figure():
            return _fenced(block.lines)
        case Timeline():
            return _fenced(gantt(block.chart))
        case Quotation():
            title = [escaped_line(block.title), ""] if block.title else []
            marks = [one.value for one in block.changes] or [""] * len(block.lines)
            lines = [f"{mark}{line}" for mark, line in zip(marks, block.lines, strict=True)]
            return [*title, *_fenced(lines, "diff" if block.changes else "text")]
        case Plots():
            return _fenced(drawn(block.plots))
        case _:
            assert_never(block)


def _item(item: Item) -> str:
    return escaped_line(item.text) + (f": {in_code(item.command)}" if item.command else "")


def _fenced(lines: Sequence[str], language: str = "text") -> list[str]:
    # a fence longer than any within it cannot be ended from inside
    fence = "`" * max(3, longest_run("\n".join(lines), "`") + 1)
    return [f"{fence}{language}", *map(clean, lines), fence]
