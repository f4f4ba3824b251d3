"""The task under the cursor in full: what it is, why it is where it is, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from porch_tui.core.merge_queue.trials import of_task, told
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.telemetry import Sample
from porch_tui.present.explain import Need
from porch_tui.present.signs import Role
from porch_tui.present.statuses import look
from porch_tui.tui.drawing.cells import arrow, shortened, wrapped
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.styles import Line, Span, glyph
from porch_tui.tui.model.standing import cost, standing, why
from porch_tui.tui.model.usage_words import MOST_BARS, usage_spans
from porch_tui.tui.model.view import View
from porch_tui.tui.terminal.options import ScreenOptions

MOST_LINES = 6
HISTORY = MOST_BARS
"""Samples that it draws a curve of."""
_KEYS = {
    "retry": ("task.retry", "r"),
    "requeue": ("task.requeue", "u"),
    "resolve": ("task.resolve", "c"),
    "conflicts": ("task.resolve", "c"),
}
"""What does the same as a command: id and usual key."""


class TaskDetail(Rows):
    """A line with title and cost, then as many as the reason takes."""

    DEFAULT_CSS = "TaskDetail { height: auto; }"
    view: View | None = None
    chosen: TaskId | None = None
    _samples: Sequence[Sample] = ()

    def draw(self, view: View, task: TaskId | None, samples: Sequence[Sample] = ()) -> None:
        """Show one task at this moment; `samples` are the last of what it uses, oldest first."""
        self._samples = samples
        height = self.get_content_height(self.size, self.size, self.size.width)
        self.view, self.chosen = view, task
        self.redraw()
        if self.size.width and height != self.get_content_height(self.size, self.size, self.size.width):
            self.refresh(layout=True)

    def compose_lines(self) -> list[Line]:
        """Return title, reason, and what to do next."""
        return self._composed(self.size.width)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """Return how many rows the task takes in so many columns."""
        return max(2, len(self._composed(width)))

    def _composed(self, width: int) -> list[Line]:
        if self.view is None or self.chosen is None:
            return []
        room = width - 2
        where = standing(self.view, self.chosen)
        seen = look(where.status, self.charset)
        need = next((one for one in self.view.derived.needs if one.task == self.chosen), None)
        said = (need.why if need else "") or why(self.view, self.chosen)
        reason = "; ".join((said, *map(told, of_task(self.view.state, self.chosen))))
        role = seen.sign.role if need else Role.MUTED
        lines = [self._title(self.view, self.chosen, room)]
        lines += [(Span(f" {text}", role),) for text in wrapped(reason, room)]
        if need is not None:
            pointer = f" {arrow(self.charset)} "
            lines += [
                (Span(f"{pointer}{text}"),)
                for text in wrapped(_next(need, self.view.options), room - cell_len(pointer))
            ]
        return lines[:MOST_LINES]

    def _title(self, view: View, task: TaskId, room: int) -> Line:
        seen = look(standing(view, task).status, self.charset)
        name = shortened(task, max(0, room - 2), self.charset)
        free = room - 2 - cell_len(name) - cell_len(view.state.specs[task].title) - 4
        using = usage_spans(self._samples, free, self.charset)
        spent = "" if using else shortened(cost(view, task), room, self.charset)
        left = room - 2 - cell_len(name) - cell_len(spent) - sum(cell_len(span.text) for span in using)
        title = shortened(view.state.specs[task].title, left - 4, self.charset)
        if title == name:
            title = ""
        gap = left - cell_len(title) - 2
        return (
            Span(" "),
            glyph(seen),
            Span(f" {name}", Role.STRONG),
            Span(f"  {title}"),
            Span(" " * max(0, gap)),
            Span(spent if gap >= 0 else "", Role.MUTED),
            *using,
        )


def _next(need: Need, options: ScreenOptions) -> str:
    """Return the command to type, and the key that does the same."""
    _, _, last = need.next.rpartition("porch ")
    same = _KEYS.get(last.partition(" ")[0])
    return f"{need.next}   (key {options.key(*same)})" if same else need.next
