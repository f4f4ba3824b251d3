"""The terminal of the log that a pane shows: whether it lives, what is drawn of it, the same as text.

While it lives, it is drawn as it is; what came before it and what follows is a log as any other. To scroll
back, to search and to copy, a picture of it is read as text.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from porch_tui.emulator.window import Window
from porch_tui.session.stepping import may_step_in
from porch_tui.session.task_terminal import Phase, TaskTerminal
from porch_tui.tui.stepping.picture import Picture

TYPE_CHECKING = False
if TYPE_CHECKING:  # the board is shown without an emulator
    from porch_tui.emulator.screen import Screen
    from porch_tui.session.terminal_text import TerminalText

WATCHED_BYTES = 8 * 1024
"""What a look at a terminal in the grid reads at most, a few times what its picture takes: eight that never
pause keep a screen busy for a quarter of a core."""


class LiveTerminal:
    """The terminal of one log at a time."""

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._picture = Picture(widget)
        self._window = Window(0, 0)
        self._terminal: TaskTerminal | None = None
        self.text: TerminalText | None = None
        """What is read of it in place of the terminal, as a log."""

    @property
    def directory(self) -> Path | None:
        """The attempt's directory."""
        return self._terminal.directory if self._terminal else None

    @property
    def terminal(self) -> TaskTerminal | None:
        """What is followed."""
        return self._terminal

    @property
    def phase(self) -> Phase:
        """Whether the task has its terminal."""
        return self._terminal.phase if self._terminal else Phase.NONE

    @property
    def screen(self) -> Screen | None:
        """What it shows."""
        return self._terminal.screen if self._terminal else None

    @property
    def may_step_in(self) -> bool:
        """Whether someone takes what would be typed."""
        return self.phase is Phase.LIVE and self.directory is not None and may_step_in(self.directory)

    def open(self, log: Path) -> bool:
        """Follow the terminal of a log, if it has one; return whether that is another log."""
        if self._terminal is not None and self._terminal.directory == log.parent:
            return False
        self.close()
        self._terminal = TaskTerminal(log.parent)
        self._window = Window(self._window.cols, self._window.rows)  # its part of another one says nothing
        self._terminal.look()
        self._draw_new()
        return True

    def close(self) -> None:
        """Follow nothing."""
        self.drop_text()
        self._terminal = None

    def look(self, budget_bytes: int) -> bool:
        """Read what is new; return whether there is something to draw."""
        return self._terminal is not None and self._terminal.look(budget_bytes)

    # --- as text

    def take_text(self) -> Path | None:
        """Make a text of it to be read in its place; None if there is no room for that."""
        self.drop_text()
        with suppress(OSError):
            self.text = self.new_text()
        return self.text.path if self.text else None

    def new_text(self) -> TerminalText:
        """Return another text of it. Raises OSError."""
        from porch_tui.session.terminal_text import TerminalText

        assert self._terminal is not None
        return TerminalText(self._terminal)

    def drop_text(self) -> None:
        """Show the terminal itself again."""
        if self.text is not None:
            self.text.close()
        self.text = None

    def read_on(self) -> None:
        """Add what follows the terminal to the text of it."""
        if self.text is not None:
            with suppress(OSError):
                self.text.advance()

    # --- as it is

    def resize(self, cols: int, rows: int) -> None:
        """Say how much room there is for it."""
        self._window = Window(max(1, cols), max(1, rows))
        self._draw_new()

    def changes(self, *, is_inside: bool = False) -> list[Region]:
        """Take what it shows now, and return which cells of the room for it differ from what was drawn.

        Who only looks on sees the beginnings of rows, wherever in them the cursor is.
        """
        if (screen := self.screen) is None:
            return []
        self._window.follow(screen)
        if not is_inside:
            self._window.left = 0
        return self._picture.take(self._window.lines(screen))

    def row(self, y: int, ground: Style) -> Strip:
        """Return a row of the room for it."""
        return self._picture.row(y, self._window.cols, ground)

    def cursor(self) -> tuple[int, int] | None:
        """Return where its cursor is in the room for it; None if it is hidden."""
        return self._window.cursor(self.screen) if self.screen else None

    def place(self, x: int, y: int) -> tuple[int, int] | None:
        """Return the cell at a place in the room for it; None if there is none."""
        return self._window.place(x, y, self.screen) if self.screen else None

    def forget_styles(self) -> None:
        """Forget what was drawn in the previous styles."""
        self._picture.forget()

    def _draw_new(self) -> None:
        self._picture = Picture(self._widget)
        self.changes()
