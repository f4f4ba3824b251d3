"""The list of tasks: where each stands, and what it uses while it runs."""

from __future__ import annotations

from collections.abc import Set
from typing import ClassVar

from textual.binding import Binding, BindingType

from porch_tui.core.model.plan import TaskId
from porch_tui.present.amounts import percent
from porch_tui.present.signs import Role
from porch_tui.present.statuses import look
from porch_tui.tui.drawing.cells import left, right
from porch_tui.tui.drawing.looks import size
from porch_tui.tui.drawing.styles import Line, Span, glyph
from porch_tui.tui.model.arrangement import Arrangement, SortKey, arranged, order_varies_with
from porch_tui.tui.model.standing import is_noticed, standing
from porch_tui.tui.model.view import View
from porch_tui.tui.widgets.task_rows import TaskRows

CPU_CELLS = 5
MEMORY_CELLS = 6
LEAST_STATE_CELLS = 15
"""`landed 3f2a9c1` and a blank."""
LEAST_NAME_CELLS = 6


class TaskList(TaskRows):
    """One row a task, those that are asked for and in that order; a star beside those that are marked."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "screen.filter", "filter", id="list.filter", tooltip="Only a name, or state:fail"),
        Binding("S", "screen.sort", show=False, id="list.sort", tooltip="Sort by state, name, cpu or time"),
        Binding("space", "screen.mark", show=False, id="list.mark", tooltip="Mark it: verbs mean the marked"),
    ]
    view: View | None = None
    marked: Set[TaskId] = frozenset()
    wanted: Arrangement = Arrangement()
    _varying: object = None

    def draw(self, view: View, chosen: TaskId | None, wanted: Arrangement, marked: Set[TaskId]) -> None:
        """Show this moment of the run."""
        varying = order_varies_with(view, wanted.key)
        is_same_state = self.view is not None and self.view.state is view.state
        if not is_same_state or (wanted, varying) != (self.wanted, self._varying):
            self.tasks = arranged(view, wanted)
        self.view, self.chosen, self.wanted, self.marked = view, chosen, wanted, marked
        self._varying = varying
        self.redraw()

    def heading(self) -> Line:
        """Return the names of the columns."""
        name, state = self._columns()
        key = self.wanted.key
        by = f"by {key}" if key is not SortKey.PLAN else ""
        filtered = f"/{self.wanted.words}" if self.wanted.words else ""
        return (
            Span("   "),
            Span(left(filtered or "task", name, self.charset), Role.ASK if filtered else Role.MUTED),
            Span(" " + left(by or "state", state, self.charset), Role.MUTED),
            Span(f"{right('cpu', CPU_CELLS)}{right('mem', MEMORY_CELLS)}", Role.MUTED),
        )

    def empty_lines(self) -> list[Line]:
        """Return what to show when the filter leaves nothing."""
        return [(Span("   no task is like that: esc shows all", Role.MUTED),)]

    def mark(self, task: TaskId) -> Span:
        """Return the cell that a row begins with: a star, if it is marked."""
        return Span("*", Role.ASK, is_bold=True) if task in self.marked else super().mark(task)

    def task_line(self, task: TaskId) -> Line:
        """Return a task's row: cursor, glyph, name, state, cpu, memory."""
        assert self.view is not None  # rows are drawn from a view only
        where = standing(self.view, task)
        seen = look(where.status, self.charset)
        name, state = self._columns()
        is_quiet = where.status in {"pending", "cancelled"}
        usage = self.view.usage.get(task)
        return (
            self.mark(task),
            glyph(seen),
            Span("!", Role.ASK, is_bold=True) if is_noticed(self.view, task) else Span(" "),
            Span(left(task, name, self.charset) + " ", Role.MUTED if is_quiet else Role.TEXT),
            Span(left(where.word, state, self.charset), seen.sign.role),
            Span(right(percent(usage.cpu_percent) if usage else "", CPU_CELLS)),
            Span(right(size(usage.rss_bytes) if usage else "", MEMORY_CELLS)),
        )

    def _columns(self) -> tuple[int, int]:
        """Return the cells of name and state: the longest name, if the state keeps enough."""
        room = self.size.width - 3 - 1 - CPU_CELLS - MEMORY_CELLS - 1
        name = max(LEAST_NAME_CELLS, min(self.longest_cells + 1, room - LEAST_STATE_CELLS))
        return name, max(0, room - name)
