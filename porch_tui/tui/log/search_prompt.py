"""The line in which a person types what to search a log for, over whatever screen shows the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen

from porch_tui.present.clean import clean
from porch_tui.present.signs import Charset, Role
from porch_tui.tui.drawing.headings import upper_line
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.styles import Line, Span
from porch_tui.tui.keys.bindings import SEARCH_PROMPT
from porch_tui.tui.log.pattern import Pattern
from porch_tui.tui.widgets.prompt import Prompt


class SearchPrompt(ModalScreen[Pattern | None]):
    """Returns the pattern that was typed, an empty one to end the search, None if the person cancels."""

    DEFAULT_CSS = """
    SearchPrompt { background: transparent; layers: base above; }
    SearchPrompt Prompt { margin: 0; }
    SearchPrompt _Said { layer: above; dock: bottom; margin: 0 0 1 0; height: auto; background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*SEARCH_PROMPT]

    def __init__(
        self,
        what: str,
        before: Pattern | None,
        charset: Charset,
        changed: Callable[[Pattern], None] | None = None,
    ) -> None:
        """`what` says what is asked; `changed` is called with each valid pattern while it is typed."""
        super().__init__()
        self._what = what
        self._is_regex = before.is_regex if before else False
        self._before = before.text if before else ""
        self._changed = changed
        self._prompt = Prompt()
        self._said = _Said(charset)

    def compose(self) -> ComposeResult:
        """Yield the question, and the line to type in."""
        yield self._said
        yield self._prompt

    def on_mount(self) -> None:
        """Focus the line."""
        self._prompt.ask("", self._before)
        self._say()

    def action_toggle_regex(self) -> None:
        """Search for a regular expression, or for words."""
        self._is_regex = not self._is_regex
        self._update(self._prompt.value)

    @on(Prompt.Typed)
    def _type(self, message: Prompt.Typed) -> None:
        self._update(message.text)

    @on(Prompt.Ended)
    def _end(self, message: Prompt.Ended) -> None:
        if not self.is_current:
            return  # esc was pressed twice: dismissing it again would close the screen below
        if message.text is None:
            self.dismiss(None)
            return
        pattern = Pattern(message.text, self._is_regex)
        if pattern.mistake:
            self._prompt.ask("", message.text)
        else:
            self.dismiss(pattern)

    def _update(self, text: str) -> None:
        pattern = Pattern(text, self._is_regex)
        self._say(pattern.mistake)
        if self._changed is not None and not pattern.mistake:
            self._changed(pattern)

    def _say(self, mistake: str = "") -> None:
        how, other = ("regular expression", "words") if self._is_regex else ("words", "regular expression")
        spans = [Span(f" {self._what} ({how})   ", Role.STRONG)]
        if mistake:
            spans.append(Span(clean(mistake), Role.FAIL))
        else:
            for key, does in (("ctrl+r", other), ("esc", "cancel")):
                spans += [Span(key, Role.RUN, is_bold=True), Span(f" {does}   ", Role.MUTED)]
        self._said.line = tuple(spans)
        self._said.redraw()


class _Said(Rows):
    """The question, what is wrong with the pattern, and the keys."""

    line: Line = ()

    def lines_for(self, width: int) -> list[Line]:
        """Return what is said, below a line."""
        return [upper_line(width, self.charset), self.line]
