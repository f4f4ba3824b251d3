"""Questions before what cannot be undone, and before leaving while something runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from msgspec import Struct
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import Click, Key
from textual.screen import ModalScreen

from porch_tui.core.model.state import RunState
from porch_tui.present.clean import clean
from porch_tui.present.signs import Charset, Role
from porch_tui.tui.drawing.cells import wrapped
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.styles import Line, Span
from porch_tui.tui.keys.bindings import QUESTION
from porch_tui.tui.terminal.options import Leaving
from porch_tui.tui.widgets.frame import Frame

Answer = TypeVar("Answer")


class Choice(Struct, Generic[Answer], frozen=True):
    """One answer and the key for it."""

    key: str
    text: str
    answer: Answer


class Question(ModalScreen[Answer | None]):
    """Asks, and is dismissed with the answer; None if the person cancels."""

    BINDINGS: ClassVar[list[BindingType]] = [*QUESTION]
    DEFAULT_CSS = """
    Question { align: center middle; }
    Question > Frame { width: 66; max-width: 100%; height: auto; padding: 1; background: $panel; }
    """

    def __init__(
        self,
        asked: str,
        consequence: str,
        choices: Sequence[Choice[Answer]],
        otherwise: str,
        charset: Charset,
    ) -> None:
        super().__init__()
        self._choices = tuple(choices)
        self.offered = (*((one.key, one.text) for one in choices), ("esc", otherwise))
        self._text = _QuestionText(asked, consequence, self.offered, charset)

    def compose(self) -> ComposeResult:
        """Show the question in the middle."""
        with Frame(self._text.charset, is_accented=True):
            yield self._text

    def on_key(self, event: Key) -> None:
        for choice in self._choices:
            if event.character == choice.key:
                event.stop()
                self.dismiss(choice.answer)

    def on_click(self, event: Click) -> None:
        at = self._text.choice_at(event.screen_y)
        if at is not None:
            self.dismiss(self._choices[at].answer if at < len(self._choices) else None)


class _QuestionText(Rows):
    DEFAULT_CSS = """
    _QuestionText { height: auto; background: $panel; }
    """

    def __init__(
        self, asked: str, consequence: str, offered: tuple[tuple[str, str], ...], charset: Charset
    ) -> None:
        super().__init__(charset)
        self._asked, self._consequence, self._offered = asked, consequence, offered

    def choice_at(self, screen_y: int) -> int | None:
        """Return the number of the choice in a row of the screen."""
        at = screen_y - self.region.y - (len(self.compose_lines()) - len(self._offered))
        return at if 0 <= at < len(self._offered) else None

    def lines_for(self, width: int) -> list[Line]:
        """Return question, consequence, and the choices."""
        lines: list[Line] = [(Span(f"  {text}", Role.STRONG),) for text in wrapped(self._asked, width - 4)]
        lines += [(Span(f"  {text}", Role.MUTED),) for text in wrapped(self._consequence, width - 4) if text]
        lines.append(())
        for key, text in self._offered:
            lines.append((Span(f"  {key:>4}", Role.RUN, is_bold=True), Span(f"  {text}")))
        return lines


def yes_or_no(asked: str, consequence: str, charset: Charset) -> Question[bool]:
    """Return a question with one answer, `y`."""
    return Question(asked, consequence, [Choice("y", "yes", True)], "no", charset)


MOST_FILES = 8
"""More files than this have no key of their own."""


def which_file(task: str, files: Sequence[str], charset: Charset) -> Question[tuple[str, ...]]:
    """Return the question which of a task's changed files to edit."""
    named = enumerate(files[:MOST_FILES], start=1)
    choices: list[Choice[tuple[str, ...]]] = [Choice(str(key), clean(file), (file,)) for key, file in named]
    choices.append(Choice("a", f"all {len(files)} files", tuple(files)))
    return Question(f"Edit which file of {task}?", "", choices, "none", charset)


def how_to_leave(state: RunState, charset: Charset, *, can_stop: bool) -> Question[Leaving]:
    """Return the question how to leave while something is running."""
    active = len(state.active)
    is_still = state.is_paused and not active
    leave = "leave it paused" if is_still else "leave it running"
    choices = [Choice("d", f"{leave}; porch attach comes back", Leaving.DETACHED)]
    if can_stop and active:
        choices.append(Choice("f", "let running tasks finish, start no more, then stop", Leaving.FINISHED))
    if can_stop:
        choices.append(Choice("s", "stop everything, then leave", Leaving.STOPPED))
    if active:
        situation = "One task is running." if active == 1 else f"{active} tasks are running."
    else:
        situation = "The run is paused." if is_still else "The merge queue is running."
    ways = "After f or s" if active else "After s"
    consequence = f"{ways}, porch resume continues with the rest." if can_stop else ""
    return Question(f"{situation} Leave the screen?", consequence, choices, "stay", charset)
