"""A page as Markdown (GitHub's kind, for the tables). What is foreign in it is escaped here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import chain
from typing import assert_never

from porch_tui.core.model.wording import counted
from porch_tui.present.clean import clean, escaped, escaped_line, in_code, longest_run
from porch_tui.present.signs import Charset, Sign
from porch_tui.report.forms.page import (
    Align,
    Block,
    Cell,
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
from porch_tui.report.forms.plots import drawn
from porch_tui.report.forms.timeline import gantt

MOST = 65_536
"""GitHub's limit for a comment, in characters as it counts them: more is refused."""
OPEN_LINES = 60
"""A section of more is folded, even if it comes first."""


def as_markdown(page: Page, most: int | None = MOST) -> str:
    """Return the page as Markdown, one line a paragraph, point or row: made for a comment on GitHub.

    What comes first is open, the rest folded. If it is longer than `most` (None: any length will do), whole
    sections are left out, those of tasks that are not in trouble first, and it says which and where they are.
    """
    head = [f"# {escaped(page.title)}", *(line for item in page.result for line in ("", _item(item)))]
    whole = {at: _section(section) for at, section in enumerate(page.sections)}
    if most is None or _length([*head, *chain(*whole.values())]) <= most:
        return "\n".join([*head, *chain(*whole.values())]) + "\n"
    of_run = [f"the end of {one.title}" for one in page.sections if one.task is None]
    longest_note = _note(page, of_run, len(page.sections))
    fitting = _fitting(page.sections, whole, most - _length([*head, *longest_note]))
    left_out = [
        f"the end of {section.title}" if at in fitting else section.title
        for at, section in enumerate(page.sections)
        if section.task is None and fitting.get(at) != whole[at]
    ]
    of_tasks = sum(section.task is not None and at not in fitting for at, section in enumerate(page.sections))
    shown = chain(*(fitting[at] for at in sorted(fitting)))
    return "\n".join([*head, *_note(page, left_out, of_tasks), *shown]) + "\n"


def _fitting(sections: Sequence[Section], whole: Mapping[int, list[str]], room: int) -> dict[int, list[str]]:
    """Return the lines of the sections that fit, by their numbers; of what comes first at least a part."""
    found: dict[int, list[str]] = {}
    # at first tasks in trouble take a half at most: the story of the run is worth as much
    for rank, share in (("first", 1), ("trouble", 2), ("run", 1), ("trouble", 1), ("fine", 1)):
        kept = room - room // share
        for at, section in enumerate(sections):
            if at in found or _rank(section) != rank:
                continue
            lines = whole[at]
            if rank == "first" and _length(lines) > room:
                lines = _beginning(section, room // 2)
            if _length(lines) <= room - kept:
                found[at] = lines
                room -= _length(lines)
    return found


def _rank(section: Section) -> str:
    """Return when a section is thought of where not all fit."""
    if section.comes_first or not section.blocks:
        return "first"
    if section.task is None:
        return "run"
    return "trouble" if section.sign in (Sign.ASKS, Sign.FAILED) else "fine"


def _beginning(section: Section, room: int) -> list[str]:
    """Return the first lines of a section, which may be cut after any."""
    lines = [f"## {escaped(section.title)}", *_body(section)]
    count = 0
    while count < len(lines) and _length(lines[: count + 1]) < room - 40:
        count += 1
    return ["", *lines[:count], "", f"and {counted(len(lines) - count, 'more line')}"]


def _note(page: Page, titles: Sequence[str], of_tasks: int) -> list[str]:
    """Return what is left out, and where it is."""
    what = [*titles, *([f"the sections of {counted(of_tasks, 'task')}"] if of_tasks else [])]
    text = f"Left out, to fit a comment: {', '.join(what)}. All of it"
    return ["", _item(Item(text, f"{page.command} --format html -o report.html"))]


def _length(lines: Iterable[str]) -> int:
    """Return the length of lines with their ends, counted as JavaScript does."""
    return sum(len(line.encode("utf-16-le", "surrogatepass")) // 2 + 1 for line in lines)


def _section(section: Section) -> list[str]:
    body = _body(section)
    if section.comes_first or not body:
        heading = f"## {escaped(section.title)}"
        return ["", heading, *(_folded(f"all {len(body)} lines", body) if len(body) > OPEN_LINES else body)]
    sign = f"{section.sign.glyph(Charset.UNICODE)} " if section.sign else ""
    return _folded(f"<b>{sign}{escape(clean(section.title))}</b>", body)


def _body(section: Section) -> list[str]:
    return [line for block in section.blocks for line in ("", *_block(block))]


def _folded(summary: str, body: Sequence[str]) -> list[str]:
    # between blank lines it is Markdown again, and not HTML
    return ["", f"<details><summary>{summary}</summary>", *body, "", "</details>"]


def _block(block: Block) -> list[str]:
    match block:
        case Paragraph():
            return [escaped_line(block.text)]
        case Listing():
            return [f"- {_item(item)}" for item in block.items]
        case Table():
            titles = [escaped(column.title) for column in block.columns]
            rules = ["---:" if column.align is Align.RIGHT else "---" for column in block.columns]
            rows = [[_cell(cell) for cell in row] for row in block.rows]
            return [f"| {' | '.join(row)} |" for row in (titles, rules, *rows)]
        case Facts():
            return [f"- {escaped(name)}: {_cell(value)}" for name, value in block.rows]
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
    codes = (word if number % 2 else in_code(word) for number, word in enumerate(item.commands) if word)
    return escaped_line(item.text) + (f": {''.join(codes)}" if item.command else "")


def _cell(cell: str | Cell) -> str:
    sign = f"{cell.sign.glyph(Charset.UNICODE)} " if isinstance(cell, Cell) and cell.sign else ""
    return f"{sign}{escaped(text_of(cell))}"


def _fenced(lines: Sequence[str], language: str = "text") -> list[str]:
    # a fence longer than any within it cannot be ended from inside
    fence = "`" * max(3, longest_run("\n".join(lines), "`") + 1)
    return [f"{fence}{language}", *map(clean, lines), fence]
