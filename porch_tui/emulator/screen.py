"""What a terminal of so many columns and rows shows after some bytes: the emulator's front door.

    screen = Screen(80, 24)
    screen.feed(b"\\x1b[1mhello")
    [line.text for line in screen.lines]

It behaves like tmux 3.3, cell by cell: tests compare them.
"""

from __future__ import annotations

from porch_tui.emulator import modes
from porch_tui.emulator.control_sequences import CONTROL_SEQUENCES, numbers
from porch_tui.emulator.controls import CONTROLS, ESCAPES, next_line
from porch_tui.emulator.history import History
from porch_tui.emulator.line import LARGEST_CELL, Line
from porch_tui.emulator.line_drawing import LINE_DRAWING
from porch_tui.emulator.page import Page
from porch_tui.emulator.resizing import fit
from porch_tui.emulator.style import PLAIN, restyled
from porch_tui.emulator.titles import Titles
from porch_tui.emulator.tokens import Tokens
from porch_tui.emulator.widths import DROPPED, JOINER, WIDTHS, is_narrow, runs

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    Saved = tuple[int, int, int, tuple[bool, bool], int, bool]
    """Column, row, style, character sets, which of them, origin mode."""

MOST_COLS = MOST_ROWS = 1000
TAB = 8


class Screen:
    """A screen, its cursor and its modes. `x` is `cols` after a character in the last column."""

    def __init__(self, cols: int, rows: int, history: History | None = None) -> None:
        """Begin with an empty screen. `history`: where rows go that leave it; default one of 10,000 lines.

        Raises ValueError if there are no columns or rows, or more than a thousand.
        """
        if not (1 <= cols <= MOST_COLS and 1 <= rows <= MOST_ROWS):
            raise ValueError(f"a terminal of {cols} columns and {rows} rows: both must be 1 to {MOST_COLS}")
        self.cols, self.rows = cols, rows
        self.history = History() if history is None else history
        self.page = self.main = Page(cols, rows, self.history)
        self.on_query: Callable[[str, re.Match[str]], None] | None = None
        """Called with the kind of each token that may be a query, when the screen is as it was then."""
        self.on_alternate_left: Callable[[list[Line]], None] | None = None
        """Called with the rows of the alternate screen before they go."""
        self._tokens = Tokens()
        self.reset()

    def reset(self) -> None:
        """Forget modes, style, cursor and what is saved; the cells stay."""
        self.x = self.y = self.shift = 0
        self.style, self.last = PLAIN, ""
        self.top, self.bottom = 0, self.rows - 1
        self.graphics = (False, False)
        """Whether character set 0 and 1 are lines and corners."""
        self.modes = set(modes.AT_FIRST)
        self.inserts = self.is_joining = False
        self.saved: Saved | None = None
        self.before_alternate: tuple[int, int, int] | None = None
        self.keyboard = [0]
        """Flags of kitty's keyboard protocol, the present ones last."""
        self.titles = Titles()
        self.tabs = set(range(0, self.cols, TAB))

    @property
    def lines(self) -> list[Line]:
        """The rows as they are shown."""
        return self.page.lines

    @property
    def is_alternate(self) -> bool:
        """Whether a program has the alternate screen, which has no scrollback."""
        return self.page is not self.main

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and row where the cursor is drawn."""
        return min(self.x, self.cols - 1), self.y

    @property
    def title(self) -> str:
        """What the program calls its window, cleaned."""
        return self.titles.now

    def feed(self, data: bytes) -> None:
        """Take the next bytes of a program's output, any number of them."""
        for token in self._tokens.cut(data):
            kind = token.lastgroup
            if kind == "text":
                self.write(token[0])
                continue
            if kind == "newline":
                self.x = 0
                next_line(self)
            elif kind == "final":
                self._control_sequence(token)
            elif kind == "control":
                if act := CONTROLS.get(token[0]):
                    act(self)
            elif kind == "escape":
                if act := ESCAPES.get(token["escape"]):
                    act(self)
            elif kind == "osc":
                self.titles.take(token["osc"])
            if self.on_query and kind in {"final", "osc", "dcs"}:
                self.on_query(kind, token)
            self.last = ""

    def _control_sequence(self, token: re.Match[str]) -> None:
        mark, parameters, middle, final = token.group(2, 3, 4, 5)
        if final == "m" and not mark and not middle:
            self.style = restyled(self.style, parameters)
        elif act := CONTROL_SEQUENCES.get(mark + middle + final):
            values = numbers(parameters)
            if values is not None:
                act(self, values)

    def resize(self, cols: int, rows: int) -> None:
        """Change the size. Rows of the main screen that wrap are laid out for the new width, as tmux does it.

        Raises ValueError as the constructor does.
        """
        if not (1 <= cols <= MOST_COLS and 1 <= rows <= MOST_ROWS):
            raise ValueError(f"a terminal of {cols} columns and {rows} rows: both must be 1 to {MOST_COLS}")
        if rows != self.rows:
            self.top, self.bottom = 0, rows - 1
        if cols != self.cols:
            self.tabs = set(range(0, cols, TAB))
        self.cols, self.rows = cols, rows
        self._fit()

    def _fit(self) -> None:
        y = min(self.y, self.page.rows - 1)
        self.x, self.y = fit(self.page, (self.x, y), self.cols, self.rows)

    def write(self, text: str) -> None:
        """Put characters at the cursor."""
        if self.graphics[self.shift]:
            text = text.translate(LINE_DRAWING)
        self.last = text[-1]
        if (text.isascii() or is_narrow(text)) and not self.is_joining:
            self._write_narrow(text)
        else:
            self._write_uneven(text)

    def _write_narrow(self, text: str) -> None:
        at, count, cols = 0, len(text), self.cols
        while at < count:
            x = self.x
            if x >= cols:
                self._wrap()
                x = self.x
            line = self.page.lines[self.y]
            taken = min(cols - x, count - at)
            end = x + taken
            if self.inserts:
                line.insert(x, taken, PLAIN)
            elif line.is_uneven:
                line.mend(x, end)
            line.chars[x:end] = text[at : at + taken]
            line.styles[x:end] = [self.style] * taken
            if line.used < end:  # noqa: PLR1730 - max() takes as long as the rest
                line.used = end
            self.x, at = end, at + taken

    def _wrap(self) -> None:
        if modes.WRAPS in self.modes:
            self.page.lines[self.y].wraps = True
            self.x = 0
            next_line(self, PLAIN)
        else:
            self.x = self.cols - 1

    def _write_uneven(self, text: str) -> None:
        """Put a text that has characters of no cell or of two."""
        for run in runs(text):
            kind = run.lastgroup
            if kind == "narrow" and not self.is_joining:
                self._write_narrow(run[0])
                continue
            if kind == "wide" and not self.is_joining:
                self._write_wide(run[0])
                continue
            for char in run[0]:
                width = WIDTHS[char]
                if width == DROPPED:
                    continue
                if char == JOINER:
                    self.is_joining = True
                elif self.is_joining or not width:
                    self._combine(JOINER + char if self.is_joining else char)
                    self.is_joining = False
                elif width == 1:
                    self._write_narrow(char)
                else:
                    self._write_wide(char)

    def _write_wide(self, text: str) -> None:
        cols = self.cols
        if cols < 2:
            return
        at, count = 0, len(text)
        while at < count:
            if self.x > cols - 2:
                if modes.WRAPS not in self.modes:
                    return
                self._wrap()
            x, line = self.x, self.page.lines[self.y]
            taken = min((cols - x) // 2, count - at)
            end = x + 2 * taken
            if self.inserts:
                line.insert(x, 2 * taken, PLAIN)
            else:
                line.mend(x, end)
            line.chars[x:end] = [part for char in text[at : at + taken] for part in (char, "")]
            line.styles[x:end] = [self.style] * (2 * taken)
            line.used, line.is_uneven = max(line.used, end), True
            self.x, at = end, at + taken

    def _combine(self, mark: str) -> None:
        """Add a character that takes no cell to the one before the cursor."""
        line, x = self.page.lines[self.y], self.x - 1
        x -= x > 0 and not line.chars[x]
        if x >= 0 and len((line.chars[x] + mark).encode()) <= LARGEST_CELL:
            line.chars[x] += mark
            line.used, line.is_uneven = max(line.used, x + 1), True

    def go(self, x: int, y: int) -> None:
        """Move the cursor, at most to an edge."""
        self.x, self.y = min(max(x, 0), self.cols - 1), min(max(y, 0), self.rows - 1)

    def save(self) -> None:
        """Remember cursor, style and character sets."""
        is_origin = modes.ORIGIN in self.modes
        self.saved = (self.x, self.y, self.style, self.graphics, self.shift, is_origin)

    def restore(self) -> None:
        """Go back to what was saved, or to the beginning."""
        x, y, self.style, self.graphics, self.shift, is_origin = self.saved or (
            0, 0, PLAIN, (False, False), 0, False,
        )  # fmt: skip
        (self.modes.add if is_origin else self.modes.discard)(modes.ORIGIN)
        self.go(x, y)

    def enter_alternate(self, *, keeps_cursor: bool) -> None:
        """Show an empty screen that has no scrollback."""
        if self.page is self.main:
            if keeps_cursor:
                self.before_alternate = (self.x, self.y, self.style)
            self.page = Page(self.cols, self.rows, None)
            self.history.unwrap()  # as in tmux, where both screens have one scrollback

    def leave_alternate(self, *, restores_cursor: bool) -> None:
        """Show the main screen again."""
        if self.on_alternate_left and self.page is not self.main:
            self.on_alternate_left(self.page.lines)
        if restores_cursor and self.before_alternate:
            self.x, self.y, self.style = self.before_alternate
        if self.page is not self.main:
            self.page = self.main
            self._fit()
        self.go(self.x, self.y)
