"""Which commits of either side touched a file in conflict, as lines of the screen. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len

from porch_tui.core.conflict.conflict import Choice, Commit, History
from porch_tui.core.model.wording import counted
from porch_tui.present.amounts import age
from porch_tui.present.clean import clean
from porch_tui.present.signs import Role
from porch_tui.tui.conflict.code_lines import Sheet, heading, words
from porch_tui.tui.conflict.lines import KEYS
from porch_tui.tui.conflict.words import Names
from porch_tui.tui.drawing.cells import left, right, shortened, wrapped
from porch_tui.tui.drawing.styles import LazyLine, Line, Span, width_of

OID_CELLS, AGE_CELLS, MOST_NAME_CELLS = 7, 4, 16


def history_lines(found: History | str, who: Names, now: float, sheet: Sheet) -> list[LazyLine]:
    """Return the commits of both sides, with their ages at `now` and the task that a commit landed with."""
    if isinstance(found, str):
        return [(Span(f" {text}", Role.MUTED),) for text in wrapped(found, sheet.cells - 2)]
    author_cells = _widest(one.author for one in (*found.main, *found.task))
    task_cells = _widest(one.task for one in found.main)
    lines: list[LazyLine] = []
    for choice, title, commits in (
        (Choice.MAIN, who.target, found.main), (Choice.TASK, who.task_in_full, found.task),
    ):  # fmt: skip
        lines.append(heading(KEYS[choice], title, counted(len(commits), "commit"), sheet))
        lines += [_line(one, now, author_cells, task_cells, sheet) for one in commits]
        if not commits:
            lines.append(words("no commit touched this file", sheet))
    return lines


def _line(one: Commit, now: float, author_cells: int, task_cells: int, sheet: Sheet) -> Line:
    begin = (
        Span(f"   {shortened(one.oid[:OID_CELLS], OID_CELLS)}", Role.MUTED),
        Span(f"  {right(age(now - one.at), AGE_CELLS)}", Role.MUTED),
        Span(f"  {left(one.author, author_cells, sheet.charset)}"),
        Span(f"  {left(one.task, task_cells, sheet.charset)}" if task_cells else "", Role.RUN),
    )
    room = sheet.cells - width_of(begin) - 3
    return (*begin, Span(f"  {shortened(one.subject, room, sheet.charset)}"))


def _widest(names: Iterable[str]) -> int:
    return min(MOST_NAME_CELLS, max((cell_len(clean(name)) for name in names), default=0))
