"""The list of tasks: a row each, with its state, why or what it last put out, and what it uses."""

from __future__ import annotations

from collections.abc import Set
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import BindingType

from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.status import TaskStatus
from porch_tui.present.amounts import agent_tokens, dollars, duration, percent, size
from porch_tui.present.arrangement import SortKey
from porch_tui.present.place_text import beside_place, on_place
from porch_tui.present.signs import Charset, Role, Sign
from porch_tui.present.status_label import beside, is_noticed, task_label
from porch_tui.present.statuses import look
from porch_tui.present.summary import agent_usage_of
from porch_tui.tui.board.arrangement import Arrangement, rows
from porch_tui.tui.board.columns import CPU_CELLS, MARK_CELLS, MEMORY_CELLS, Columns
from porch_tui.tui.board.group_row import fold_sign, state_cells
from porch_tui.tui.board.row_files import RowFiles
from porch_tui.tui.drawing.cells import left, right, rule, shortened, wrapped
from porch_tui.tui.drawing.headings import heading, line_role, place_title
from porch_tui.tui.drawing.styles import Line, Span, glyph, width_of
from porch_tui.tui.keys.bindings import TASK_LIST
from porch_tui.tui.model.groups import group_in, group_of, groups, sign_of
from porch_tui.tui.model.view import View
from porch_tui.tui.widgets.task_rows import TaskRows

STATE_CELLS, WIDE_STATE_CELLS = 10, 15
"""What follows a state of so many cells begins below each other, where that cuts nothing."""
WIDE_ROW_CELLS = 60
LEAST_REASON_CELLS = 4
MOST_REASON_ROWS = 3
"""Below the row of a task."""
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
        """Return the pane's name on a thin line, how it is arranged, where one is, and the columns."""
        asked, is_focused = self.arrangement, self.has_focus
        key = self.view.options.key("board.place_1", "1") if self.view else "1"
        title = list(place_title(key, "tasks", is_focused=is_focused))
        if asked.words:
            title.append(Span(f"  /{asked.words}", Role.ASK))
            if self.view and self.tasks:  # the empty list says so itself
                count = f"{len(self.tasks):,} of {len(self.view.state.tasks):,}"
                title.append(Span(f"  {count}, esc shows all", Role.MUTED))
        if asked.key is not SortKey.PLAN:
            title.append(Span(f"  by {asked.key.shown}", Role.MUTED))
        columns = [("cpu", CPU_CELLS), ("mem", MEMORY_CELLS), *self._columns().of_agents]
        titles = "".join(right(name, room) for name, room in columns).lstrip()
        position = self.position()
        line = Span(f" {rule(2, self.charset)} ", line_role(is_focused=is_focused))
        end = [Span(position, Role.MUTED), line] if position else []
        return heading(
            title, [*end, Span(titles, Role.MUTED)], self.cells, self.charset, is_focused=is_focused
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
        return self._drawn(task, is_alone=True)[0]

    def task_lines(self, task: TaskId) -> list[Line]:
        """Return a task's row, and what of the reason does not fit there below it."""
        return self._drawn(task, is_alone=False)

    def _drawn(self, task: TaskId, *, is_alone: bool) -> list[Line]:
        assert self.view is not None  # rows are drawn from a view only
        if (group := group_in(task)) is not None:
            return [self._group_line(self.view, task, group)]
        where = task_label(self.view.state, task, self.view.now)
        seen = look(where.status, self.charset)
        has_landed = seen.sign is Sign.GOOD
        is_quiet = has_landed or where.status == TaskStatus.PENDING or seen.sign is Sign.ENDED
        columns, using = self._columns(), self._using(task)
        room = columns.after_name - width_of(using)
        place = on_place(self.view.state, task)
        reason = beside_place(
            self.view.state, task, beside(self.view.state, task, where.word, self.view.predictions)
        )
        detail = reason or self._news(self.view, task, where.word, seen.sign)
        word = where.word
        if cell_len(word + place) <= max(room - cell_len(detail) - 1, room // 2):
            word += place
        state = Span(word, Role.MUTED if has_landed else seen.sign.role)
        below: list[str] = []
        if not is_alone and cell_len(f"{word} {reason}") > room:
            first, *below = wrapped(f"{word} {reason}", room)
            below = below[:MOST_REASON_ROWS]
            state, detail = state._replace(text=first[: len(word)]), first[len(word) :].strip()
        took = "" if using or seen.sign not in _ENDED else took_text(self.view, task)
        row = (
            self.mark(task),
            glyph(seen),
            Span("!", Role.ASK, is_bold=True) if is_noticed(self.view.state, task) else Span(" "),
            Span(
                left(self._indent(task) + task, columns.name, self.charset) + " ",
                Role.MUTED if is_quiet else Role.TEXT,
            ),
            *said_spans(state, detail, room, took, self.charset),
            *using,
        )
        return [
            row,
            *((Span(" " * (MARK_CELLS + columns.name + 1)), Span(text, Role.MUTED)) for text in below),
        ]

    def _news(self, view: View, task: TaskId, word: str, sign: Sign) -> str:
        """Return the last line of a task's log, or its title; nothing beside a word that is a reason."""
        is_of_log = sign in (Sign.RUNS, Sign.FAILED) and task not in view.state.entries
        if is_of_log and (line := self._files.last_line(task, view.now)):
            return line
        return "" if word.lower().startswith("waits") else view.state.specs[task].own_title

    def _using(self, task: TaskId) -> list[Span]:
        """Return what a task uses, and what its agent used, below their titles; nothing if that is blank."""
        assert self.view is not None
        usage, columns = self.view.usage.get(task), self._columns()
        now = [percent(usage.cpu_percent), size(usage.rss_bytes)] if usage else []
        spans = [Span(right(text, room)) for text, room in zip(now, (CPU_CELLS, MEMORY_CELLS), strict=False)]
        if usage and columns.has_curves:
            spans = [Span(f" {self._files.curve(task, usage, self.charset)}", Role.RUN), *spans]
        used = agent_usage_of(self.view.state.tasks[task], usage)
        figures = [agent_tokens(used), dollars(used.cost_usd) if used.cost_usd else ""]
        places = zip(figures, columns.of_agents, strict=False)
        agents = [Span(right(figure, room)) for figure, (_, room) in places]
        return [*spans, *agents] if spans or any(span.text.strip() for span in agents) else []

    def _group_line(self, view: View, row: TaskId, group: str) -> Line:
        """Return a group's row: how many of it passed, failed and run, and what these use."""
        counts, columns = view.derived.group_counts[group], self._columns()
        used = [view.usage[task] for task in groups(view.state)[group] if task in view.usage]
        sign = sign_of(counts)
        label = fold_sign(is_open=group in self.opened) + group
        using = "".join(
            right(text, room)
            for text, room in (
                (percent(sum(one.cpu_percent for one in used)) if used else "", CPU_CELLS),
                (size(sum(one.rss_bytes for one in used)) if used else "", MEMORY_CELLS),
                *(("", room) for _, room in self._columns().of_agents),
            )
        )
        return (
            self.mark(row),
            Span(sign.glyph(self.charset), sign.role),
            Span(" "),
            Span(left(label, columns.name, self.charset) + " ", Role.STRONG),
            *state_cells(counts, columns.after_name - len(using), self.charset),
            Span(using),
        )

    def _indent(self, task: TaskId) -> str:
        """Return the blanks before the name of a task: more below the row of its group."""
        assert self.view is not None
        is_below = not self.arrangement.words and group_of(self.view.state, task) is not None
        return "  " if is_below else ""

    def _columns(self) -> Columns:
        has_groups = self.view is not None and bool(groups(self.view.state))
        used = self.view.derived.agents if self.view is not None else None
        return Columns(self.cells, self.longest_cells + (2 if has_groups else 0), used)


def said_spans(state: Span, detail: str, room: int, took: str, charset: Charset) -> list[Span]:
    """Return state and detail in exactly so many cells; how long it took only where both are whole."""
    word, detail = shortened(state.text, room, charset), shortened(detail, 4 * room, charset)
    cells, column = cell_len(word), WIDE_STATE_CELLS if room >= WIDE_ROW_CELLS else STATE_CELLS
    if cells < column and column + cell_len(detail) <= room:
        cells = column
    elif detail:
        cells += 1
    text = shortened(detail, room - cells, charset) if room - cells >= LEAST_REASON_CELLS else ""
    spare = max(0, room - cells - cell_len(text))
    took = right(took, spare) if cell_len(took) + 2 <= spare else " " * spare
    return [state._replace(text=left(word, min(cells, room))), Span(text + took, Role.MUTED)]


def took_text(view: View, task: TaskId) -> str:
    """Return how long the last attempt took; empty while it runs."""
    attempt = view.state.tasks[task].attempt
    return duration(attempt.used.wall_s) if attempt and attempt.used else ""
