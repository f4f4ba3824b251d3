"""The forms of a report side by side: what each says in its tables, as a reader sees it."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser


class Tables(HTMLParser):
    """The tables of a page: rows of cells, as a reader sees them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self._is_cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self.tables[-1][-1].append("")
        self._is_cell = (self._is_cell or tag in {"td", "th"}) and tag != "title"

    def handle_endtag(self, tag: str) -> None:
        self._is_cell = self._is_cell and tag not in {"td", "th"}

    def handle_data(self, data: str) -> None:
        if self._is_cell:
            self.tables[-1][-1][-1] += data

    def named(self, *titles: str) -> list[dict[str, str]]:
        """Return the rows of the first table whose columns begin so, by the titles of its columns."""
        head, *rows = next(table for table in self.tables if tuple(table[0][: len(titles)]) == titles)
        return [dict(zip(head, map(plain, row), strict=True)) for row in rows]


def cells_of_markdown(text: str) -> list[str]:
    """Return the cells of all tables, without what Markdown needs besides."""
    rows = [line for line in text.splitlines() if line.startswith("|") and not re.match(r"\|[-: |]+$", line)]
    cells = [cell for row in rows for cell in re.split(r"(?<!\\)\|", row)[1:-1]]
    return [plain(unescape(re.sub(r"\\(.)", r"\1", cell))) for cell in cells]


def cells_of_html(page: str) -> list[str]:
    """Return the same of a page for a browser."""
    return [plain(cell) for table in Tables(page).tables for row in table for cell in row]


def plain(cell: str) -> str:
    """Return a cell without signs, emphasis and repeated blanks: each form has its own."""
    return " ".join(re.sub(r"[✓✗!·`*▸‖]|^- (?=\w)", " ", cell.strip()).split())


def missing_in_text(cells: list[str], text: str) -> list[str]:
    """Return the cells that a report as text has not, where one may go over several lines."""
    words = "".join(plain(text).split())
    lines = [line.split() for line in text.splitlines()]
    # of a cell that was wrapped beside others each word is in a line of its own
    return [
        cell
        for cell in cells
        if "".join(cell.split()) not in words
        and not all(any(word in line or part_of(word, line) for line in lines) for word in cell.split())
    ]


def part_of(word: str, line: list[str]) -> bool:
    """Say whether a word begins in a line and would go on in the next."""
    return any(len(one) > 3 and word.startswith(one) for one in line)
