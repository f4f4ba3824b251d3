"""Which commits of either side touched a file in conflict: shown above the conflict until it is put away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import ModalScreen

from porch_tui.core.conflict import Choice
from porch_tui.core.history import Commit, History
from porch_tui.errors import PorchError
from porch_tui.tui.ansi import clean
from porch_tui.tui.cells import left, right, shortened, wrapped
from porch_tui.tui.code_lines import Sheet, heading, words
from porch_tui.tui.conflict_lines import KEYS
from porch_tui.tui.conflict_words import Names
from porch_tui.tui.inks import Line, Span, Tone
from porch_tui.tui.looks import Hue, Letters, age
from porch_tui.tui.scrolled import ScrolledRows

WIDEST = 120
OID_CELLS, AGE_CELLS, MOST_NAME_CELLS = 7, 4, 16


class ConflictHistory(ModalScreen[None]):
    """Lists the commits of both sides; closes on the key that opened it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "back", id="history.back", tooltip="To the conflict"),
    ]

    class Told(Message):
        """The commits are there, or why they are not."""

        def __init__(self, found: History | str) -> None:
            super().__init__()
            self.found = found

    def __init__(self, text: HistoryText, ask: Callable[[], History]) -> None:
        """Show in `text` what `ask` returns; it is called in a thread."""
        super().__init__()
        self._text = text
        self._ask = ask

    def compose(self) -> ComposeResult:
        """Show the commits in the middle."""
        yield self._text

    def on_mount(self) -> None:
        """Look for them."""
        self._look()

    @work(thread=True)
    def _look(self) -> None:
        try:
            found: History | str = self._ask()
        except PorchError as error:
            found = str(error)
        self.post_message(self.Told(found))

    @on(Told)
    def _show(self, message: Told) -> None:
        self._text.show(message.found)


class HistoryText(ScrolledRows):
    """The commits of both sides, newest first."""

    DEFAULT_CSS = "HistoryText { width: auto; height: auto; max-height: 100%; background: $panel; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "screen.dismiss", id="history.same", tooltip="To the conflict"),
    ]

    def __init__(self, path: str, who: Names, now: float, letters: Letters) -> None:
        """Be about a path; `now` is what the commits' ages are told from."""
        super().__init__(letters)
        self._path, self._who, self._now = path, who, now
        self._found: History | str = "looking for its commits…"

    def show(self, found: History | str) -> None:
        """Show these commits, or why there are none."""
        self._found = found
        self.refresh(layout=True)
        self.redraw()

    def get_content_width(self, container: object, viewport: object) -> int:
        """Return the cells the text takes."""
        return min(WIDEST, self.app.size.width)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """Return the rows the text takes."""
        return len(self.told(width))

    def told(self, width: int) -> Sequence[Line]:
        """Return all lines."""
        title = shortened(self._path, width - 4, self.letters)
        lines: list[Line] = [(), (Span(f" {title}", Tone.STRONG),), ()]
        if isinstance(self._found, str):
            lines += [(Span(f" {text}", Tone.MUTED),) for text in wrapped(self._found, width - 2)]
        else:
            sheet = Sheet(width, self.letters)
            lines += history_lines(self._found, self._who, self._now, sheet)
        return [*lines, (), (Span(" esc closes this, j and k scroll it", Tone.MUTED),)]


def history_lines(history: History, who: Names, now: float, sheet: Sheet) -> list[Line]:
    """Return both sides, each below its name; of the target's commits those of a task say whose."""
    everyone = [*history.main, *history.task]
    author_cells = _widest(one.author for one in everyone)
    task_cells = _widest(one.task for one in history.main)
    lines: list[Line] = []
    for choice, title, commits in (
        (Choice.MAIN, who.target, history.main), (Choice.TASK, who.task_in_full, history.task),
    ):  # fmt: skip
        lines.append(heading(KEYS[choice], title, _count(len(commits)), sheet))
        for one in commits:
            begin = _begin(one, now, author_cells, sheet.letters)
            if task_cells and choice is Choice.MAIN:
                begin = (*begin, Span(f"  {left(one.task, task_cells, sheet.letters)}", Hue.RUN))
            room = sheet.cells - sum(cell_len(span.text) for span in begin) - 3
            lines.append((*begin, Span(f"  {shortened(one.subject, room, sheet.letters)}")))
        if not commits:
            lines.append(words("no commit of it touched this", sheet))
    return lines


def _begin(one: Commit, now: float, author_cells: int, letters: Letters) -> Line:
    return (
        Span(f" {shortened(one.oid[:OID_CELLS], OID_CELLS)}", Tone.MUTED),
        Span(f"  {right(age(now - one.at), AGE_CELLS)}", Tone.MUTED),
        Span(f"  {left(one.author, author_cells, letters)}"),
    )


def _widest(names: Iterable[str]) -> int:
    return min(MOST_NAME_CELLS, max((cell_len(clean(name)) for name in names), default=0))


def _count(commits: int) -> str:
    return "1 commit" if commits == 1 else f"{commits} commits"
