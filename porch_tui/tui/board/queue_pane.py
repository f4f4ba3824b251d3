"""The merge queue: in which order work goes to the target, and what stands beside the line, and why."""

from __future__ import annotations

from rich.cells import cell_len

from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.status import DONE
from porch_tui.present.signs import Role
from porch_tui.present.statuses import look
from porch_tui.tui.drawing.cells import left, rule, shortened
from porch_tui.tui.drawing.styles import Line, Span, glyph
from porch_tui.tui.model.standing import entry_standing, queue_detail
from porch_tui.tui.model.view import View
from porch_tui.tui.widgets.task_rows import TaskRows

MOST_NAME_CELLS = 18


class QueuePane(TaskRows):
    """One row an entry that has not landed: the line itself, then what was taken out of it."""

    view: View | None = None

    def draw(self, view: View, chosen: TaskId | None) -> None:
        """Show this moment of the queue."""
        self.view, self.chosen = view, chosen
        self.tasks = waiting(view)
        self.redraw()

    def heading(self) -> Line:
        """Return the pane's name on a thin rule, and how many have landed."""
        landed = len(self.view.state.landed) if self.view else 0
        title, count = " merge queue ", f" {landed} landed " if landed else ""
        dashes = self.size.width - cell_len(title) - cell_len(count) - 1
        line = Span(rule(dashes, self.charset), Role.RULE)
        return Span(rule(1, self.charset), Role.RULE), Span(title, Role.MUTED), line, Span(count, Role.MUTED)

    def empty_lines(self) -> list[Line]:
        """Return what to show while nothing waits."""
        return [(Span("   nothing waits to be merged", Role.MUTED),)]

    def task_line(self, task: TaskId) -> Line:
        """Return an entry's row: cursor, place in line, glyph, name, and where it stands."""
        assert self.view is not None  # rows are drawn from a view only
        entry = self.view.state.entries[task]
        where = entry_standing(self.view, entry)
        seen = look(where.status, self.charset)
        number = self.view.derived.places.get(task)
        place = f"{number:>3} " if number else "    "
        name = min(MOST_NAME_CELLS, self.longest_cells)
        room = self.size.width - 8 - name
        word = shortened(where.word, room, self.charset)
        detail = shortened(queue_detail(self.view, entry), room - cell_len(word) - 1, self.charset)
        return (
            self.mark(task),
            Span(place, Role.MUTED),
            glyph(seen),
            Span(" " + left(task, name, self.charset) + " "),
            Span(word + " ", seen.sign.role),
            Span(detail, Role.MUTED),
        )


def waiting(view: View) -> tuple[TaskId, ...]:
    """Return the entries that have not landed: those on their way in order, then the others as they came."""
    line, entries = view.derived.places, view.state.entries.values()
    rest = [entry for entry in entries if entry.status not in DONE and entry.task not in line]
    return (*line, *(entry.task for entry in sorted(rest, key=lambda entry: entry.place)))
