"""The parts of the conflict screen: head, files, sides and result, and the choices for a whole path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.events import Click, Key, MouseScrollDown, MouseScrollUp
from textual.geometry import Size
from textual.message import Message

from porch_tui.core.conflict.conflict import Choice, Decision
from porch_tui.core.model.copying import replace
from porch_tui.core.model.wording import counted
from porch_tui.present.signs import Charset, Role
from porch_tui.tui.conflict.lines import file_lines, first_file, head_lines
from porch_tui.tui.conflict.sheet import Sheet, as_upper_line, heading
from porch_tui.tui.conflict.viewpoint import Viewpoint
from porch_tui.tui.conflict.words import Names, PathChoice, kind_words, path_choices, source_words
from porch_tui.tui.drawing.cells import bar, shortened, wrapped
from porch_tui.tui.drawing.headings import framed
from porch_tui.tui.drawing.headings import heading as upper_line
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.styles import LazyLine, Line, Span, evaluate
from porch_tui.tui.drawing.syntax import NO_COLORS, Colors
from porch_tui.tui.keys.bindings import CONFLICT_LINES, PATH_CHOICES

MOST_FILES, FEW_FILES = 5, 3
"""Rows for the files in a window of at least LOW rows, and in a lower one; none below TINY."""
LOW, TINY = 30, 20
WIDE_CELLS = 100
"""A window that is as wide, and not low, has room for frames."""
FRAMED = "-framed"
"""The class of a screen with room for frames around its panes."""


def has_room_for_frames(size: Size) -> bool:
    """Return whether panes in a window of this size stand in frames."""
    return size.width >= WIDE_CELLS and size.height >= LOW


class ConflictHead(Rows):
    """What is in conflict, how much is left, and where one is, unless a frame says that."""

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
    """The files in conflict around the current one; hidden if there is only one."""

    DEFAULT_CSS = "ConflictFiles { height: auto; } ConflictFiles.-none { display: none; }"
    viewpoint: Viewpoint | None = None

    class Clicked(Message):
        """A file was clicked."""

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
            self.post_message(self.Clicked(first_file(self.viewpoint, self.size.height) + event.y))


Make = Callable[[Sheet], Sequence[LazyLine]]
SIDEWAYS = 8
_WHEEL_LINES = 3


class ScrolledLines:
    """Some lines, and which of them are in view."""

    def __init__(self) -> None:
        self._make: Make = lambda sheet: ()
        self._made: dict[Sheet, Sequence[LazyLine]] = {}
        """All lines, by sheet: a long hunk is not compared again at each key."""
        self.top = 0
        self.shift = 0

    def put(self, make: Make, *, is_new: bool) -> None:
        """Show the lines that `make` returns, from the first one if they are about something new."""
        self._make, self._made = make, {}
        if is_new:
            self.top = self.shift = 0

    def view(self, sheet: Sheet, height: int, keys: str, begin: int = 0) -> list[Line]:
        """Return the lines in view of those from `begin` on.

        The last row counts those below and names the keys that scroll there.
        """
        lines = self.on(replace(sheet, shift=self.shift))[begin:]
        self.top = max(0, min(self.top, len(lines) - height))
        below = len(lines) - self.top - height
        shown = [evaluate(line) for line in lines[self.top : self.top + height]]
        if below > 0 and shown:
            more = shortened(f"   {counted(below + 1, 'more line')} ({keys})", sheet.cells, sheet.charset)
            shown[-1] = (Span(more, Role.MUTED),)
        return shown

    def on(self, sheet: Sheet) -> Sequence[LazyLine]:
        """Return all lines as they are on a sheet."""
        if sheet not in self._made:
            self._made[sheet] = self._make(sheet)
        return self._made[sheet]


class ConflictBody(Rows, can_focus=True):
    """The two sides above, the result below; the keys scroll one of them.

    One widget draws both. With two, each line more or less on a side would move the other widget, and
    both would be written to the terminal again.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*CONFLICT_LINES]

    def __init__(self, charset: Charset) -> None:
        super().__init__(charset)
        self._sides, self._result = ScrolledLines(), ScrolledLines()
        self._has_result = False
        self._is_on_result = False
        self._colors = NO_COLORS
        self._longest_result = 0
        self._title: Line = ()

    @property
    def is_on_result(self) -> bool:
        """Whether the keys scroll the result."""
        return self._is_on_result and self._has_result

    def show(
        self, sides: Make, result: Make | None, *, is_new: bool, longest_result: int = 0, title: Line = ()
    ) -> None:
        """Show these lines, from the first one if they are about something new.

        The result has rows for so many lines, so that nothing moves when something else is chosen.
        The title is that of the frame around the sides, if there is room for one.
        """
        before = self._side_rows(self.size.width)
        self._title = title
        self._has_result, self._longest_result = result is not None, longest_result
        self._sides.put(sides, is_new=is_new)
        if result is not None:
            self._result.put(result, is_new=is_new)
        if self._is_fitted and before != self._side_rows(self.size.width):
            self.refresh(layout=True)
        self.redraw()

    def show_colors(self, colors: Colors) -> None:
        """Show the lines of the file in these colors."""
        if colors is not self._colors:
            self._colors = colors
            self.redraw()

    def switch(self) -> None:
        """Make the keys scroll the other part."""
        self._is_on_result = not self._is_on_result
        self.redraw()

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """Return how many rows the sides take."""
        return self._side_rows(width)

    def compose_lines(self) -> list[Line]:
        """Return the sides, and the result in the rest: a third at most if both cannot be seen whole."""
        upper, lower = self._upper(), self.size.height - self._upper()
        keys = ("tab, j", "j") if self.is_on_result else ("j", "tab, j")
        sheet, around = self._sheet(self.size.width), self._frame_rows
        room = 0 if self._is_fitted else upper - around
        lines = self._sides.view(replace(sheet, rows=room), upper - around, keys[0])
        if around:
            return self._in_frames(lines, sheet, upper, lower, keys[1])
        if self._has_result:
            lines = [*lines, *[()] * (upper - len(lines))]
            lines += self._result.view(sheet, lower, keys[1])
        return lines

    def _in_frames(self, sides: Sequence[Line], sheet: Sheet, upper: int, lower: int, key: str) -> list[Line]:
        """Return the sides in a frame, and the result in another one, of so many rows each."""
        width, charset = self.size.width, self.charset
        name, where = self._title[1:2], self._title[3:]
        is_focused = self.has_focus and not self.is_on_result
        title = upper_line(name, where, width - 2, charset, is_focused=is_focused)
        lines = framed(sides, title, width, upper, charset, is_focused=is_focused)
        if self._has_result and lower >= 2:
            is_focused = self.has_focus and self.is_on_result
            said = evaluate(self._result.on(replace(sheet, cells=sheet.cells - 2))[0])
            title = as_upper_line(said, charset, is_focused=is_focused)
            result = self._result.view(sheet, lower - 2, key, 1)
            lines += framed(result, title, width, lower, charset, is_focused=is_focused)
        return lines

    def watch_has_focus(self, has_focus: bool) -> None:
        """Show whether the keys are for it."""
        super().watch_has_focus(has_focus)
        self.redraw()

    def action_scroll_lines(self, lines: int) -> None:
        """Move by so many lines, up if negative."""
        self._scroll(self._focused, lines)

    def action_scroll_pages(self, pages: int) -> None:
        """Move by pages, up if negative."""
        upper = self._upper()
        rows = self.size.height - upper if self.is_on_result else upper
        self._scroll(self._focused, pages * max(1, rows - 2))

    def action_scroll_sideways(self, steps: int) -> None:
        """Move sideways, to the left if negative."""
        self._focused.shift = max(0, self._focused.shift + steps * SIDEWAYS)
        self.redraw()

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.stop()
        self._scroll(self._under(event.y), -_WHEEL_LINES)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        self._scroll(self._under(event.y), _WHEEL_LINES)

    @property
    def _focused(self) -> ScrolledLines:
        return self._result if self.is_on_result else self._sides

    def _under(self, row: int) -> ScrolledLines:
        return self._result if self._has_result and row >= self._upper() else self._sides

    @property
    def _is_fitted(self) -> bool:
        """Whether the widget is as high as the sides."""
        return self.styles.height is not None and self.styles.height.is_auto

    def _upper(self) -> int:
        """Return how many rows the sides have."""
        width, height = self.size
        if not self._has_result:
            return height
        lines = max(len(self._result.on(self._sheet(width))), self._longest_result)
        most = height - min(self._side_rows(width), height * 2 // 3)
        return height - min(lines + self._frame_rows // 2, most)  # its heading is the upper line

    def _side_rows(self, width: int) -> int:
        """Return how many rows the sides take with as little context as there may be."""
        return max(1, len(self._sides.on(self._sheet(width)))) + self._frame_rows

    @property
    def _frame_rows(self) -> int:
        """How many rows the lines of a frame take."""
        return 2 if self._title and self.is_attached and self.screen.has_class(FRAMED) else 0

    def _sheet(self, width: int) -> Sheet:
        around = self._frame_rows
        return Sheet(width - around, self.charset, colors=self._colors, around=around)

    def _scroll(self, lines: ScrolledLines, rows: int) -> None:
        lines.top = max(0, lines.top + rows)
        self.redraw()


class EditorHead(Rows):
    """The heading of the editor, and how to close it."""

    def compose_lines(self) -> list[Line]:
        """Return the one line."""
        dot = "·" if self.charset is Charset.UNICODE else "-"
        keys, is_framed = f"ctrl+s save {dot} esc cancel", self.screen.has_class(FRAMED)
        line = heading("~", "your edit", keys, Sheet(self.size.width - 2 * is_framed, self.charset))
        return [as_upper_line(line, self.charset, is_focused=True) if is_framed else line]


class PathChoices(Rows, can_focus=True):
    """The choices for a path that can only be chosen whole, each with its number."""

    DEFAULT_CSS = "PathChoices { height: auto; }"
    BINDINGS: ClassVar[list[BindingType]] = [*PATH_CHOICES]

    class Picked(Message):
        """A choice was made; None asks for a name first."""

        def __init__(self, decision: Decision | None) -> None:
            super().__init__()
            self.decision = decision

    def __init__(self, charset: Charset) -> None:
        super().__init__(charset)
        self._at = 0
        self._before: tuple[Viewpoint, Names] | None = None
        self._choices: tuple[PathChoice, ...] = ()

    def draw(self, view: Viewpoint, who: Names) -> None:
        """Show the choices for this path, the cursor on the one that was made."""
        is_other = self._before is None or self._before[0].path != view.path
        self._before, self._choices = (view, who), path_choices(view, who)
        if is_other:
            known = [one.decision for one in self._choices]
            self._at = known.index(view.whole) if view.whole and view.whole in known else 0
        self.refresh(layout=True)
        self.redraw()

    def lines_for(self, width: int) -> list[Line]:
        """Return what has happened, the choices below it, and an offer."""
        if self._before is None:
            return []
        view, who = self._before
        lines = self._title(width)
        known = [one.decision for one in self._choices]
        # another name was given than those that can be chosen: that choice is the one that asks for a name
        is_named = view.whole is not None and view.whole.choice is Choice.AS and view.whole not in known
        for at, one in enumerate(self._choices):
            taken = view.whole is not None and one.decision == (None if is_named else view.whole)
            name = f" ({view.whole.name})" if taken and view.whole and view.whole.name else ""
            mark = Span(bar(self.charset), Role.RUN) if at == self._at else Span(" ")
            text = shortened(one.text + name, width - 16, self.charset)
            chosen = Span("   chosen", Role.GOOD, is_bold=True) if taken else Span("")
            lines.append((mark, Span(f" {at + 1} ", Role.RUN, is_bold=True), Span(text), chosen))
        for offered in view.offers[:1]:
            text = shortened(source_words(offered, view.conflicted, who), width - 5)
            lines.append((Span('  " ', Role.RUN, is_bold=True), Span(text)))
        return lines

    def chosen_line(self) -> int | None:
        """Return the row under the cursor."""
        return len(self._title(self.size.width)) + self._at if self._choices else None

    def action_move(self, rows: int) -> None:
        """Go further down, or up if negative."""
        self._at = min(max(0, self._at + rows), len(self._choices) - 1)
        self.redraw()

    def action_pick(self) -> None:
        """Take what is under the cursor."""
        self.post_message(self.Picked(self._choices[self._at].decision))

    def on_key(self, event: Key) -> None:
        if event.character and event.character in "123456789"[: len(self._choices)]:
            event.stop()
            self._at = int(event.character) - 1
            self.action_pick()

    def on_click(self, event: Click) -> None:
        at = event.y - len(self._title(self.size.width))
        if 0 <= at < len(self._choices):
            self._at = at
            self.action_pick()

    def _title(self, width: int) -> list[Line]:
        if self._before is None:
            return []
        view, who = self._before
        said = kind_words(view.path, who) if view.path.stages else view.conflicted.conflict.text
        if self.screen.has_class(FRAMED):
            title = (Span(said, Role.STRONG),)
            return [upper_line(title, (), width, self.charset, is_focused=self.has_focus)]
        return [(Span(f" {text}", Role.STRONG),) for text in wrapped(said, width - 2)]

    def watch_has_focus(self, has_focus: bool) -> None:
        """Show whether the keys are for it."""
        super().watch_has_focus(has_focus)
        self.redraw()
