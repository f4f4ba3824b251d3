"""Lines of a log drawn upon the screen: which stand in which row, remembered until they look otherwise.

What is drawn of one line is `log_drawing`'s business; how the view moves, `log_view`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from porch_tui.present.signs import Charset
from porch_tui.tui.drawing.wrapping import fitting
from porch_tui.tui.log.drawing import COMPONENTS, Paint, Room, Standout, paint_of, rows_of
from porch_tui.tui.log.line_times import LineTimes, Times
from porch_tui.tui.log.lines import Lines, LogLines
from porch_tui.tui.log.window import Window
from porch_tui.tui.terminal.ansi import clean
from porch_tui.tui.terminal.terminal import through_filters

_CACHED_LINES = 400


class LogCanvas(Widget, can_focus=True):
    """The title in row 0, then lines of the file. It has no border: textual draws those slowly."""

    # Textual's selection wants metadata on every segment, dearer than parsing the line.
    ALLOW_SELECT: ClassVar[bool] = False
    COMPONENT_CLASSES: ClassVar[set[str]] = set(COMPONENTS)
    DEFAULT_CSS = """
    LogCanvas { width: 1fr; height: 1fr; background: $background; color: $foreground; }
    LogCanvas > .log-pane--title { background: $panel; color: $foreground; }
    LogCanvas:focus > .log-pane--title { background: $primary; color: $text; text-style: bold; }
    LogCanvas > .log-pane--muted { color: $text-muted; }
    LogCanvas > .log-pane--here { background: $primary 12%; }
    LogCanvas > .log-pane--marked { background: $primary 18%; }
    LogCanvas:ansi > .log-pane--here { background: ansi_default; text-style: bold underline; }
    LogCanvas:ansi > .log-pane--marked { background: ansi_default; text-style: reverse; }
    """

    def __init__(
        self,
        *,
        jump_scroll: bool = False,
        charset: Charset = Charset.UNICODE,
        has_title: bool = True,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.jump_scroll = jump_scroll
        """Follow by half pages: an eighth of the bytes on a slow line."""
        self.charset = charset
        self._title_rows = int(has_title)
        self._log: LogLines | None = None
        self._title = ""
        self._window = Window()
        self._left = 0
        self._is_wrapped = False
        self._times = Times.NONE
        self._known_times = LineTimes()
        self._drawn: dict[int, list[Strip]] = {}
        self._paint: Paint | None = None

    @property
    def is_following(self) -> bool:
        """Whether the newest line is kept in view."""
        return self._window.is_following

    @property
    def line_count(self) -> int:
        """Lines that can be shown now."""
        return self._lines.line_count if self._lines else 0

    def status(self) -> str:
        """Return what stands on the right of the title."""
        return ""

    # --- what a log with a search changes

    @property
    def _lines(self) -> Lines | None:
        """What is numbered."""
        return self._log

    def _hits(self, text: str) -> Sequence[tuple[int, int]]:
        """Return which characters of a line stand out."""
        return ()

    def _ground(self, number: int, paint: Paint) -> Style:
        """Return what lies under a line."""
        return paint.text

    # --- what textual asks for

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the strips of a region. Textual asks for all of them on every frame: most are remembered."""
        rows = self._rows(crop.bottom)[crop.y :]
        if crop.column_span == (0, self.size.width):
            return rows
        return [strip.crop(*crop.column_span) for strip in rows]

    def notify_style_update(self) -> None:
        """Forget what was drawn in the styles of before."""
        super().notify_style_update()
        self._paint = None
        self._drawn.clear()

    # --- what is in view

    @property
    def _body_rows(self) -> int:
        return max(1, self.size.height - self._title_rows)

    def _fits(self) -> int:
        """Return how many of the last lines fill the view."""
        if not self._is_wrapped:
            return self._body_rows
        from_end = range(self.line_count - 1, -1, -1)
        return max(1, fitting((len(self._line_rows(n)) for n in from_end), self._body_rows))

    def _redraw(self) -> None:
        self._drawn.clear()
        self.refresh()

    # --- drawing

    def _rows(self, count: int) -> list[Strip]:
        """Return the first rows of the widget."""
        paint = self._paint = self._paint or paint_of(self)
        rows = [self._title_row(paint)] if self._title_rows else []
        number = self._window.top
        while len(rows) < count and self._log is not None and number < self.line_count:
            rows += self._line_rows(number)
            number += 1
        while len(rows) < count:
            rows.append(self._empty_row(paint, len(rows) - self._title_rows))
        return rows[:count]

    def _line_rows(self, number: int) -> list[Strip]:
        known = self._drawn.get(number)
        if known is not None:
            return known
        lines = self._lines
        assert lines is not None  # it has a line of that number
        paint = self._paint = self._paint or paint_of(self)
        ground = self._ground(number, paint)
        margin = ""
        if self._times is not Times.NONE:
            margin = self._known_times.text(lines.start(number), self._times)
        room = Room(self.size.width, self._left, self._is_wrapped)
        muted = Segment(margin, ground + paint.muted)
        drawn = rows_of(lines.line(number), room, ground, muted, Standout(self._hits, paint.hit))
        rows = [through_filters(self, strip) for strip in drawn]
        if number < lines.line_count - 1 or not lines.is_last_line_open:
            while len(self._drawn) >= _CACHED_LINES:
                del self._drawn[next(iter(self._drawn))]
            self._drawn[number] = rows
        return rows

    def _title_row(self, paint: Paint) -> Strip:
        status = f" {self.status()} "
        room = max(0, self.size.width - len(status))
        text = set_cell_size(f" {self._title}", room) + status
        return self._fitted(Strip([Segment(text, paint.title)]), paint.title)

    def _empty_row(self, paint: Paint, y: int) -> Strip:
        text = self._nothing() if y == 0 and self.line_count == 0 and self._log is not None else ""
        return self._fitted(Strip([Segment(text, paint.muted)]), paint.text)

    def _nothing(self) -> str:
        """Return what stands in place of lines."""
        return (clean(self._log.trouble) if self._log else "") or "no output"

    def _fitted(self, strip: Strip, style: Style) -> Strip:
        return through_filters(self, strip.crop_extend(0, self.size.width, style))
