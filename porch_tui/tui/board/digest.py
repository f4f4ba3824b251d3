"""The run in a window too small for a list: a line for each kind of state, with the names it concerns."""

from __future__ import annotations

from porch_tui.core.model.wording import listed
from porch_tui.present.signs import Sign
from porch_tui.present.statuses import SIGN_WORDS, counted_words
from porch_tui.tui.drawing.cells import shortened
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.styles import Line, Span
from porch_tui.tui.model.view import View


class Digest(Rows):
    """One line for each kind of state."""

    DEFAULT_CSS = "Digest { height: 1fr; }"
    view: View | None = None

    def draw(self, view: View) -> None:
        """Show this moment of the run."""
        self.view = view
        self.redraw()

    def compose_lines(self) -> list[Line]:
        """Return how many tasks are in each kind of state, with their names."""
        if self.view is None:
            return []
        lines: list[Line] = []
        for kind in SIGN_WORDS:
            for words, tasks in counted_words(self.view.state, kind, self.view.derived.with_sign(kind)):
                text = words if kind is Sign.GOOD else f"{words}: {listed(tasks)}"
                mark = Span(f" {kind.glyph(self.charset)} ", kind.role, kind.is_loud)
                lines.append((mark, Span(shortened(text, self.size.width - 4, self.charset))))
        return lines[: self.size.height]
