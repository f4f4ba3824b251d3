"""The list of tasks: a row each, with its state, why or what it last put out, and what it uses."""

from __future__ import annotations

from collections.abc import Set
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import BindingType

from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.model.telemetry import Sample
from porch_tui.present.amounts import agent_tokens, dollars, duration, percent, size
from porch_tui.present.arrangement import SortKey
from porch_tui.present.place_text import on_place
from porch_tui.present.signs import Charset, Role, Sign
from porch_tui.present.status_label import beside, is_noticed, task_label
from porch_tui.present.statuses import look
from porch_tui.present.summary import agent_usage_of
from porch_tui.tui.board.arrangement import Arrangement, rows
from porch_tui.tui.board.group_row import fold_sign, state_cells
from porch_tui.tui.board.row_files import RowFiles
from porch_tui.tui.drawing.cells import left, right, shortened
from porch_tui.tui.drawing.sparkline import sparkline
from porch_tui.tui.drawing.styles import Line, Span, glyph, width_of
from porch_tui.tui.keys.bindings import TASK_LIST
from porch_tui.tui.model.groups import group_in, group_of, groups, sign_of
from porch_tui.tui.model.view import View
from porch_tui.tui.widgets.task_rows import TaskRows

CPU_CELLS = 5
MEMORY_CELLS = 6
TOKEN_CELLS = 7
COST_CELLS = 9
"""`<$0.0001` and a blank."""
CURVE_CELLS = 8
LEAST_STATE_CELLS = 15
"""`landed 3f2a9c1` and a blank."""
STATE_CELLS, WIDE_STATE_CELLS = 10, 15
"""What follows a state of so many cells begins below each other, where that cuts no reason."""
WIDE_ROW_CELLS = 60
LEAST_REASON_CELLS = 4
LEAST_NAME_CELLS = 6
ROOMY_STATE_CELLS = 28
"""What agents used is shown if it leaves this much for the state, a curve if it leaves twice that."""
_ENDED = (Sign.GOOD, Sign.FAILED, Sign.ENDED)


class TaskList(TaskRows):
    """One row for each listed task, with a star if it is marked."""

    BINDINGS: ClassVar[list[BindingType]] = [*TASK_LIST]
    view: View | None = None
    marked: Set[TaskId] = frozenset()
    arrangement: Arrangement = Arrangement()
    opened: Set[str] = frozenset()
    """The groups whose tasks are listed."""
    _varying: object = None

    def __init__(self, charset: Charset, files: RowFiles) -> None:
        super().__init__(charset)
        self._files = files
        self._curves: dict[TaskId, tuple[float, str]] = {}
        """When the last sample of a curve was taken, and the curve."""

    def draw(
        self,
        view: View,
        chosen: TaskId | None,
        arrangement: Arrangement,
        marked: Set[TaskId],
        opened: Set[str] = frozenset(),
    ) -> None:
        """Show this moment of the run."""
        # what changes the order while the state of the run stays the same
        varying = {SortKey.CPU: view.usage, SortKey.TIME: view.now}.get(arrangement.key)
        is_same_state = self.view is not None and self.view.state is view.state
        asked = arrangement, varying, opened
        if not is_same_state or asked != (self.arrangement, self._varying, self.opened):
            self.tasks = rows(view, arrangement, opened)
        self.view, self.chosen, self.arrangement, self.marked = view, chosen, arrangement, marked
        self._varying, self.opened = varying, opened
        self.redraw()

    def heading(self) -> Line:
        """Return the names of the columns."""
        name = self._name_cells()
        key = self.arrangement.key
        by = f"by {key.shown}" if key is not SortKey.PLAN else ""
        filtered = f"/{self.arrangement.words}" if self.arrangement.words else ""
        columns = [("cpu", CPU_CELLS), ("mem", MEMORY_CELLS), *self._agent_columns()]
        titles = "".join(right(title, room) for title, room in columns)
        state = self.size.width - 3 - name - 1 - cell_len(titles) - 1
        return (
            Span("   "),
            Span(left(filtered or "task", name, self.charset), Role.ASK if filtered else Role.MUTED),
            Span(" " + left(by or "state", state, self.charset), Role.MUTED),
            Span(titles, Role.MUTED),
        )

    def empty_lines(self) -> list[Line]:
        """Return what to show when the filter leaves nothing."""
        return [(Span("   no task matches: esc shows all", Role.MUTED),)]

    def mark(self, task: TaskId) -> Span:
        """Return the first cell of a row: a star if it is marked, or all of its group."""
        group = group_in(task)
        tasks = (task,) if group is None or self.view is None else groups(self.view.state)[group]
        is_marked = all(one in self.marked for one in tasks)
        return Span("*", Role.ASK, is_bold=True) if is_marked else super().mark(task)

    def task_line(self, task: TaskId) -> Line:
        """Return a task's row: cursor, glyph, name, state, why or what it last put out, what it uses."""
        assert self.view is not None  # rows are drawn from a view only
        if (group := group_in(task)) is not None:
            return self._group_line(self.view, task, group)
        where = task_label(self.view.state, task, self.view.now)
        seen = look(where.status, self.charset)
        has_landed = seen.sign is Sign.GOOD
        is_quiet = has_landed or where.status == TaskStatus.PENDING or seen.sign is Sign.ENDED
        name, using = self._name_cells(), self._using(task)
        room = self.size.width - 3 - name - 1 - width_of(using) - 1
        place = on_place(self.view.state, task)
        reason = beside(self.view.state, task, where.word, self.view.predictions)
        detail = reason or self._news(self.view, task, where.word, seen.sign)
        word = where.word
        if cell_len(word + place) <= max(room - cell_len(detail) - 1, room // 2):
            word += place
        took = "" if using or seen.sign not in _ENDED else self._took(self.view, task)
        return (
            self.mark(task),
            glyph(seen),
            Span("!", Role.ASK, is_bold=True) if is_noticed(self.view.state, task) else Span(" "),
            Span(
                left(self._indent(task) + task, name, self.charset) + " ",
                Role.MUTED if is_quiet else Role.TEXT,
            ),
            *self._said(
                Span(word, Role.MUTED if has_landed else seen.sign.role),
                detail,
                room,
                took,
                may_cut=not reason,
            ),
            *using,
        )

    def _said(self, state: Span, detail: str, room: int, took: str, *, may_cut: bool) -> list[Span]:
        """Return state and detail in exactly so many cells; how long it took only where both are whole."""
        word, detail = shortened(state.text, room, self.charset), shortened(detail, 4 * room, self.charset)
        cells, column = cell_len(word), WIDE_STATE_CELLS if room >= WIDE_ROW_CELLS else STATE_CELLS
        if cells < column and (may_cut or column + cell_len(detail) <= room):
            cells = min(column, room)
        elif detail:
            cells += 1
        text = shortened(detail, room - cells, self.charset) if room - cells >= LEAST_REASON_CELLS else ""
        spare = max(0, room - cells - cell_len(text))
        took = right(took, spare) if cell_len(took) + 2 <= spare else " " * spare
        return [state._replace(text=left(word, min(cells, room))), Span(text + took, Role.MUTED)]

    def _news(self, view: View, task: TaskId, word: str, sign: Sign) -> str:
        """Return the last line of a task's log, or its title; nothing beside a word that is a reason."""
        is_of_log = sign in (Sign.RUNS, Sign.FAILED) and task not in view.state.entries
        if is_of_log and (line := self._files.last_line(task, view.now)):
            return line
        return "" if word.startswith("waits") else view.state.specs[task].own_title

    def _took(self, view: View, task: TaskId) -> str:
        attempt = view.state.tasks[task].attempt
        return duration(attempt.used.wall_s) if attempt and attempt.used else ""

    def _using(self, task: TaskId) -> list[Span]:
        """Return what a task uses, and what its agent used, below their titles; nothing if that is blank."""
        assert self.view is not None
        usage = self.view.usage.get(task)
        now = [percent(usage.cpu_percent), size(usage.rss_bytes)] if usage else []
        spans = [Span(right(text, room)) for text, room in zip(now, (CPU_CELLS, MEMORY_CELLS), strict=False)]
        if usage and self._spare_cells() >= 2 * ROOMY_STATE_CELLS:
            spans = [Span(f" {self._curve(task, usage)}", Role.RUN), *spans]
        agents = self._agent_cells(task)
        return [*spans, *agents] if spans or any(span.text.strip() for span in agents) else []

    def _curve(self, task: TaskId, usage: Sample) -> str:
        """Return the curve of the processor a task uses; drawn once for each sample."""
        at, drawn = self._curves.get(task, (0.0, ""))
        if at != usage.at:
            samples = self._files.samples(task, CURVE_CELLS)
            drawn = sparkline([one.cpu_percent for one in samples], CURVE_CELLS, 100.0, self.charset)
            self._curves[task] = usage.at, drawn
        return drawn

    def _group_line(self, view: View, row: TaskId, group: str) -> Line:
        """Return a group's row: how many of it passed, failed and run, and what these use."""
        counts, name = view.derived.group_counts[group], self._name_cells()
        used = [view.usage[task] for task in groups(view.state)[group] if task in view.usage]
        sign = sign_of(counts)
        label = fold_sign(is_open=group in self.opened) + group
        using = "".join(
            right(text, room)
            for text, room in (
                (percent(sum(one.cpu_percent for one in used)) if used else "", CPU_CELLS),
                (size(sum(one.rss_bytes for one in used)) if used else "", MEMORY_CELLS),
                *(("", room) for _, room in self._agent_columns()),
            )
        )
        return (
            self.mark(row),
            Span(sign.glyph(self.charset), sign.role),
            Span(" "),
            Span(left(label, name, self.charset) + " ", Role.STRONG),
            *state_cells(counts, self.size.width - 3 - name - 1 - len(using) - 1, self.charset),
            Span(using),
        )

    def _indent(self, task: TaskId) -> str:
        """Return the blanks before the name of a task: more below the row of its group."""
        assert self.view is not None
        is_below = not self.arrangement.words and group_of(self.view.state, task) is not None
        return "  " if is_below else ""

    def _name_cells(self) -> int:
        """Return the cells of the names: the longest, if that leaves enough for the state."""
        room = self.size.width - 3 - 1 - CPU_CELLS - MEMORY_CELLS - 1
        fold = 2 if self.view is not None and groups(self.view.state) else 0
        return max(LEAST_NAME_CELLS, min(self.longest_cells + fold + 1, room - LEAST_STATE_CELLS))

    def _spare_cells(self) -> int:
        """Return the cells that are left beside the name, and what is used now."""
        return max(0, self.size.width - 3 - 1 - CPU_CELLS - MEMORY_CELLS - 1 - self._name_cells())

    def _agent_columns(self) -> list[tuple[str, int]]:
        """Return the titles and cells of what agents used, as far as they say so and there is room."""
        used = self.view.derived.agents if self.view is not None else None
        if used is None:
            return []
        spare = self._spare_cells() - ROOMY_STATE_CELLS
        wanted = [("tokens", TOKEN_CELLS), *([("cost", COST_CELLS)] if used.cost_usd else [])]
        return [] if spare < TOKEN_CELLS else wanted if spare >= TOKEN_CELLS + COST_CELLS else wanted[:1]

    def _agent_cells(self, task: TaskId) -> list[Span]:
        columns = self._agent_columns()
        if not columns:
            return []
        assert self.view is not None
        used = agent_usage_of(self.view.state.tasks[task], self.view.usage.get(task))
        figures = [agent_tokens(used), dollars(used.cost_usd) if used.cost_usd else ""]
        return [Span(right(figure, room)) for figure, (_, room) in zip(figures, columns, strict=False)]
