"""All entries of the merge queue: the line in its order, what stands beside it, and what has landed."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType

from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.status import DONE
from porch_tui.present.signs import Role
from porch_tui.present.statuses import look
from porch_tui.tui.board.queue_pane import waiting
from porch_tui.tui.drawing.cells import left, shortened
from porch_tui.tui.drawing.styles import Line, Span, glyph
from porch_tui.tui.model.standing import entry_standing
from porch_tui.tui.model.view import View
from porch_tui.tui.queue.queue_told import row_detail
from porch_tui.tui.widgets.task_rows import TaskRows

MOST_NAME_CELLS = 24
WORD_CELLS = 16


class QueueList(TaskRows):
    """One row an entry."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "screen.foreseen", "foreseen", id="queue.foreseen", tooltip="Go to the matrix"),
    ]
    DEFAULT_CSS = "QueueList { height: auto; max-height: 50%; }"
    view: View | None = None

    def draw(self, view: View, chosen: TaskId | None) -> None:
        """Show this moment of the queue."""
        entries = all_entries(view)
        is_another = self.view is not None and len(self.tasks) != len(entries)
        self.view, self.chosen = view, chosen
        self.tasks = entries
        self.redraw()
        if is_another:
            self.refresh(layout=True)

    def heading(self) -> Line:
        """Return the names of the columns, and how many are in line and have landed."""
        view = self.view
        counts = f"{len(view.derived.places)} in line, {len(view.state.landed)} landed" if view else ""
        name = self._name_cells()
        titles = f"     # {left('entry', name)} {left('state', WORD_CELLS)} why"
        gap = self.size.width - cell_len(titles) - cell_len(counts) - 1
        return (Span(f"{titles}{' ' * max(1, gap)}{counts if gap > 0 else ''}", Role.MUTED),)

    def empty_lines(self) -> list[Line]:
        """Return what to show while there is none."""
        return [(Span("   nothing has come to the merge queue yet", Role.MUTED),)]

    def task_line(self, task: TaskId) -> Line:
        """Return an entry's row: cursor, place in line, glyph, name, where it stands, and why."""
        assert self.view is not None  # rows are drawn from a view only
        entry = self.view.state.entries[task]
        where = entry_standing(self.view, entry)
        seen = look(where.status, self.charset)
        number = self.view.derived.places.get(task)
        place = f"{number:>3}" if number else "   "
        name = self._name_cells()
        is_over = entry.status in DONE
        room = self.size.width - 8 - name - WORD_CELLS - 1
        return (
            self.mark(task),
            Span(f"{place} ", Role.MUTED),
            glyph(seen),
            Span(f" {left(task, name, self.charset)} ", Role.MUTED if is_over else Role.TEXT),
            Span(left(where.word, WORD_CELLS, self.charset) + " ", seen.sign.role),
            Span(shortened(row_detail(self.view, entry), room, self.charset), Role.MUTED),
        )

    def _name_cells(self) -> int:
        return max(5, min(self.longest_cells, MOST_NAME_CELLS, self.size.width // 4))


def all_entries(view: View) -> tuple[TaskId, ...]:
    """Return the entries: those on their way, then what is parked, then what has landed, last first."""
    state = view.state
    landed = (task for task in reversed(state.landed) if task in state.entries)
    return tuple(dict.fromkeys((*waiting(view), *landed, *state.entries)))
