"""Which commits of either side touched a file in conflict: shown in place of what the sides did."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len
from textual import on, work
from textual.message import Message

from porch_tui.core.conflict.conflict import Choice, PathConflict
from porch_tui.core.conflict.history import Commit, History
from porch_tui.core.model.plan import TaskId
from porch_tui.errors import PorchError
from porch_tui.present.amounts import age
from porch_tui.present.signs import Role
from porch_tui.tui.conflict.code_lines import Sheet, heading, words
from porch_tui.tui.conflict.lines import KEYS
from porch_tui.tui.conflict.viewpoint import Viewpoint
from porch_tui.tui.conflict.words import Names
from porch_tui.tui.conflict.writing import ConflictWriter
from porch_tui.tui.drawing.cells import left, right, shortened, wrapped
from porch_tui.tui.drawing.styles import LaterLine, Line, Span
from porch_tui.tui.terminal.ansi import clean
from porch_tui.tui.widgets.live_screen import ScreenContext

OID_CELLS, AGE_CELLS, MOST_NAME_CELLS = 7, 4, 16
LOOKING = "looking for its commits…"
Key = tuple[str, str]
"""A path, and git's merged tree: upon another tip its history is another."""


class ConflictHistorian(ConflictWriter):
    """A screen that knows where files come from."""

    class Looked(Message):
        """The commits are there, or why they are not."""

        def __init__(self, key: Key, found: History | str) -> None:
            super().__init__()
            self.key, self.found = key, found

    def __init__(self, context: ScreenContext, task: TaskId | None) -> None:
        super().__init__(context, task)
        self._histories: dict[Key, History | str] = {}

    def history_of(self, view: Viewpoint) -> History | str:
        """Return the history of what is looked at; while it is looked for, and if it cannot be had, words."""
        key = (view.path.path, view.parked.conflict.tree)
        if key not in self._histories:
            self._histories[key] = LOOKING
            self._look(key, view.parked.task, view.path)
        return self._histories[key]

    def look_again(self) -> None:
        """Forget what could not be had: the person asks for it once more."""
        self._histories = {key: one for key, one in self._histories.items() if isinstance(one, History)}

    @work(thread=True, group="history")
    def _look(self, key: Key, task: TaskId, path: PathConflict) -> None:
        try:
            found: History | str = self.context.outside.conflicts.history(task, path)
        except PorchError as error:
            found = str(error)
        self.post_message(self.Looked(key, found))

    @on(Looked)
    def _show_history(self, message: Looked) -> None:
        self._histories[message.key] = message.found
        self.show_conflict()


def history_lines(found: History | str, who: Names, now: float, sheet: Sheet) -> list[LaterLine]:
    """Return the commits of both sides, each below its name; `now` is what their ages are told from.

    Of the target's commits those that landed with a task say with which.
    """
    if isinstance(found, str):
        return [(Span(f" {text}", Role.MUTED),) for text in wrapped(found, sheet.cells - 2)]
    author_cells = _widest(one.author for one in (*found.main, *found.task))
    task_cells = _widest(one.task for one in found.main)
    lines: list[LaterLine] = []
    for choice, title, commits in (
        (Choice.MAIN, who.target, found.main), (Choice.TASK, who.task_in_full, found.task),
    ):  # fmt: skip
        lines.append(heading(KEYS[choice], title, _count(len(commits)), sheet))
        lines += [_line(one, now, author_cells, task_cells, sheet) for one in commits]
        if not commits:
            lines.append(words("no commit of it touched this", sheet))
    return lines


def _line(one: Commit, now: float, author_cells: int, task_cells: int, sheet: Sheet) -> Line:
    begin = (
        Span(f"   {shortened(one.oid[:OID_CELLS], OID_CELLS)}", Role.MUTED),
        Span(f"  {right(age(now - one.at), AGE_CELLS)}", Role.MUTED),
        Span(f"  {left(one.author, author_cells, sheet.charset)}"),
        Span(f"  {left(one.task, task_cells, sheet.charset)}" if task_cells else "", Role.RUN),
    )
    room = sheet.cells - sum(cell_len(span.text) for span in begin) - 3
    return (*begin, Span(f"  {shortened(one.subject, room, sheet.charset)}"))


def _widest(names: Iterable[str]) -> int:
    return min(MOST_NAME_CELLS, max((cell_len(clean(name)) for name in names), default=0))


def _count(commits: int) -> str:
    return "1 commit" if commits == 1 else f"{commits} commits"
