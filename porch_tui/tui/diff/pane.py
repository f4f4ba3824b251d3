"""The lines of a diff with a cursor, and the comments below the lines they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

from textual.binding import BindingType
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message

from porch_tui.present.clean import clean
from porch_tui.present.signs import Charset, Role
from porch_tui.tui.diff.patch import Kind, Patch, PatchLine
from porch_tui.tui.drawing.cells import rule
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.styles import Line, Span
from porch_tui.tui.keys.bindings import DIFF_LINES
from porch_tui.tui.model.comments import Comment
from porch_tui.tui.widgets.frame import Extent
from porch_tui.tui.widgets.scrollable import without

_SIDE_CELLS = 8
_WHEEL_LINES = 3
_SIGNS = {Kind.ADDED: ("+", Role.GOOD), Kind.REMOVED: ("-", Role.FAIL), Kind.CONTEXT: (" ", Role.TEXT)}
_NUMBER_CELLS = 5


class DiffPane(Rows, can_focus=True):
    """Shows a patch; only the lines in view are drawn, however long it is."""

    DEFAULT_CSS = "DiffPane { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [*DIFF_LINES]

    class Moved(Message):
        """The cursor is elsewhere."""

    def __init__(self, charset: Charset) -> None:
        super().__init__(charset)
        self._patch = Patch()
        self._colors: Mapping[int, Line] = MappingProxyType({})
        self._rows: list[int | Comment] = []
        """Numbers of lines of the patch, and comments."""
        self._cursor = self._top = self._left = 0
        self._said = " reading what has changed…"

    def say(self, text: str) -> None:
        """Show a sentence in place of a patch."""
        self._said = f" {clean(text)}"
        self.show(Patch(), ())

    def show(self, patch: Patch, comments: Sequence[Comment]) -> None:
        """Show a patch from its beginning."""
        self._patch, self._colors = patch, MappingProxyType({})
        self._cursor = self._top = self._left = 0
        self.show_comments(comments)

    def show_colors(self, colors: Mapping[int, Line]) -> None:
        """Show these lines of the patch in color."""
        self._colors = colors
        self.redraw()

    def show_comments(self, comments: Sequence[Comment]) -> None:
        """Show these comments, each below its line; above all else if that is not there any more."""
        line = self.line
        by_place = {one.place: one for one in comments}
        rows: list[int | Comment] = []
        for number, each in enumerate(self._patch.lines):
            rows.append(number)
            if by_place and _can_be_commented(each) and (found := by_place.pop(about(each).place, None)):
                rows.append(found)
        self._rows = [*by_place.values(), *rows]
        if line is not None:
            self._cursor = self._rows.index(line)
        self.redraw()

    @property
    def line(self) -> int | None:
        """The number of the patch's line under the cursor, or of that which the comment there is about."""
        above = reversed(self._rows[: self._cursor + 1])
        return next((row for row in above if isinstance(row, int)), None)

    @property
    def comment(self) -> Comment | None:
        """The comment under the cursor, or an empty one for the line there; None where none can be."""
        row = self._rows[self._cursor] if self._rows else None
        if isinstance(row, Comment):
            return row
        if row is None or not _can_be_commented(self._patch.lines[row]):
            return None
        below = self._rows[self._cursor + 1] if self._cursor + 1 < len(self._rows) else None
        return below if isinstance(below, Comment) else about(self._patch.lines[row])

    @property
    def extent(self) -> Extent:
        """Which rows are in view."""
        return Extent(self._top, self.size.height, len(self._rows))

    def go_to_line(self, number: int) -> None:
        """Put the cursor on a line of the patch, and that at the top."""
        if number in self._rows:
            self._go_to(self._rows.index(number))
            self._top = self._cursor
            self.redraw()

    # --- drawing

    def compose_lines(self) -> list[Line]:
        """Return the rows in view; the window moves only as far as it must."""
        if not self._rows:
            return [(Span(self._said, Role.MUTED),)]
        height = max(1, self.size.height)
        self._top = min(max(self._top, self._cursor - height + 1), self._cursor)
        self._top = max(0, min(self._top, len(self._rows) - height))
        return [self._drawn(row) for row in self._rows[self._top : self._top + height]]

    def chosen_line(self) -> int | None:
        """Return the row of the cursor."""
        return self._cursor - self._top if self._rows else None

    def _drawn(self, row: int | Comment) -> Line:
        if isinstance(row, Comment):
            mark = "└ " if self.charset is Charset.UNICODE else "` "
            return (Span(f"{' ' * _NUMBER_CELLS} {mark}", Role.ASK), Span(clean(row.text), Role.ASK))
        line = self._patch.lines[row]
        match line.kind:
            case Kind.FILE:
                room = max(2, self.size.width - len(line.text) - 4)
                strong = Span(f" {line.text} ", Role.STRONG)
                return (
                    Span(rule(2, self.charset), Role.RULE),
                    strong,
                    Span(rule(room, self.charset), Role.RULE),
                )
            case Kind.NOTE:
                return (Span(f"{' ' * _NUMBER_CELLS} {line.text}", Role.MUTED),)
            case Kind.HUNK:
                return (Span(f"{' ' * _NUMBER_CELLS} @@ {line.text}", Role.MUTED),)
            case _:
                sign, role = _SIGNS[line.kind]
                number = Span(f"{line.number:>{_NUMBER_CELLS}} ", Role.MUTED)
                plain = (Span(line.text, Role.FAIL if line.kind is Kind.REMOVED else Role.TEXT),)
                code = without(self._colors.get(row, plain), self._left) if self._left else None
                is_bold = line.kind is not Kind.CONTEXT
                return (number, Span(sign, role, is_bold), *(code or self._colors.get(row, plain)))

    # --- moving

    def action_move(self, rows: int) -> None:
        """Move the cursor down, up if negative."""
        self._go_to(self._cursor + rows)

    def action_pages(self, pages: int) -> None:
        """Move by pages, up if negative."""
        self._go_to(self._cursor + pages * max(1, self.size.height - 1))

    def action_aside(self, steps: int) -> None:
        """Show what is to the right; to the left if negative."""
        self._left = max(0, self._left + steps * _SIDE_CELLS)
        self.redraw()

    def action_file(self, step: int) -> None:
        """Go to the next file, or the previous one."""
        here = self.line or 0
        starts = [file.start for file in self._patch.files]
        others = [one for one in starts if (one > here if step > 0 else one < here)]
        if others:
            self.go_to_line(others[0] if step > 0 else others[-1])

    def action_hunk(self, step: int) -> None:
        """Go to the next hunk, or the previous one."""
        here, lines = self.line or 0, self._patch.lines
        rest = range(here + 1, len(lines)) if step > 0 else range(here - 1, -1, -1)
        found = next((at for at in rest if lines[at].kind is Kind.HUNK), None)
        if found is not None:
            self.go_to_line(found)

    def on_click(self, event: Click) -> None:
        self._go_to(self._top + event.y)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.stop()
        self.action_move(-_WHEEL_LINES)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        self.action_move(_WHEEL_LINES)

    def _go_to(self, row: int) -> None:
        self._cursor = max(0, min(row, len(self._rows) - 1))
        self.redraw()
        self.post_message(self.Moved())


def about(line: PatchLine) -> Comment:
    """Return an empty comment about a line of a patch, or about its file."""
    return Comment(line.path, line.number, "", is_removed=line.kind is Kind.REMOVED)


def _can_be_commented(line: PatchLine) -> bool:
    return line.kind in (Kind.FILE, Kind.ADDED, Kind.REMOVED, Kind.CONTEXT)
