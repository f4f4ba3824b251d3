"""The files of a diff, each with how much of it differs."""

from __future__ import annotations

from textual.events import Click
from textual.geometry import Size
from textual.message import Message

from porch_tui.present.clean import clean
from porch_tui.present.signs import Charset, Role
from porch_tui.tui.diff.patch import FileSummary, Patch
from porch_tui.tui.drawing.cells import left, right
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.styles import Line, Span

_COUNT_CELLS = 6


class DiffFiles(Rows):
    """Lists the files, that of the cursor in view; a click goes to one."""

    DEFAULT_CSS = "DiffFiles { height: auto; }"

    class Chosen(Message):
        """A file was clicked."""

        def __init__(self, file: FileSummary) -> None:
            super().__init__()
            self.file = file

    def __init__(self, charset: Charset) -> None:
        super().__init__(charset)
        self._patch = Patch()
        self._at = self._top = 0

    def show(self, patch: Patch, at: int) -> None:
        """Show the files of a patch, with the number of the one under the cursor."""
        is_other = len(patch.files) != len(self._patch.files)
        self._patch, self._at = patch, at
        if is_other:
            self.refresh(layout=True)
        self.redraw()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how many rows all files take."""
        return max(1, len(self._patch.files))

    def compose_lines(self) -> list[Line]:
        """Return the files in view."""
        height = max(1, self.size.height)
        self._top = min(max(self._top, self._at - height + 1), self._at)
        return [self._drawn(file) for file in self._patch.files[self._top : self._top + height]]

    def chosen_line(self) -> int | None:
        """Return the row of the file under the cursor."""
        return self._at - self._top if self._patch.files else None

    def on_click(self, event: Click) -> None:
        at = self._top + event.y
        if at < len(self._patch.files):
            self.post_message(self.Chosen(self._patch.files[at]))

    def _drawn(self, file: FileSummary) -> Line:
        room = max(8, self.size.width - 2 * _COUNT_CELLS - 2)
        name = clean(file.path)
        if len(name) > room:  # the end of a path says more than its beginning
            name = ("…" if self.charset is Charset.UNICODE else "~") + name[-(room - 1) :]
        added, removed = (
            (f"+{file.added}" if file.added else ""),
            (f"-{file.removed}" if file.removed else ""),
        )
        return (
            Span(f" {left(name, room, self.charset)}"),
            Span(right(added, _COUNT_CELLS), Role.GOOD),
            Span(right(removed, _COUNT_CELLS), Role.FAIL),
        )
