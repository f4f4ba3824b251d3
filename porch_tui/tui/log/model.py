"""One log in front of a person: its lines, the window on them, what is searched for, what is marked.

Nothing here knows Textual or draws. The view sets `height`, which returns how many rows a line takes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from porch_tui.core.model.copying import replace
from porch_tui.session.readable_log import Transcripts
from porch_tui.tui.drawing.cells import fitting
from porch_tui.tui.log.block_index import Growth
from porch_tui.tui.log.excerpts import Extract
from porch_tui.tui.log.finder import FoundLines, Jump
from porch_tui.tui.log.line_times import LineTimes, Times
from porch_tui.tui.log.lines import ASIDE_BYTES, LogLines
from porch_tui.tui.log.pattern import Pattern
from porch_tui.tui.log.search import Background, LogSearch
from porch_tui.tui.log.source import LogSource
from porch_tui.tui.log.window import Marked, Window
from porch_tui.tui.terminal.ansi import MAX_CELLS

Lines = LogLines | FoundLines
"""Lines by number, counted from 0."""
SIDE_CELLS = 8
TICKS_TO_TIMES = 10
"""A second, or two and a half over a slow line."""


class LogModel:
    """A log, and how a person looks at it."""

    def __init__(
        self,
        *,
        background: Background = lambda act: False,
        notify: Callable[[str], object] = lambda text: None,
        by_jumps: bool = False,
    ) -> None:
        """`by_jumps` follows the end by half pages: an eighth of the bytes on a slow line."""
        self.log: LogLines | None = None
        self.source = LogSource(background)
        self.search = LogSearch(background, notify)
        self.window = Window()
        self.marked: Marked | None = None
        self.here: int | None = None
        """Byte offset of the line that the person went to last."""
        self.left = 0
        """Cells of each line that are out of view on the left."""
        self.is_wrapped = False
        self.times = Times.NONE
        self.known_times = LineTimes()
        self.rows = 0
        """How many rows there are for lines; 0 until that is known."""
        self.height: Callable[[int], int] = lambda number: 1
        self.looks = 0
        """Counts the changes after which a line with the same number may look different."""
        self._background, self._notify = background, notify
        self._by_jumps = by_jumps
        self._read_times: Callable[[], LineTimes] | None = None
        self._ticks_to_times = 0
        """Looks at the file until the times of its lines are asked for again."""
        self._is_reading = False

    @property
    def lines(self) -> Lines | None:
        """The lines that are numbered: those of the filter, or all."""
        return self.search.filter or self.log

    @property
    def line_count(self) -> int:
        """Lines that can be shown now."""
        return self.lines.line_count if self.lines else 0

    @property
    def is_following(self) -> bool:
        """Whether the newest line is kept in view."""
        return self.window.is_following

    @property
    def has_steps_back(self) -> bool:
        """Whether there are marks, a search or a filter to remove."""
        return any((self.marked, self.search.finder, self.search.filter))

    # --- the file

    def open(
        self,
        path: Path,
        times: Callable[[], LineTimes] | None = None,
        transcripts: Transcripts | None = None,
    ) -> None:
        """Show the end of a log and follow it; the log that is open already keeps its place.

        `times` returns when its lines were written; None if that is not known. `transcripts` make it
        readable, if it is made of an agent's records.
        """
        self._read_times = times
        if self.log is None or self.source.log != path:
            had_records = self.source.has_records
            self._open(self.source.open(path, transcripts))
            if had_records != self.source.has_records:
                self.is_wrapped = self.source.has_records  # sentences are longer than lines of programs
                self.resize(self.rows)

    def toggle_raw(self) -> None:
        """Show an agent's records as they are, or what they mean."""
        if not self.source.has_records:
            self._notify("this log is shown as it is")
            return
        self._open(self.source.toggle(), self.search.sought, self.search.filtered_by)

    def _open(self, path: Path, sought: Pattern | None = None, wanted: Pattern | None = None) -> None:
        self.close()
        self.log = LogLines(path)
        self.search.path = path
        self._measure()
        self.window = self.window.at_end(self.line_count)
        if wanted is not None:
            self.filter_by(wanted)
        if sought is not None:
            self.seek(sought)

    def close(self) -> None:
        """Close the file; what made it readable stays, for `source` to close."""
        self.search.close()
        if self.log is not None:
            self.log.close()
        self.log, self.marked, self.here, self.left = None, None, None, 0
        self.known_times = LineTimes()
        self.looks += 1

    def tick(self) -> bool:
        """Read what is new in the file, at most 4 MB, and return whether there is more to show."""
        log = self.log
        if log is None:
            return False
        if self.source.advance() and self.is_following and (path := self.source.whole()):
            self._open(path, self.search.sought, self.search.filtered_by)
            return True
        before = self.line_count
        growth, moved = log.advance()
        if growth is Growth.AGAIN:
            self._open(log.path, self.search.sought, self.search.filtered_by)
            return True
        if log.left_bytes > ASIDE_BYTES and not self._is_reading:
            self._is_reading = self._background(log.read_aside)
        elif log.is_read:
            self._is_reading = False
        self.search.look_on()
        if self.search.filter is None:
            has_more = growth is Growth.MORE
        else:
            moved = self.search.filter.advance() or None
            has_more = self.line_count != before or self.search.filter.is_last_line_open
        if moved is not None:  # keep the same lines in view and marked: their numbers went up
            self.marked = self.marked.renumbered(moved) if self.marked is not None else None
            self.window = self.window.renumbered(moved, self.line_count)
            self.looks += 1
        self._go_on()
        new_lines = self.line_count - before
        self._measure()
        by_jumps = self._by_jumps and not self.is_wrapped
        self.window = self.window.grown(self.line_count, new_lines, by_jumps=by_jumps)
        self._tick_times()
        return has_more

    # --- what is drawn of the lines beside their text

    def spans(self, text: str) -> Sequence[tuple[int, int]]:
        """Return which characters of a line are highlighted."""
        pattern = self.search.sought or self.search.filtered_by
        return pattern.spans(text) if pattern is not None else ()

    def next_times(self) -> None:
        """Show when each line was written: not at all, since the start, by the clock."""
        if self.times is Times.NONE and not self._learn_times():
            self._notify("the times of this log's lines are not known")
            return
        self.times = self.times.next()
        self.looks += 1
        self._measure()

    def _tick_times(self) -> None:
        if self.times is Times.NONE or not self.lines or not self.line_count:
            return
        self._ticks_to_times -= 1
        last = min(self.line_count, self.window.top + max(1, self.rows)) - 1
        # the engine samples once a second: more often there is nothing to learn
        if self._ticks_to_times <= 0 and self.known_times.at(self.lines.start(last)) is None:
            self._learn_times()

    def _learn_times(self) -> bool:
        """Ask when lines were written; return whether anything is known."""
        if self._read_times is None:
            return False
        before, self.known_times = self.known_times, self.source.times(self._read_times())
        self._ticks_to_times = TICKS_TO_TIMES
        if self.known_times != before:
            self.looks += 1
        return bool(self.known_times.ends)

    # --- moves, which mark more lines while some are marked

    def scroll(self, lines: int) -> None:
        """Move by so many lines, up if negative; any move up ends following."""
        if self.marked is not None:
            self.mark(self.marked.moved(lines, self.line_count))
        else:
            self._measure()
            self.window = self.window.moved(lines, self.line_count)

    def scroll_half_pages(self, count: int) -> None:
        """Move by half pages, up if negative."""
        self.scroll(count * self.window.rows // 2)

    def first_line(self) -> None:
        """Go to the first line of the file, even while the rest of it is still being read."""
        if self.marked is not None:
            self.mark(self.marked.moved(-self.line_count, self.line_count))
            return
        if path := self.source.whole():
            self._open(path)
        if self.log is not None:
            self.log.look_at_start()
        self.window = self.window.at_start(self.line_count)
        self.looks += 1

    def last_line(self) -> None:
        """Go to the end of the file and follow it; with marks only mark up to there."""
        if self.marked is not None:
            self.mark(self.marked.moved(self.line_count, self.line_count))
            return
        if self.log is not None:
            self.log.look_at_end()
        self.looks += 1
        self._measure()
        self.window = self.window.at_end(self.line_count)

    def scroll_side(self, steps: int) -> None:
        """Move sideways, to the left if negative; a wrapped log has no side."""
        left = min(max(0, self.left + steps * SIDE_CELLS), MAX_CELLS - SIDE_CELLS)
        if left != self.left and not self.is_wrapped:
            self.left = left
            self.looks += 1

    def toggle_follow(self) -> None:
        """Stop following the end, or go there and follow it."""
        if self.is_following:
            self.window = self.window.hold(self.line_count)
        else:
            self.last_line()

    def toggle_wrap(self) -> None:
        """Break long lines into rows, or cut them at the edge."""
        self.is_wrapped = not self.is_wrapped
        self.left = 0
        self.resize(self.rows)

    def resize(self, rows: int) -> None:
        """Change how many rows there are for lines; the end stays in view if it is followed."""
        self.rows = rows
        self.looks += 1
        self.window = self.window.resized(self._fitting(), self.line_count)

    def _measure(self) -> None:
        if self.is_wrapped and self.rows:
            self.window = replace(self.window, rows=self._fitting())

    def _fitting(self, top: int | None = None) -> int:
        """Return how many lines fill the view: those from `top` on, or the last ones."""
        rows = max(1, self.rows)
        if not self.is_wrapped:
            return rows
        numbers = range(self.line_count - 1, -1, -1) if top is None else range(top, self.line_count)
        return max(1, fitting(map(self.height, numbers), rows))

    def _last_in_view(self) -> int:
        """Return the number of the last line in view."""
        return min(self.line_count, self.window.top + self._fitting(self.window.top)) - 1

    # --- search and filter

    def seek(self, pattern: Pattern | None) -> None:
        """Search from the view on; None ends the search."""
        if pattern is not None and (path := self.source.whole()):
            self._open(path)
        self.search.seek(pattern, self._ends_of_view()[1])
        self.here = None
        self.looks += 1

    def go_to_nearest(self) -> None:
        """Go to the last hit in view or above it, else to the first one below."""
        self.search.go_to_nearest()
        self._go_on()

    def next_match(self, step: int) -> None:
        """Go to the next hit further down (1) or up (-1)."""
        self.search.go_to_match(self._jump(step))
        self._go_on()

    def next_error(self, step: int) -> None:
        """Go to the next error line further down (1) or up (-1)."""
        self.search.go_to_error(self._jump(step), self._ends_of_view()[1])
        self._go_on()

    def filter_by(self, pattern: Pattern | None) -> None:
        """Show only the lines that match; None shows all again. The place is kept."""
        if pattern is not None and (path := self.source.whole()):
            self._open(path)
        self._unmark()
        was_following, sought = self.is_following, self.search.sought
        place = self._ends_of_view()[0] if self.here is None else self.here
        log = self.log
        last = log.start(log.line_count - 1) if log is not None and log.line_count else 0
        self.search.filter_by(pattern, last)
        self.seek(sought)
        if was_following:
            self.last_line()
        else:
            self.window = replace(self.window, held=self.line_count)
            self.show(place)

    def step_back(self) -> None:
        """Remove the marks, else the search, else the filter."""
        if self.marked is not None:
            self._unmark()
        elif self.search.finder is not None:
            self.seek(None)
        elif self.search.filter is not None:
            self.filter_by(None)

    def _jump(self, step: int) -> Jump:
        """Return a move from the line gone to last, or, once that is out of view, into the view."""
        top, bottom = self._ends_of_view()
        if self.here is not None and top <= self.here <= bottom:
            return Jump(self.here, is_down=step > 0)
        return Jump(top - 1, is_down=True) if step > 0 else Jump(bottom + 1, is_down=False)

    def _go_on(self) -> None:
        """Go to the line that was asked for, if it is found already."""
        offset = self.search.destination()
        if offset is not None and self.show(offset):
            self.search.arrived()

    def show(self, offset: int) -> bool:
        """Bring the line at an offset into view; return whether it is among the lines already."""
        number = self.number_of(offset)
        if number is None:
            return False
        self.here = offset
        held = self.window.hold(self.line_count)
        if not held.top <= number < held.top + self._fitting(self.window.top):
            held = replace(held, top=max(0, number - max(1, self.rows) // 3))
        self.window = held
        self.looks += 1
        return True

    def number_of(self, offset: int) -> int | None:
        """Return the number of the line at an offset; None while that part of the file is not numbered."""
        if self.search.filter is not None:
            return min(self.search.filter.hits.first_from(offset), max(0, self.line_count - 1))
        if self.log is None:
            return None
        number = self.log.number_at(offset)
        if number is None and not self.log.is_read:
            self.log.look_at_start()
            number = self.log.number_at(offset)
        return number

    def _ends_of_view(self) -> tuple[int, int]:
        """Return the offsets of the first and the last line in view."""
        lines = self.lines
        if lines is None or not self.line_count:
            return 0, 0
        first = min(self.window.top, self.line_count - 1)
        return lines.start(first), lines.start(self._last_in_view())

    # --- marks

    def toggle_marks(self) -> None:
        """Start marking at a line, from where moves mark more; or remove the marks."""
        if self.marked is not None:
            self._unmark()
        elif self.line_count:
            last = self._last_in_view()
            here = self.number_of(self.here) if self.here is not None else None
            was_following = self.is_following
            edge = 0 if self.window.top == 0 and not was_following else last  # `g v` begins with the first
            at = here if here is not None and self.window.top <= here <= last else edge
            self.mark(Marked(at, at, was_following))

    def take_marked(self) -> Extract | None:
        """Return what is marked and remove the marks; None if nothing is."""
        if self.marked is None or self.log is None or self.lines is None:
            return None
        marked, lines = self.marked, range(self.marked.first, min(self.marked.last + 1, self.line_count))
        part = None if marked.cells is None else (marked.part(marked.first)[0], marked.part(marked.last)[1])
        extract = Extract(self.log.path, tuple(map(self.lines.start, lines)), part)
        self._unmark()
        return extract

    def mark(self, marked: Marked) -> None:
        """Mark this, and bring the line of its cursor into view."""
        self.marked = marked
        held = self.window.hold(self.line_count)
        top = min(max(held.top, marked.cursor - self._fitting(self.window.top) + 1), marked.cursor)
        self.window = replace(held, top=top)
        self.looks += 1

    def _unmark(self) -> None:
        """Remove the marks, and follow the end again if it was followed before."""
        marked, self.marked = self.marked, None
        self.looks += 1
        if marked is not None and marked.was_following:
            self.last_line()
