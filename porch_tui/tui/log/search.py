"""Searching a log on the screen: hits that stand out, moves from one to the next, and only matching lines.

What is found where is known to `finder` and `hits`; here it is laid upon the view.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.style import Style
from textual.worker import Worker

from porch_tui.core.model.copying import replace
from porch_tui.tui.log.block_index import Growth
from porch_tui.tui.log.drawing import Paint
from porch_tui.tui.log.finder import Finder
from porch_tui.tui.log.found_lines import FoundLines
from porch_tui.tui.log.jumping import Jump, Outlook
from porch_tui.tui.log.lines import Lines
from porch_tui.tui.log.pattern import ERRORS, Pattern
from porch_tui.tui.log.view import LogView
from porch_tui.tui.widgets.live_screen import LiveScreen

MOST_HITS = 10_000
"""Upwards, and as many downwards."""
MOST_FILTERED = 1_000_000
"""8 MB of line starts."""
_STEPS_AT_ONCE = 4
"""1 MB in either direction: some 10 ms."""


class LogSearch(LogView):
    """A view that knows what a person looks for."""

    _filter: FoundLines | None = None
    _finder: Finder | None = None
    """Of the search."""
    _errors: Finder | None = None
    """Begun with the first wish to see an error line."""
    _jump: tuple[Jump, Finder] | None = None
    """Where the person wants to go as soon as it is found."""
    _here: int | None = None
    """Byte offset of the line they went to last."""
    _aside: Worker[None] | None = None

    @property
    def sought(self) -> Pattern | None:
        """What is looked for."""
        return self._finder.patterns[0] if self._finder else None

    @property
    def filtered_by(self) -> Pattern | None:
        """What all lines shown have; None if all are shown."""
        return self._filter.finder.patterns[0] if self._filter else None

    # --- what a person wants

    def seek(self, pattern: Pattern | None) -> None:
        """Have what is looked for stand out; None ends the search."""
        if self._finder is not None:
            self._finder.close()
        self._finder = self._begin(pattern) if pattern is not None else None
        self._here, self._jump = None, None
        self._redraw()

    def go_to_nearest(self) -> None:
        """Go to the last hit in view or above it, else to the first one below."""
        finder = self._finder
        if finder is None:
            return
        self._want(Jump(finder.begin + 1, is_down=False, turns=True), finder)

    def action_next_match(self, step: int) -> None:
        """Go to the next hit further down (1) or up (-1)."""
        if self._finder is not None:
            self._want(self._from_here(step), self._finder)

    def action_next_error(self, step: int) -> None:
        """Go to the next line that tells of an error, further down (1) or up (-1)."""
        if self._errors is None:
            self._errors = self._begin(ERRORS)
        if self._errors is not None:
            self._want(self._from_here(step), self._errors)

    def filter_by(self, pattern: Pattern | None) -> None:
        """Show only the lines that have something; None shows all again. The place is kept."""
        was_following, (place, _) = self.is_following, self._ends_of_view()
        place = place if self._here is None else self._here
        sought = self.sought
        self._end_filter()
        if pattern is not None and self._log is not None:
            last = self._log.start(max(0, self._log.line_count - 1)) if self._log.line_count else 0
            finder = Finder(self._log.path, (pattern,), last, MOST_FILTERED)
            self._filter = FoundLines(self._log.path, finder)
            self._look_on(finder)
            self._filter.advance()
        self._drop_errors()
        self.seek(sought)
        if was_following:
            self.action_last_line()
        else:
            self._window = replace(self._window, held=self.line_count)
            self._show(place)

    def unseek(self) -> bool:
        """Take away the search, or else the filter; say whether there was one."""
        if self._finder is not None:
            self.seek(None)
        elif self._filter is not None:
            self.filter_by(None)
        else:
            return False
        return True

    # --- what it changes of the view

    @property
    def _lines(self) -> Lines | None:
        return self._filter or self._log

    def _take_in(self, growth: Growth, moved: int | None) -> bool:
        for finder in (self._filter.finder if self._filter else None, self._finder, self._errors):
            if finder is not None:
                self._look_on(finder)
        if self._filter is None:
            has_more = super()._take_in(growth, moved)
        else:
            before = self.line_count
            above = self._filter.advance()
            if above:
                self._renumber(above)
            has_more = self.line_count != before or self._filter.is_last_line_open
        self._try_jump()
        return has_more

    def _hits(self, text: str) -> Sequence[tuple[int, int]]:
        pattern = self.sought or self.filtered_by
        return pattern.spans(text) if pattern is not None else ()

    def _ground(self, number: int, paint: Paint) -> Style:
        if self._here is None or self._lines is None or self._lines.start(number) != self._here:
            return super()._ground(number, paint)
        return paint.text + paint.here

    def _nothing(self) -> str:
        pattern = self.filtered_by
        if pattern is None or self._filter is None:
            return super()._nothing()
        return "searching…" if self._filter.finder.left_bytes else "no line has it"

    def _open(self, path: Path) -> None:
        is_same = self._log is not None and self._log.path == path
        sought, wanted = (self.sought, self.filtered_by) if is_same else (None, None)
        self._end_filter()
        self._drop_errors()
        self.seek(None)
        super()._open(path)
        if wanted is not None:
            self.filter_by(wanted)
        if sought is not None:
            self.seek(sought)

    def on_unmount(self) -> None:
        """Let go of the file."""
        self._end_filter()
        self._drop_errors()
        self.seek(None)
        super().on_unmount()

    # --- looking

    def _begin(self, pattern: Pattern) -> Finder | None:
        if self._log is None:
            return None
        wanted = self.filtered_by
        patterns = (pattern,) if wanted is None else (pattern, wanted)
        finder = Finder(self._log.path, patterns, self._ends_of_view()[1], MOST_HITS)
        self._look_on(finder)
        return finder

    def _look_on(self, finder: Finder) -> None:
        """Look a little further now, and leave it to a thread if much is left."""
        if self._aside is not None and self._aside.is_running:
            return
        for _ in range(_STEPS_AT_ONCE):
            if not finder.left_bytes or not finder.step():
                return
        if self.is_attached:
            self._aside = self.run_worker(finder.look_through, thread=True, group="looking")

    def _end_filter(self) -> None:
        if self._filter is not None:
            self._filter.close()
            self._filter = None

    def _drop_errors(self) -> None:
        if self._errors is not None:
            self._errors.close()
            self._errors = None

    # --- going there

    def _ends_of_view(self) -> tuple[int, int]:
        """Return the offsets of the first and the last line in view."""
        lines = self._lines
        if lines is None or not self.line_count:
            return 0, 0
        last = min(self.line_count, self._window.top + self._lines_in_view()) - 1
        return lines.start(min(self._window.top, self.line_count - 1)), lines.start(last)

    def _from_here(self, step: int) -> Jump:
        """Return a move from the line gone to last, or, once that is out of view, into the view."""
        top, bottom = self._ends_of_view()
        if self._here is not None and top <= self._here <= bottom:
            return Jump(self._here, is_down=step > 0)
        return Jump(top - 1, is_down=True) if step > 0 else Jump(bottom + 1, is_down=False)

    def _want(self, jump: Jump, finder: Finder) -> None:
        self._jump = (jump, finder)
        self._try_jump()

    def _try_jump(self) -> None:
        if self._jump is None:
            return
        jump, finder = self._jump
        target = jump.target(finder)
        match target:
            case Outlook.UNKNOWN:
                return
            case Outlook.NONE if jump.turns:
                # not known before a large log has been looked through
                self._want(Jump(finder.begin, is_down=True), finder)
            case Outlook.NONE:
                self._jump = None
                side = "below" if jump.is_down else "above"
                self.post_message(LiveScreen.Notify(f"no {self._called(finder)} {side}"))
            case Outlook.CUT:
                self._begin_again(finder, jump)
            case int():
                if self._show(target):
                    self._jump = None

    def _begin_again(self, finder: Finder, jump: Jump) -> None:
        """Look anew from where a search with too many hits has ended."""
        assert self._log is not None  # it is searched
        again = Finder(self._log.path, finder.patterns, jump.origin, MOST_HITS)
        finder.close()
        if finder is self._errors:
            self._errors = again
        else:
            self._finder = again
        self._look_on(again)
        self._want(jump, again)

    def _called(self, finder: Finder) -> str:
        return "error line" if finder is self._errors else f"“{finder.patterns[0].text}”"

    def _show(self, offset: int) -> bool:
        """Bring the line at an offset into view; say whether it is among the lines already."""
        number = self._number(offset)
        if number is None:
            return False
        self._here = offset
        held = self._window.hold(self.line_count)
        if not held.top <= number < held.top + self._lines_in_view():
            held = replace(held, top=max(0, number - self._body_rows // 3))
        self._show_from(held)
        return True

    def _lines_in_view(self) -> int:
        if not self._is_wrapped:
            return self._body_rows
        rows, number = 0, self._window.top
        while rows < self._body_rows and number < self.line_count:
            rows += len(self._line_rows(number))
            number += 1
        return max(1, number - self._window.top - (rows > self._body_rows))

    def _number(self, offset: int) -> int | None:
        if self._filter is not None:
            return min(self._filter.hits.first_from(offset), max(0, self.line_count - 1))
        if self._log is None:
            return None
        number = self._log.number_at(offset)
        if number is None and not self._log.is_read:
            self._log.look_at_start()
            number = self._log.number_at(offset)
        return number
