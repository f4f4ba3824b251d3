"""The merge queue as lists: the entries on their way beside the task list, and all of them full size."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual.binding import BindingType

from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import QueueEntry
from porch_tui.core.model.status import DONE
from porch_tui.present.signs import Role
from porch_tui.present.status_label import entry_label, queue_detail
from porch_tui.present.statuses import look
from porch_tui.tui.drawing.cells import left, shortened, wrapped
from porch_tui.tui.drawing.headings import heading, place_title
from porch_tui.tui.drawing.styles import Line, Span, glyph, width_of
from porch_tui.tui.keys.bindings import QUEUE_LIST
from porch_tui.tui.model.view import View
from porch_tui.tui.queue.entry_facts import row_detail
from porch_tui.tui.widgets.task_rows import TaskRows

MOST_NAME_CELLS = 24
STATE_CELLS = 16


def waiting(view: View) -> tuple[TaskId, ...]:
    """Return the entries that have not landed: those that are queued in their order, then the others."""
    queued, entries = view.derived.places, view.state.entries.values()
    rest = [entry for entry in entries if entry.status not in DONE and entry.task not in queued]
    return (*queued, *(entry.task for entry in sorted(rest, key=lambda entry: entry.place)))


def all_entries(view: View) -> tuple[TaskId, ...]:
    """Return all entries: those that have not landed, then those that have, the last first."""
    state = view.state
    landed = (task for task in reversed(state.target.landed) if task in state.entries)
    return tuple(dict.fromkeys((*waiting(view), *landed, *state.entries)))


class EntryRows(TaskRows):
    """One row for each entry: cursor, place in the queue, glyph, name, state, and why."""

    view: View | None = None

    def listed(self, view: View) -> tuple[TaskId, ...]:
        """Return the entries to list, top to bottom."""
        return waiting(view)

    def draw(self, view: View, chosen: TaskId | None) -> None:
        """Show the queue at this moment."""
        self.view, self.chosen = view, chosen
        self.tasks = self.listed(view)
        self.redraw()

    def task_line(self, task: TaskId) -> Line:
        """Return the row of an entry."""
        assert self.view is not None  # rows are drawn from a view only
        entry = self.view.state.entries[task]
        where = entry_label(self.view.state, entry, self.view.now)
        seen = look(where.status, self.charset)
        number = self.view.derived.places.get(task)
        name = self.name_cells()
        state, detail = self.words(self.view, entry, where.word, self.cells - 8 - name)
        return (
            self.mark(task),
            Span(f"{number or '':>3} ", Role.MUTED),
            glyph(seen),
            Span(f" {left(task, name, self.charset)} ", Role.MUTED if entry.status in DONE else Role.TEXT),
            Span(f"{state} ", seen.sign.role),
            Span(detail, Role.MUTED),
        )

    def name_cells(self) -> int:
        """Return the width of the names."""
        raise NotImplementedError

    def words(self, view: View, entry: QueueEntry, state: str, room: int) -> tuple[str, str]:
        """Return an entry's state and why it is in it, in so many cells together."""
        raise NotImplementedError


class QueuePane(EntryRows):
    """The entries that have not landed, below the task list."""

    def heading(self) -> Line:
        """Return the pane's name on a thin line, and how many have landed."""
        landed = len(self.view.state.target.landed) if self.view else 0
        key = self.view.options.key("board.place_3", "3") if self.view else "3"
        texts = (self.position(), f"{landed} landed" if landed else "")
        end = Span(", ".join(filter(None, texts)), Role.MUTED)
        return heading(
            place_title(key, "merge queue", is_focused=self.has_focus),
            [end] if end.text else [],
            self.cells,
            self.charset,
            is_focused=self.has_focus,
        )

    def empty_lines(self) -> list[Line]:
        """Return what to show while there are none."""
        return [(Span("   nothing is waiting to be merged", Role.MUTED),)]

    def task_lines(self, task: TaskId) -> list[Line]:
        """Return the row of an entry, and what of the reason does not fit there below it."""
        assert self.view is not None  # rows are drawn from a view only
        state, entry = self.view.state, self.view.state.entries[task]
        word, room = entry_label(state, entry, self.view.now).word, self.cells - 8 - self.name_cells()
        reason = queue_detail(state, entry)
        *before, said, detail = self.task_line(task)
        if cell_len(f"{word} {reason}") <= room or cell_len(word) >= room:
            return [(*before, said, detail)]
        first, *below = wrapped(f"{word} {reason}", room)
        indent = Span(" " * width_of(before))
        row = (*before, said, detail._replace(text=first[len(word) + 1 :]))
        return [row, *((indent, detail._replace(text=text)) for text in below)]

    def name_cells(self) -> int:
        """Return the width of the names."""
        return min(18, self.longest_cells)

    def words(self, view: View, entry: QueueEntry, state: str, room: int) -> tuple[str, str]:
        """Return the state as long as it is, and the reason in what is left."""
        state = shortened(state, room, self.charset)
        return state, shortened(queue_detail(view.state, entry), room - cell_len(state) - 1, self.charset)


class QueueList(EntryRows):
    """All entries, full width."""

    BINDINGS: ClassVar[list[BindingType]] = [*QUEUE_LIST]
    DEFAULT_CSS = "QueueList { height: auto; max-height: 50%; }"

    def listed(self, view: View) -> tuple[TaskId, ...]:
        """Return all entries."""
        return all_entries(view)

    def draw(self, view: View, chosen: TaskId | None) -> None:
        """Show the queue at this moment, in as many rows as it needs."""
        before = len(self.tasks)
        is_first = self.view is None
        super().draw(view, chosen)
        if not is_first and len(self.tasks) != before:
            self.refresh(layout=True)

    def heading(self) -> Line:
        """Return the names of the columns, and how many entries are queued and have landed."""
        view = self.view
        counts = f"{len(view.derived.places)} queued, {len(view.state.target.landed)} landed" if view else ""
        titles = f"     # {left('entry', self.name_cells())} {left('state', STATE_CELLS)} why"
        gap = self.cells - cell_len(titles) - cell_len(counts) - 1
        return (Span(f"{titles}{' ' * max(1, gap)}{counts if gap > 0 else ''}", Role.MUTED),)

    def empty_lines(self) -> list[Line]:
        """Return what to show while there is none."""
        return [(Span("   the merge queue is empty", Role.MUTED),)]

    def name_cells(self) -> int:
        """Return the width of the names."""
        return max(5, min(self.longest_cells, MOST_NAME_CELLS, self.cells // 4))

    def words(self, view: View, entry: QueueEntry, state: str, room: int) -> tuple[str, str]:
        """Return the state in its column, then the reason."""
        detail = shortened(row_detail(view, entry), room - STATE_CELLS - 1, self.charset)
        return left(state, STATE_CELLS, self.charset), detail
