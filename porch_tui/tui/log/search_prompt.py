"""The line in which a person types what to look for in a log, upon whatever screen the log stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from porch_tui.present.clean import clean
from porch_tui.present.signs import Charset, Role
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.styles import Line, Span
from porch_tui.tui.log.pattern import Pattern
from porch_tui.tui.widgets.prompt import Prompt


class SearchPrompt(ModalScreen[Pattern | None]):
    """Answers with what was typed; with an empty pattern for nothing, with None for giving up."""

    DEFAULT_CSS = """
    SearchPrompt { background: transparent; layers: base above; }
    SearchPrompt Prompt { margin: 0; }
    SearchPrompt _Said { layer: above; dock: bottom; margin: 0 0 1 0; background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+r",
            "toggle_regex",
            "regex",
            id="prompt.regex",
            tooltip="Take it for a regular expression, or for words",
        ),
    ]

    def __init__(
        self,
        what: str,
        before: Pattern | None,
        charset: Charset,
        changed: Callable[[Pattern], None] | None = None,
    ) -> None:
        """`what` names what is asked; `changed` hears of all that can be looked for while it is typed."""
        super().__init__()
        self._what = what
        self._is_regex = before.is_regex if before else False
        self._before = before.text if before else ""
        self._changed = changed
        self._prompt = Prompt()
        self._said = _Said(charset)

    def compose(self) -> ComposeResult:
        """Yield what is asked, and the line to type in."""
        yield self._said
        yield self._prompt

    def on_mount(self) -> None:
        """Take the keys."""
        self._prompt.ask("", self._before)
        self._say()

    def action_toggle_regex(self) -> None:
        """Take what is typed for a regular expression, or for words."""
        self._is_regex = not self._is_regex
        self._tell(self._pattern(self._prompt.value))

    @on(Prompt.Typed)
    def _type(self, message: Prompt.Typed) -> None:
        self._tell(self._pattern(message.text))

    @on(Prompt.Ended)
    def _end(self, message: Prompt.Ended) -> None:
        if not self.is_current:
            return  # esc was pressed twice: to be dismissed once more would take away the screen below
        if message.text is None:
            self.dismiss(None)
            return
        pattern = self._pattern(message.text)
        if pattern.mistake:
            self._prompt.ask("", message.text)
        else:
            self.dismiss(pattern)

    def _tell(self, pattern: Pattern) -> None:
        self._say(pattern.mistake)
        if self._changed is not None and not pattern.mistake:
            self._changed(pattern)

    def _say(self, mistake: str = "") -> None:
        how, other = ("regular expression", "words") if self._is_regex else ("words", "regular expression")
        self._said.say(f"{self._what} ({how})", mistake, (("ctrl+r", other), ("esc", "as before")))

    def _pattern(self, text: str) -> Pattern:
        return Pattern(text, self._is_regex)


class _Said(Rows):
    """What is asked, what is wrong with the answer, and the keys."""

    _line: Line = ()

    def say(self, what: str, mistake: str, keys: Sequence[tuple[str, str]]) -> None:
        """Show it."""
        spans = [Span(f" {what}   ", Role.STRONG)]
        if mistake:
            spans.append(Span(clean(mistake), Role.FAIL))
        else:
            for key, does in keys:
                spans += [Span(key, Role.RUN, is_bold=True), Span(f" {does}   ", Role.MUTED)]
        self._line = tuple(spans)
        self.redraw()

    def compose_lines(self) -> list[Line]:
        """Return the one row."""
        return [self._line]
