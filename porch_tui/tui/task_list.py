"""The list of tasks: where each stands, and what it uses while it runs."""

from __future__ import annotations

from rich.cells import cell_len

from porch_tui.core.plan import TaskId
from porch_tui.tui.cells import left, right
from porch_tui.tui.choosing import ChoosingRows
from porch_tui.tui.inks import Line, Span, Tone, glyph
from porch_tui.tui.looks import look, percent, size
from porch_tui.tui.standing import standing
from porch_tui.tui.view import View

CPU_CELLS = 5
MEMORY_CELLS = 6
LEAST_STATE_CELLS = 15
"""`landed 3f2a9c1` and a blank."""
LEAST_NAME_CELLS = 6


class TaskList(ChoosingRows):
    """One row a task, in plan order."""

    view: View | None = None

    def draw(self, view: View, chosen: TaskId | None) -> None:
        """Show this moment of the run."""
        self.view, self.chosen = view, chosen
        self.tasks = tuple(view.state.tasks)
        self.redraw()

    def heading(self) -> Line:
        """Return the names of the columns."""
        name, state = self._columns()
        titles = f"   {left('task', name)} {left('state', state)}"
        return (Span(f"{titles}{right('cpu', CPU_CELLS)}{right('mem', MEMORY_CELLS)}", Tone.MUTED),)

    def task_line(self, task: TaskId) -> Line:
        """Return a task's row: cursor, glyph, name, state, cpu, memory."""
        assert self.view is not None  # rows are drawn from a view only
        where = standing(self.view, task)
        seen = look(where.status, self.letters)
        name, state = self._columns()
        is_quiet = where.status in {"pending", "cancelled"}
        usage = self.view.usage.get(task)
        return (
            self.mark(task),
            glyph(seen),
            Span(" " + left(task, name, self.letters) + " ", Tone.MUTED if is_quiet else Tone.TEXT),
            Span(left(where.word, state, self.letters), seen.sign.hue),
            Span(right(percent(usage.cpu_percent) if usage else "", CPU_CELLS)),
            Span(right(size(usage.rss_bytes) if usage else "", MEMORY_CELLS)),
        )

    def _columns(self) -> tuple[int, int]:
        """Return the cells of name and state: the longest name, if the state keeps enough."""
        room = self.size.width - 3 - 1 - CPU_CELLS - MEMORY_CELLS - 1
        longest = max((cell_len(task) for task in self.tasks), default=0)
        name = max(LEAST_NAME_CELLS, min(longest + 1, room - LEAST_STATE_CELLS))
        return name, max(0, room - name)
