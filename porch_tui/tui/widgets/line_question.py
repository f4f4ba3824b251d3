"""A question that is answered by typing one line, over whatever screen it is asked on."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.screen import ModalScreen

from porch_tui.present.clean import clean
from porch_tui.present.signs import Charset, Role
from porch_tui.tui.drawing.cells import wrapped
from porch_tui.tui.drawing.headings import upper_line
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.styles import Line, Span
from porch_tui.tui.widgets.prompt import Prompt


class LineQuestion(ModalScreen[str | None]):
    """Returns the line that was typed; None if the person cancels, or it is empty where that says nothing."""

    DEFAULT_CSS = """
    LineQuestion { background: transparent; layers: base above; }
    LineQuestion Prompt { margin: 0; }
    LineQuestion _Asked { layer: above; dock: bottom; margin: 0 0 1 0; background: $panel; height: auto; }
    """

    def __init__(
        self,
        asked: str,
        hints: tuple[str, ...],
        charset: Charset,
        text: str = "",
        *,
        may_be_any: bool = False,
    ) -> None:
        """`hints` are shown below the question, a line each; `text` is there to be changed.

        A line that may be any is returned as it was typed, also if it is empty.
        """
        super().__init__()
        self._may_be_any = may_be_any
        self._prompt = Prompt()
        self._asked = _Asked(asked, hints, charset)
        self._before = text

    def compose(self) -> ComposeResult:
        """Yield the question, and the line to type in."""
        yield self._asked
        yield self._prompt

    def on_mount(self) -> None:
        """Focus the line."""
        self._prompt.ask("", self._before)

    @on(Prompt.Ended)
    def _end(self, message: Prompt.Ended) -> None:
        if self.is_current:  # esc pressed twice would close the screen below
            self.dismiss(message.text if self._may_be_any else (message.text or "").strip() or None)


class _Asked(Rows):
    def __init__(self, asked: str, hints: tuple[str, ...], charset: Charset) -> None:
        super().__init__(charset)
        self._text, self._hints = asked, hints

    def lines_for(self, width: int) -> list[Line]:
        """Return the question, and what may be typed."""
        asked = wrapped(clean(self._text), width - 2)
        lines: list[Line] = [upper_line(width, self.charset)]
        lines += [(Span(f" {text}", Role.STRONG),) for text in asked]
        return [*lines, *((Span(f"   {hint}", Role.MUTED),) for hint in self._hints)]
