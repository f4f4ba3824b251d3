"""The parts of the conflict screen that draw: head, files, a pane of lines to scroll."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message

from porch_tui.tui.cells import shortened
from porch_tui.tui.code_lines import Sheet
from porch_tui.tui.conflict_lines import file_lines, first_file, head_lines
from porch_tui.tui.conflict_words import Names
from porch_tui.tui.inks import Line, Span, Tone
from porch_tui.tui.looks import Letters
from porch_tui.tui.rows import Rows
from porch_tui.tui.viewpoint import Viewpoint

MOST_FILES, FEW_FILES = 5, 3
"""Rows for the files in a window of at least LOW rows, and in a lower one; below TINY there are none."""
LOW, TINY = 30, 20
SIDEWAYS = 8
_WHEEL_LINES = 3


class ConflictHead(Rows):
    """What is in conflict, how much is left, and where one is."""

    DEFAULT_CSS = "ConflictHead { height: 2; }"
    shown: tuple[Viewpoint, Names] | None = None

    def draw(self, view: Viewpoint, who: Names) -> None:
        """Show this place."""
        self.shown = (view, who)
        self.redraw()

    def compose_lines(self) -> list[Line]:
        """Return the two lines."""
        return head_lines(*self.shown, Sheet(self.size.width, self.letters)) if self.shown else []


class ConflictFiles(Rows):
    """The files in conflict, those around the one that is looked at; nothing where there is but one."""

    DEFAULT_CSS = "ConflictFiles { height: auto; } ConflictFiles.-none { display: none; }"
    viewpoint: Viewpoint | None = None

    class Went(Message):
        """The person clicked on a file."""

        def __init__(self, file: int) -> None:
            super().__init__()
            self.file = file

    def draw(self, view: Viewpoint) -> None:
        """Show these files."""
        is_other_length = self.viewpoint is None or len(self.viewpoint.paths) != len(view.paths)
        self.viewpoint = view
        self.set_class(len(view.paths) == 1 or self.app.size.height < TINY, "-none")
        if is_other_length:
            self.refresh(layout=True)
        self.redraw()

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """Return a row for each file, up to a few."""
        most = MOST_FILES if self.app.size.height >= LOW else FEW_FILES
        return min(most, len(self.viewpoint.paths)) if self.viewpoint else 1

    def compose_lines(self) -> list[Line]:
        """Return the rows."""
        if self.viewpoint is None:
            return []
        return file_lines(self.viewpoint, Sheet(self.size.width, self.letters), self.size.height)

    def on_click(self, event: Click) -> None:
        if self.viewpoint is not None:
            self.post_message(self.Went(first_file(self.viewpoint, self.size.height) + event.y))


class LinesPane(Rows, can_focus=True):
    """Lines to scroll through, down and sideways."""

    DEFAULT_CSS = "LinesPane { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll_lines(1)", show=False, id="pane.down", tooltip="A line down"),
        Binding("k,up", "scroll_lines(-1)", show=False, id="pane.up", tooltip="A line up"),
        Binding(
            "space,ctrl+d,pagedown", "scroll_pages(1)", show=False, id="pane.page_down", tooltip="A page down"
        ),
        Binding("b,ctrl+u,pageup", "scroll_pages(-1)", show=False, id="pane.page_up", tooltip="A page up"),
        Binding("L,shift+right", "scroll_sideways(1)", show=False, id="pane.right", tooltip="Further right"),
        Binding(
            "H,shift+left", "scroll_sideways(-1)", show=False, id="pane.left", tooltip="Back to the left"
        ),
    ]

    def __init__(self, letters: Letters, *, id: str) -> None:
        super().__init__(letters, id=id)
        self._make: Callable[[Sheet], list[Line]] = lambda sheet: []
        self._made: dict[Sheet, list[Line]] = {}
        """All lines of what is shown, for sheets that were asked for: a long hunk is not made at each key."""
        self._top = 0
        self._shift = 0

    def show(self, make: Callable[[Sheet], list[Line]], *, is_new: bool) -> None:
        """Show the lines that `make` returns, from their beginning if they are of something new."""
        before = self.get_content_height(self.size, self.size, self.size.width)
        self._make, self._made = make, {}
        if is_new:
            self._top = self._shift = 0
        if before != self.get_content_height(self.size, self.size, self.size.width):
            self.refresh(layout=True)  # where the stylesheet leaves the height to the lines
        self.redraw()

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """Return how many rows all lines take."""
        return max(1, len(self._lines_on(Sheet(width, self.letters))))

    def compose_lines(self) -> list[Line]:
        """Return the lines in view; that there are more is said in the last row."""
        height = self.size.height
        lines = self._lines_on(Sheet(self.size.width, self.letters, self._shift))
        self._top = max(0, min(self._top, len(lines) - height))
        below = len(lines) - self._top - height
        shown = lines[self._top : self._top + height]
        if below > 0:
            keys = "j goes" if self.has_focus else "tab and j go"
            more = shortened(f"   {below + 1} more below: {keys} there", self.size.width, self.letters)
            shown[-1] = (Span(more, Tone.MUTED),)
        return shown

    def _lines_on(self, sheet: Sheet) -> list[Line]:
        if sheet not in self._made:
            self._made[sheet] = self._make(sheet)
        return self._made[sheet]

    def action_scroll_lines(self, lines: int) -> None:
        """Move by so many lines, up if negative."""
        self._top = max(0, self._top + lines)
        self.redraw()

    def action_scroll_pages(self, pages: int) -> None:
        """Move by pages, up if negative."""
        self.action_scroll_lines(pages * max(1, self.size.height - 2))

    def action_scroll_sideways(self, steps: int) -> None:
        """Move the lines to the left, or back if negative."""
        self._shift = max(0, self._shift + steps * SIDEWAYS)
        self.redraw()

    def on_focus(self) -> None:
        """Say that the keys are here."""
        self.redraw()

    def on_blur(self) -> None:
        """Say that they are elsewhere."""
        self.redraw()

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.stop()
        self.action_scroll_lines(-_WHEEL_LINES)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        self.action_scroll_lines(_WHEEL_LINES)
