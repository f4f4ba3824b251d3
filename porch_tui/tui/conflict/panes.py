"""What stands above the sides on the conflict screen: the head, and the files."""

from __future__ import annotations

from textual.events import Click
from textual.message import Message

from porch_tui.tui.conflict.code_lines import Sheet
from porch_tui.tui.conflict.lines import file_lines, first_file, head_lines
from porch_tui.tui.conflict.viewpoint import Viewpoint
from porch_tui.tui.conflict.words import Names
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.styles import Line

MOST_FILES, FEW_FILES = 5, 3
"""Rows for the files in a window of at least LOW rows, and in a lower one; below TINY there are none."""
LOW, TINY = 30, 20


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
        return head_lines(*self.shown, Sheet(self.size.width, self.charset)) if self.shown else []


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
        return file_lines(self.viewpoint, Sheet(self.size.width, self.charset), self.size.height)

    def on_click(self, event: Click) -> None:
        if self.viewpoint is not None:
            self.post_message(self.Went(first_file(self.viewpoint, self.size.height) + event.y))
