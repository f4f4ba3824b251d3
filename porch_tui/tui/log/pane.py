"""A log that takes keys: search, filter, wrap, times, and lines that are marked to be copied.

What is copied, saved or opened in a pager is asked for by a message; the screen
that holds the pane has it done.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from rich.style import Style
from textual.binding import BindingType
from textual.message import Message

from porch_tui.core.model.copying import replace
from porch_tui.tui.log import status as log_status
from porch_tui.tui.log.drawing import Paint
from porch_tui.tui.log.excerpts import Extract
from porch_tui.tui.log.keys import KEYS
from porch_tui.tui.log.line_times import LineTimes, Times
from porch_tui.tui.log.marking import Marked
from porch_tui.tui.log.pattern import Pattern
from porch_tui.tui.log.search import LogSearch
from porch_tui.tui.log.seek_prompt import SeekPrompt
from porch_tui.tui.widgets.live_screen import LiveScreen

TICKS_TO_TIMES = 10
"""A second, or two and a half over a slow line."""


class LogPane(LogSearch):
    """A log in which a person reads."""

    BINDINGS: ClassVar[list[BindingType]] = KEYS
    _marked: Marked | None = None
    _tell_times: Callable[[], LineTimes] | None = None
    _ticks_to_times = 0
    """Looks at the file until it is asked again when lines were written."""

    class Yanked(Message):
        """Lines are to be copied."""

        def __init__(self, extract: Extract) -> None:
            super().__init__()
            self.extract = extract

    class SaveWanted(Message):
        """The whole log is to be written into a file, as text."""

        def __init__(self, path: Path) -> None:
            super().__init__()
            self.path = path

    class PagerWanted(Message):
        """The log itself is to be opened in the pager."""

        def __init__(self, path: Path) -> None:
            super().__init__()
            self.path = path

    # --- what the screen asks for

    def show(self, path: Path, title: str, times: Callable[[], LineTimes] | None = None) -> None:
        """Show the end of a log and follow it. The log shown already keeps its place.

        `times` is asked now and then when its lines were written; None if that is not known.
        """
        self._tell_times = times
        super().show(path, title)

    def tick(self) -> None:
        """Look at the file once, and redraw what that has changed."""
        super().tick()
        if self._times is Times.NONE or not self._lines or not self.line_count:
            return
        self._ticks_to_times -= 1
        last = min(self.line_count, self._window.top + self._body_rows) - 1
        # the engine looks once a second: oftener there is nothing to be learnt
        if self._ticks_to_times <= 0 and self._known_times.at(self._lines.start(last)) is None:
            self._learn_times()

    @property
    def is_plain(self) -> bool:
        """Whether the end is followed, and nothing is looked for or marked."""
        return self.is_following and not any((self._marked, self._finder, self._filter))

    def status(self) -> str:
        """Return counts, what is looked for, and whether the end is followed."""
        if self._log is None:
            return ""
        if self._marked is not None:
            return f"{log_status.amount(self._marked.count, 'line')} marked"
        count = log_status.amount(self.line_count, "line")
        if self._filter is not None:
            pattern = self._filter.finder.patterns[0].text
            count = f"&{pattern}: {count}{'+' if self._filter.finder.is_cut else ''}"
            if self._filter.finder.left_bytes > 0:
                count += " so far"
        elif not self._log.is_read:
            count = f"reading {self._log.read_percent} %"
        if self.is_following:
            where = log_status.following(self.charset)
        else:
            is_counted = self._log.is_read or self._filter is not None
            new = self._window.new_lines(self.line_count) if is_counted else 0
            where = log_status.held(new, self.charset)
        return "  ".join(filter(None, (self._search_status(), f"{count} {where}")))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say whether a key means something now: others may have it otherwise."""
        match action:
            case "next_match":
                return self._finder is not None
            case "yank":
                return self._marked is not None
            case "step_back":
                return any((self._marked, self._finder, self._filter))
            case _:
                return True

    # --- what a person wants

    def action_step_back(self) -> None:
        """Take away the marks, else the search, else the filter."""
        if self._marked is not None:
            self._unmark()
        else:
            self.unseek()
        self._keys_changed()

    def action_search(self) -> None:
        """Ask what to look for; hits stand out while it is typed."""
        before = self.sought

        def done(pattern: Pattern | None) -> None:
            self.seek(before if pattern is None else pattern if pattern.text else None)
            if pattern is not None:
                self.go_to_nearest()
            self._keys_changed()

        self.app.push_screen(SeekPrompt("search", before, self.charset, self._seek_while_typed), done)

    def action_filter(self) -> None:
        """Ask which lines alone are to be shown."""

        def done(pattern: Pattern | None) -> None:
            if pattern is not None:
                self._unmark()
                self.filter_by(pattern if pattern.text else None)
            self._keys_changed()

        self.app.push_screen(SeekPrompt("show only lines with", self.filtered_by, self.charset), done)

    def action_toggle_follow(self) -> None:
        """Stand still, or go to the end and stay there."""
        if self.is_following:
            self._go(self._window.hold(self.line_count))
        else:
            self.action_last_line()

    def action_toggle_wrap(self) -> None:
        """Break long lines into rows, or cut them at the edge."""
        self._is_wrapped = not self._is_wrapped
        self._left = 0
        self._drawn.clear()
        self._window = self._window.resized(self._fits(), self.line_count)
        self.refresh()

    def action_next_times(self) -> None:
        """Have each line told when it was written: not at all, since the start, by the clock."""
        if self._times is Times.NONE and not self._learn_times():
            self.post_message(LiveScreen.Notify("nobody noted when the lines of this log were written"))
            return
        self._times = self._times.next()
        self._drawn.clear()
        self._measure()
        self.refresh()

    def action_mark(self) -> None:
        """Mark a line, from where moves mark more; again: mark nothing."""
        if self._marked is not None:
            self._unmark()
        elif self.line_count:
            last = min(self.line_count, self._window.top + self._lines_in_view()) - 1
            here = self._number(self._here) if self._here is not None else None
            was_following = self.is_following
            edge = 0 if self._window.top == 0 and not was_following else last  # `g v` begins with the first
            at = here if here is not None and self._window.top <= here <= last else edge
            self._go(self._window.hold(self.line_count))
            self._mark(Marked(at, at, was_following))
        self._keys_changed()

    def action_yank(self) -> None:
        """Copy the marked lines."""
        if self._marked is not None and self._log is not None and self._lines is not None:
            marked = range(self._marked.first, min(self._marked.last + 1, self.line_count))
            starts = tuple(self._lines.start(number) for number in marked)
            self.post_message(self.Yanked(Extract(self._log.path, starts)))
            self._unmark()
            self._keys_changed()

    def action_save(self) -> None:
        """Write the whole log into a file."""
        if self._log is not None:
            self.post_message(self.SaveWanted(self._log.path))

    def action_page(self) -> None:
        """Open the log in the pager."""
        if self._log is not None:
            self.post_message(self.PagerWanted(self._log.path))

    # --- moves, which mark more lines while some are marked

    def action_scroll_lines(self, lines: int) -> None:
        """Move by so many lines, up if negative."""
        if self._marked is None:
            super().action_scroll_lines(lines)
        else:
            self._mark(self._marked.moved(lines, self.line_count))

    def action_first_line(self) -> None:
        """Go to the first line."""
        if self._marked is None:
            super().action_first_line()
        else:
            self._mark(self._marked.moved(-self.line_count, self.line_count))

    def action_last_line(self) -> None:
        """Go to the end and follow it; with marks only mark up to there."""
        if self._marked is None:
            super().action_last_line()
        else:
            self._mark(self._marked.moved(self.line_count, self.line_count))

    # --- what it changes of the view

    def _ground(self, number: int, paint: Paint) -> Style:
        if self._marked is not None and self._marked.has(number):
            return paint.text + paint.marked
        return super()._ground(number, paint)

    def _renumber(self, moved: int) -> None:
        if self._marked is not None:
            self._marked = self._marked.renumbered(moved)
        super()._renumber(moved)

    def _open(self, path: Path) -> None:
        self._marked = None
        self._known_times = LineTimes()
        super()._open(path)

    def _search_status(self) -> str:
        if self._finder is None:
            return ""
        hits = self._finder.hits
        place = hits.count_up_to(self._here) if self._here is not None else 0
        return log_status.search(
            self._finder.patterns[0].text,
            place,
            len(hits),
            is_cut=self._finder.is_cut,
            is_busy=self._finder.left_bytes > 0,
        )

    def _seek_while_typed(self, pattern: Pattern) -> None:
        self.seek(pattern if pattern.text else None)

    def _mark(self, marked: Marked) -> None:
        self._marked = marked
        top, rows = self._window.top, self._lines_in_view()
        top = min(max(top, marked.cursor - rows + 1), marked.cursor)
        self._show_from(replace(self._window.hold(self.line_count), top=top))

    def _unmark(self) -> None:
        """Mark nothing any more, and follow again if that was so before."""
        marked, self._marked = self._marked, None
        if marked is not None and marked.was_following:
            self.action_last_line()
        else:
            self._redraw()

    def _learn_times(self) -> bool:
        """Ask when lines were written; say whether anything is known."""
        if self._tell_times is None:
            return False
        before, self._known_times = self._known_times, self._tell_times()
        self._ticks_to_times = TICKS_TO_TIMES
        if self._known_times != before:
            self._redraw()
        return bool(self._known_times.ends)

    def _keys_changed(self) -> None:
        """Have the key bar show what can be done now."""
        if isinstance(self.screen, LiveScreen):
            self.screen.draw_keys()
