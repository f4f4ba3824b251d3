"""One log on the screen: a window on a file's lines that follows its end or stands still.

The pane draws and moves; it keeps no timer and asks nobody: whoever shows it
calls `tick`. Lines come from `block_index`, their meaning from `ansi`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import MouseScrollDown, MouseScrollUp
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from porch_tui.tui.ansi import MAX_CELLS, clean, parse_cut
from porch_tui.tui.block_index import Growth
from porch_tui.tui.log_lines import LogLines
from porch_tui.tui.looks import Letters
from porch_tui.tui.terminal import through_filters
from porch_tui.tui.window import Window

_CACHED_STRIPS = 400
_SIDE_CELLS = 8
_WHEEL_LINES = 3
_MARKS = {Letters.UNICODE: ("▼", "‖"), Letters.ASCII: ("v", "|")}


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is on the screen, to tell after a look at the file what is no longer right."""

    status: str
    top: int
    count: int
    is_last_open: bool
    trouble: str


@dataclass(frozen=True, slots=True)
class _Paint:
    """The styles of one frame. Reading them from textual costs 90 µs, so they are kept until one changes."""

    text: Style
    title: Style
    muted: Style


class LogPane(Widget, can_focus=True):
    """The title in row 0, then lines of the file. It has no border: textual draws those slowly."""

    # Textual's selection wants metadata on every segment, dearer than parsing the line.
    ALLOW_SELECT: ClassVar[bool] = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"log-pane--title", "log-pane--muted"}
    DEFAULT_CSS = """
    LogPane { width: 1fr; height: 1fr; background: $background; color: $foreground; }
    LogPane > .log-pane--title { background: $panel; color: $foreground; }
    LogPane:focus > .log-pane--title { background: $primary; color: $text; text-style: bold; }
    LogPane > .log-pane--muted { color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "toggle_follow", "Follow", id="log.follow"),
        Binding("k,up", "scroll_lines(-1)", "Up", show=False, id="log.line_up"),
        Binding("j,down", "scroll_lines(1)", "Down", show=False, id="log.line_down"),
        Binding("ctrl+u", "scroll_half_pages(-1)", "Half page up", show=False, id="log.half_page_up"),
        Binding("ctrl+d", "scroll_half_pages(1)", "Half page down", show=False, id="log.half_page_down"),
        Binding("b,pageup", "scroll_half_pages(-2)", "Page up", show=False, id="log.page_up"),
        Binding("space,pagedown", "scroll_half_pages(2)", "Page down", show=False, id="log.page_down"),
        Binding("g,home", "first_line", "First line", show=False, id="log.first_line"),
        Binding("G,end", "last_line", "Last line, follow", show=False, id="log.last_line"),
        Binding("h,left", f"scroll_side(-{_SIDE_CELLS})", "Left", show=False, id="log.left"),
        Binding("l,right", f"scroll_side({_SIDE_CELLS})", "Right", show=False, id="log.right"),
        Binding("0", f"scroll_side(-{MAX_CELLS})", "Line start", show=False, id="log.line_start"),
    ]

    def __init__(
        self, *, jump_scroll: bool = False, letters: Letters = Letters.UNICODE, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self.jump_scroll = jump_scroll
        """Follow by half pages: an eighth of the bytes on a slow line."""
        self._letters = letters
        self._log: LogLines | None = None
        self._title = ""
        self._window = Window()
        self._left = 0
        self._strips: dict[int, Strip] = {}
        self._paint: _Paint | None = None

    # --- what the screen asks for

    @property
    def is_following(self) -> bool:
        """Whether the newest line is kept in view."""
        return self._window.is_following

    @property
    def line_count(self) -> int:
        """Lines that can be shown now."""
        return self._log.line_count if self._log else 0

    def show(self, path: Path, title: str) -> None:
        """Show the end of a log and follow it. The log shown already keeps its place."""
        self._title = clean(title)
        if self._log is None or self._log.path != path:
            self._open(path)
        self.refresh()

    def tick(self) -> None:
        """Look at the file once, and redraw what that has changed. Reads 4 MB at most."""
        log = self._log
        if log is None:
            return
        before = self._seen(log)
        growth, moved = log.advance()
        if growth is Growth.AGAIN:
            self._open(log.path)
            return
        if moved is not None:
            self._show_from(self._window.renumbered(moved, log.line_count))
        new_lines = log.line_count - before.count
        self._window = self._window.grown(log.line_count, new_lines, by_jumps=self.jump_scroll)
        self._refresh_changes(before, self._seen(log), has_more=growth is Growth.MORE)

    # --- moving

    def action_toggle_follow(self) -> None:
        """Stand still, or go to the end and stay there."""
        if self.is_following:
            self._go(self._window.hold(self.line_count))
        else:
            self.action_last_line()

    def action_first_line(self) -> None:
        """Go to the first line of the file, even while the rest of it is still being read."""
        if self._log is not None:
            self._log.look_at_start()
        self._show_from(self._window.at_start(self.line_count))

    def action_last_line(self) -> None:
        """Go to the end of the file and follow it."""
        if self._log is not None:
            self._log.look_at_end()
        self._show_from(self._window.at_end(self.line_count))

    def action_scroll_lines(self, lines: int) -> None:
        """Move by so many lines, up if negative; any move up ends following."""
        self._go(self._window.moved(lines, self.line_count))

    def action_scroll_half_pages(self, count: int) -> None:
        """Move by half pages, up if negative; any move up ends following."""
        self.action_scroll_lines(count * self._window.rows // 2)

    def action_scroll_side(self, cells: int) -> None:
        """Move sideways, to the left if negative."""
        left = min(max(0, self._left + cells), MAX_CELLS - _SIDE_CELLS)
        if left != self._left:
            self._left = left
            self._strips.clear()
            self.refresh()

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.stop()
        self.action_scroll_lines(-_WHEEL_LINES)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        self.action_scroll_lines(_WHEEL_LINES)

    # --- what textual asks for

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the strips of a region. Textual asks for all of them on every frame: most are remembered."""
        strips = [self._row(y) for y in crop.line_range]
        if crop.column_span == (0, self.size.width):
            return strips
        return [strip.crop(*crop.column_span) for strip in strips]

    def notify_style_update(self) -> None:
        """Forget what was drawn in the styles of before."""
        super().notify_style_update()
        self._paint = None
        self._strips.clear()

    def on_resize(self) -> None:
        """Keep the end in view if it is followed."""
        self._strips.clear()
        self._window = self._window.resized(self.size.height - 1, self.line_count)

    def on_unmount(self) -> None:
        """Let go of the file."""
        if self._log is not None:
            self._log.close()
            self._log = None

    # --- what is in view

    def _open(self, path: Path) -> None:
        if self._log is not None:
            self._log.close()
        self._log = LogLines(path)
        self._left = 0
        self._show_from(self._window.at_end(self.line_count))

    def _show_from(self, window: Window) -> None:
        """Draw all anew: with the place, the numbers of the lines may have changed."""
        self._window = window
        self._strips.clear()
        self.refresh()

    def _go(self, window: Window) -> None:
        """Draw what a move has changed."""
        before, self._window = self._window, window
        if before.top != window.top:
            self.refresh()
        elif before != window:
            self._refresh_title()

    def _seen(self, log: LogLines) -> _Seen:
        return _Seen(self._status(), self._window.top, log.line_count, log.is_last_line_open, log.trouble)

    def _refresh_changes(self, before: _Seen, now: _Seen, *, has_more: bool) -> None:
        if (before.top, before.trouble) != (now.top, now.trouble):
            self.refresh()
            return
        if before.status != now.status:
            self._refresh_title(max(len(before.status), len(now.status)) + 2)
        first = max(now.top, before.count - before.is_last_open)
        last = min(now.top + self._window.rows, now.count)
        if has_more and first < last:
            self.refresh(Region(0, 1 + first - now.top, self.size.width, last - first))

    def _refresh_title(self, cells: int = MAX_CELLS) -> None:
        width = min(self.size.width, cells)
        self.refresh(Region(self.size.width - width, 0, width, 1))

    # --- drawing

    def _status(self) -> str:
        if self._log is None:
            return ""
        count = "1 line" if self.line_count == 1 else f"{self.line_count:,} lines"
        if not self._log.is_read:
            count = f"reading {self._log.read_percent} %"
        follow, held = _MARKS[self._letters]
        if self.is_following:
            return f"{count} {follow} follow"
        new = self._window.new_lines(self.line_count) if self._log.is_read else 0
        return f"{count} {held} {new:,} new"

    def _row(self, y: int) -> Strip:
        paint = self._paint = self._paint or self._read_paint()
        if y == 0:
            return self._title_row(paint)
        number = self._window.top + y - 1
        if self._log is None or number >= self.line_count:
            return self._empty_row(paint, y)
        known = self._strips.get(number)
        return known if known is not None else self._line_row(self._log, number, paint)

    def _line_row(self, log: LogLines, number: int, paint: _Paint) -> Strip:
        line = log.line(number)
        segments = [
            Segment(text, paint.text + style if style else paint.text)
            for text, style, _ in parse_cut(line.head, line.tail, line.length)
        ]
        strip = self._fitted(Strip(segments), self._left, paint.text)
        if number < self.line_count - 1 or not log.is_last_line_open:
            while len(self._strips) >= _CACHED_STRIPS:
                del self._strips[next(iter(self._strips))]
            self._strips[number] = strip
        return strip

    def _title_row(self, paint: _Paint) -> Strip:
        status = f" {self._status()} "
        room = max(0, self.size.width - len(status))
        text = set_cell_size(f" {self._title}", room) + status
        return self._fitted(Strip([Segment(text, paint.title)]), 0, paint.title)

    def _empty_row(self, paint: _Paint, y: int) -> Strip:
        text = ""
        if y == 1 and self._log is not None and self.line_count == 0:
            text = clean(self._log.trouble) or "no output"
        return self._fitted(Strip([Segment(text, paint.muted)]), 0, paint.text)

    def _fitted(self, strip: Strip, left: int, style: Style) -> Strip:
        fitted = strip.crop_extend(left, left + self.size.width, style)
        return through_filters(self, fitted)

    def _read_paint(self) -> _Paint:
        text = self.visual_style.rich_style
        title = self.get_component_rich_style("log-pane--title")
        return _Paint(text, title, text + self.get_component_rich_style("log-pane--muted"))
