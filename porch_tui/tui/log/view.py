"""Lines of a log on the screen: a window on them that follows their end or stands still.

The view draws and moves; it keeps no timer and asks nobody: whoever shows it
calls `tick`. Lines come from `log_lines`, their looks from `log_drawing`; what a
person looks for in them is `log_pane`'s business.
"""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct
from textual.events import MouseScrollDown, MouseScrollUp
from textual.geometry import Region

from porch_tui.core.model.copying import replace
from porch_tui.tui.log.block_index import Growth
from porch_tui.tui.log.canvas import LogCanvas
from porch_tui.tui.log.lines import ASIDE_BYTES, LogLines
from porch_tui.tui.log.window import Window
from porch_tui.tui.terminal.ansi import MAX_CELLS, clean

SIDE_CELLS = 8
_WHEEL_LINES = 3


class _Seen(Struct, frozen=True):
    """What is on the screen, to tell after a look at the file what is no longer right."""

    status: str
    top: int
    count: int
    is_last_open: bool
    trouble: str


class LogView(LogCanvas):
    """A window that goes along with its file."""

    # --- what the screen asks for

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
        if log.left_bytes > ASIDE_BYTES:
            self.run_worker(log.read_aside, thread=True, exclusive=True, group="reading")
        has_more = self._take_in(growth, moved)
        new_lines = self.line_count - before.count
        self._measure()
        by_jumps = self.jump_scroll and not self._is_wrapped
        self._window = self._window.grown(self.line_count, new_lines, by_jumps=by_jumps)
        self._refresh_changes(before, self._seen(log), has_more=has_more)

    # --- what a log with a search changes

    def _take_in(self, growth: Growth, moved: int | None) -> bool:
        """Go along with what the file has become, and say whether there is more of it."""
        if moved is not None:
            self._renumber(moved)
        return growth is Growth.MORE

    # --- moving

    def action_first_line(self) -> None:
        """Go to the first line of the file, even while the rest of it is still being read."""
        if self._log is not None:
            self._log.look_at_start()
        self._show_from(self._window.at_start(self.line_count))

    def action_last_line(self) -> None:
        """Go to the end of the file and follow it."""
        if self._log is not None:
            self._log.look_at_end()
        self._drawn.clear()
        self._measure()
        self._show_from(self._window.at_end(self.line_count))

    def action_scroll_lines(self, lines: int) -> None:
        """Move by so many lines, up if negative; any move up ends following."""
        self._measure()
        self._go(self._window.moved(lines, self.line_count))

    def action_scroll_half_pages(self, count: int) -> None:
        """Move by half pages, up if negative; any move up ends following."""
        self.action_scroll_lines(count * self._window.rows // 2)

    def action_scroll_side(self, cells: int) -> None:
        """Move sideways, to the left if negative; a wrapped log has no side."""
        left = min(max(0, self._left + cells), MAX_CELLS - SIDE_CELLS)
        if left != self._left and not self._is_wrapped:
            self._left = left
            self._redraw()

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.stop()
        self.action_scroll_lines(-_WHEEL_LINES)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        self.action_scroll_lines(_WHEEL_LINES)

    def on_resize(self) -> None:
        """Keep the end in view if it is followed."""
        self._drawn.clear()
        self._window = self._window.resized(self._fits(), self.line_count)

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
        self._drawn.clear()
        self._measure()
        self._show_from(self._window.at_end(self.line_count))

    def _renumber(self, moved: int) -> None:
        """Keep the same lines in view, whose numbers went up."""
        self._show_from(self._window.renumbered(moved, self.line_count))

    def _show_from(self, window: Window) -> None:
        """Draw all anew: with the place, the numbers of the lines may have changed."""
        self._window = window
        self._redraw()

    def _go(self, window: Window) -> None:
        """Draw what a move has changed."""
        before, self._window = self._window, window
        if before.top != window.top:
            self.refresh()
        elif before != window:
            self._refresh_title()

    def _measure(self) -> None:
        if self._is_wrapped and self.size.area:
            self._window = replace(self._window, rows=self._fits())

    def _seen(self, log: LogLines) -> _Seen:
        lines = self._lines or log
        return _Seen(self.status(), self._window.top, lines.line_count, lines.is_last_line_open, log.trouble)

    def _refresh_changes(self, before: _Seen, now: _Seen, *, has_more: bool) -> None:
        first = max(now.top, before.count - before.is_last_open)
        last = min(now.top + self._body_rows, now.count)
        is_in_view = has_more and first < last
        if (before.top, before.trouble) != (now.top, now.trouble) or (is_in_view and self._is_wrapped):
            self.refresh()
            return
        if before.status != now.status:
            self._refresh_title(max(len(before.status), len(now.status)) + 2)
        if is_in_view:
            y = self._title_rows + first - now.top
            self.refresh(Region(0, y, self.size.width, last - first))

    def _refresh_title(self, cells: int = MAX_CELLS) -> None:
        width = min(self.size.width, cells) if self._title_rows else 0
        self.refresh(Region(self.size.width - width, 0, width, 1))
