"""What a person looks for in one log: a search, a filter, error lines, and the line they want to go to.

Places are byte offsets of line starts; which of them are in view is `LogModel`'s business.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from porch_tui.tui.log.finder import Finder, FoundLines, Jump, Outlook
from porch_tui.tui.log.pattern import ERRORS, Pattern

MOST_HITS = 10_000
"""Upwards, and as many downwards."""
MOST_FILTERED = 1_000_000
"""8 MB of line starts."""
_STEPS_AT_ONCE = 4
"""1 MB in either direction: some 10 ms."""

Background = Callable[[Callable[[], None]], bool]
"""Starts a thread, and returns whether it could."""


class LogSearch:
    """The searches in one log."""

    def __init__(self, background: Background, notify: Callable[[str], object]) -> None:
        self.path: Path | None = None
        self.finder: Finder | None = None
        """Of the search."""
        self.filter: FoundLines | None = None
        self._errors: Finder | None = None
        """Begun when an error line is first asked for."""
        self._jump: tuple[Jump, Finder] | None = None
        """Where to go as soon as it is found."""
        self._background, self._notify = background, notify
        self._is_looking = False

    @property
    def sought(self) -> Pattern | None:
        """What is searched for."""
        return self.finder.patterns[0] if self.finder else None

    @property
    def filtered_by(self) -> Pattern | None:
        """What all lines shown match; None if all are shown."""
        return self.filter.finder.patterns[0] if self.filter else None

    def seek(self, pattern: Pattern | None, begin: int) -> None:
        """Search from an offset on, in the filtered lines if there is a filter; None ends the search."""
        if self.finder is not None:
            self.finder.close()
        self.finder = self._begin(pattern, begin) if pattern is not None else None
        self._jump = None

    def filter_by(self, pattern: Pattern | None, begin: int) -> None:
        """Filter the log from an offset on; None shows all lines again."""
        for ended in (self.filter, self._errors):
            if ended is not None:
                ended.close()
        self.filter = self._errors = None
        if pattern is not None and self.path is not None:
            finder = Finder(self.path, (pattern,), begin, MOST_FILTERED)
            self.filter = FoundLines(self.path, finder)
            self._look_on(finder)
            self.filter.advance()

    def look_on(self) -> None:
        """Look through what the log has gained, and what has not been looked through yet."""
        for finder in (self.filter.finder if self.filter else None, self.finder, self._errors):
            if finder is not None:
                self._look_on(finder)

    def close(self) -> None:
        """End everything."""
        self.filter_by(None, 0)
        self.seek(None, 0)

    # --- going to a line

    def go_to_nearest(self) -> None:
        """Go to the last hit in view or above it, else to the first one below."""
        if self.finder is not None:
            self._jump = (Jump(self.finder.begin + 1, is_down=False, turns=True), self.finder)

    def go_to_match(self, jump: Jump) -> None:
        """Go to the next hit."""
        if self.finder is not None:
            self._jump = (jump, self.finder)

    def go_to_error(self, jump: Jump, begin: int) -> None:
        """Go to the next error line; the first time they are searched for from `begin` on."""
        self._errors = self._errors or self._begin(ERRORS, begin)
        if self._errors is not None:
            self._jump = (jump, self._errors)

    def destination(self) -> int | None:
        """Return the line to go to, once it is found."""
        while self._jump is not None:
            jump, finder = self._jump
            match jump.target(finder):
                case Outlook.UNKNOWN:
                    return None
                case Outlook.NONE if jump.turns:
                    # not known before a large log has been looked through
                    self._jump = (Jump(finder.begin, is_down=True), finder)
                case Outlook.NONE:
                    self._jump = None
                    what = "error line" if finder is self._errors else f"“{finder.patterns[0].text}”"
                    self._notify(f"no {what} {'below' if jump.is_down else 'above'}")
                case Outlook.CUT:
                    self._begin_again(finder, jump)
                case int() as offset:
                    return offset
        return None

    def arrived(self) -> None:
        """The destination is in view."""
        self._jump = None

    # --- looking

    def _begin(self, pattern: Pattern, begin: int) -> Finder | None:
        if self.path is None:
            return None
        patterns = (pattern,) if self.filtered_by is None else (pattern, self.filtered_by)
        finder = Finder(self.path, patterns, begin, MOST_HITS)
        self._look_on(finder)
        return finder

    def _begin_again(self, finder: Finder, jump: Jump) -> None:
        """Search again from where a search with too many hits has ended."""
        again = Finder(finder.path, finder.patterns, jump.origin, MOST_HITS)
        finder.close()
        if finder is self._errors:
            self._errors = again
        else:
            self.finder = again
        self._look_on(again)
        self._jump = (jump, again)

    def _look_on(self, finder: Finder) -> None:
        """Look through a little now, and leave the rest to a thread."""
        if self._is_looking:
            return
        for _ in range(_STEPS_AT_ONCE):
            if not finder.left_bytes or not finder.step():
                return

        def look_through() -> None:
            try:
                finder.look_through()
            finally:
                self._is_looking = False

        self._is_looking = True
        if not self._background(look_through):
            self._is_looking = False
