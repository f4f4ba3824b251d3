"""The report of the run so far: what `porch report` prints, to read on the screen."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType

from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.present.clean import clean
from porch_tui.present.signs import Charset, Role
from porch_tui.tui.drawing.styles import Line, Span
from porch_tui.tui.keys.bindings import REPORT
from porch_tui.tui.log.pattern import Pattern
from porch_tui.tui.model.view import View
from porch_tui.tui.widgets.live_screen import LiveScreen, ScreenContext
from porch_tui.tui.widgets.notice import NOTICE_LINES
from porch_tui.tui.widgets.prompt import Prompt
from porch_tui.tui.widgets.scrollable import ScrollableLines

LEAST_CELLS, MARGINS = 60, 2
"""A narrower report is no table any more; in a narrower window it is scrolled sideways."""


class ReportScreen(LiveScreen):
    """Shows the report, and updates it whenever the run has changed."""

    BINDINGS: ClassVar[list[BindingType]] = [*REPORT]
    DEFAULT_CSS = "ReportScreen { layers: base above; }"

    def __init__(self, context: ScreenContext, task: TaskId | None = None) -> None:
        """The report is about the whole run, whichever `task` was under the cursor."""
        super().__init__(context)
        self._text = ReportText(context.charset)
        self._prompt = Prompt()
        self._reported: tuple[RunState, int] | None = None
        """The state of the report that is shown or being made, and the width of its window."""

    def compose_body(self) -> ComposeResult:
        """Give the text all the room."""
        yield self._text
        yield self._prompt

    def draw_body(self, view: View) -> None:
        """Make the report again if the run has changed, or the window."""
        if (view.state, self.app.size.width) != self._reported:
            self._reported = view.state, self.app.size.width
            self._read_report()

    @work(exclusive=True)
    async def _read_report(self) -> None:
        # it reads the files of every attempt: too slow for a frame
        cells = max(LEAST_CELLS, self.app.size.width - MARGINS)
        self._text.show(await to_thread(self.context.outside.report, cells))

    def on_resize(self) -> None:
        """Make it again for the new width."""
        self.draw(self.view)

    def action_search(self) -> None:
        """Ask for words, and go to their first match while they are typed."""
        self._prompt.ask("words to find", self._text.words)

    def action_match(self, step: int) -> None:
        """Go to the next or previous match, around the end."""
        self.post_message(self.Notify(self._text.go_to_match(step)))

    def action_heading(self, step: int) -> None:
        """Go to the next or previous section."""
        self._text.go_to_heading(step)

    @work(exclusive=True, group="save")
    async def action_save(self) -> None:
        """Write the report to a file, and say where."""
        pieces = [f"{line}\n" for line in self._text.text_lines]
        kept = await to_thread(self.context.outside.keep, "report.txt", pieces)
        self.post_message(self.Notify(kept.trouble or f"Written to {kept.path}"))

    @on(Prompt.Typed)
    def _find(self, message: Prompt.Typed) -> None:
        self._text.find(message.text)

    @on(Prompt.Ended)
    def _found(self, message: Prompt.Ended) -> None:
        self._text.focus()
        if message.text is None:
            self._text.find("")
        elif message.text:
            self.post_message(self.Notify(self._text.go_to_match(0)))


class ReportText(ScrollableLines):
    """The lines of the report, scrolled in both directions."""

    def __init__(self, charset: Charset) -> None:
        super().__init__(charset)
        self.text_lines: tuple[str, ...] = ()
        self._sought = Pattern("")
        self._started_at = 0
        """Where the search began; each further letter searches from there."""
        self._match_at: int | None = None
        """The last match; at the end of the text it is not the first line in view."""

    @property
    def words(self) -> str:
        """What is searched for."""
        return self._sought.text

    def show(self, text: str) -> None:
        """Show this text, scrolled as the previous one."""
        self.text_lines = tuple(text.splitlines())
        self.redraw()

    def content(self, width: int) -> Sequence[Line]:
        """Return every line, with the matches set off."""
        if not self.text_lines:
            return [(Span(" making the report…", Role.MUTED),)]
        lines: list[Line] = []
        for text, below in zip(self.text_lines, (*self.text_lines[1:], ""), strict=True):
            role = Role.STRONG if text and _is_rule(below) else Role.RULE if _is_rule(text) else Role.TEXT
            lines.append((Span(" "), *_marked(clean(text), self._sought, role)))
        return lines

    def find(self, words: str) -> None:
        """Highlight these words, and go to the first match from where the search began."""
        if not self.words:
            self._started_at = self.top
        # prompt and notice cover the last rows, where a match may be
        self.slack = NOTICE_LINES + 1 if words else 0
        self._sought, self._match_at = Pattern(words), None
        self.top = next((at for at in self._matches() if at >= self._started_at), self._started_at)
        self.redraw()

    def go_to_match(self, step: int) -> str:
        """Go to the next match (1) or the previous one (-1); return what to say about it."""
        matches = self._matches()
        if not self.words:
            return "No search yet; / starts one"
        if not matches:
            return f"{clean(self.words)} is not in the report"
        here = self.top if self._match_at is None else self._match_at
        ahead = sum(at < here for at in matches)
        forward = step if here in matches else 0
        at = (ahead + (step if step < 0 else forward)) % len(matches)
        self._match_at = matches[at]
        self._go_to(matches[at])
        return f"{at + 1} of {len(matches)} lines with {clean(self.words)}"

    def go_to_heading(self, step: int) -> None:
        """Go to the next section (1) or the previous one (-1), no further than the ends."""
        headings = [
            at for at, line in enumerate(self.text_lines[1:]) if _is_rule(line) and self.text_lines[at]
        ]
        others = [at for at in headings if (at > self.top if step > 0 else at < self.top)]
        if others:
            self._go_to(others[0] if step > 0 else others[-1])

    def _matches(self) -> list[int]:
        """Return the numbers of the lines with the words."""
        return [at for at, line in enumerate(self.text_lines) if self.words and self._sought.has(line)]

    def _go_to(self, line: int) -> None:
        self.top = line
        self.redraw()


def _marked(text: str, sought: Pattern, role: Role) -> Line:
    """Return the text as a line in which what is searched for is highlighted."""
    spans: list[Span] = []
    start = 0
    for begin, end in sought.spans(text):
        spans += [Span(text[start:begin], role), Span(text[begin:end], Role.ASK, is_bold=True)]
        start = end
    return (*spans, Span(text[start:], role))


def _is_rule(line: str) -> bool:
    """Say whether a line underlines a heading."""
    return bool(line) and not line.strip("-=")
