"""The list of tasks in the order that was asked for, and one task in detail."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from enum import StrEnum
from typing import ClassVar

from msgspec import Struct
from rich.cells import cell_len
from textual.binding import BindingType

from porch_tui.core.merge_queue.ad_hoc_validation import described, of_task
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.model.telemetry import Sample
from porch_tui.present.amounts import agent_tokens, dollars, percent, size
from porch_tui.present.place_text import on_place
from porch_tui.present.signs import Role, Sign
from porch_tui.present.status_label import cost, is_noticed, ran_s, task_label, why
from porch_tui.present.statuses import Look, look
from porch_tui.present.summary import agent_usage_of
from porch_tui.tui.board.group_row import fold_sign, group_lines, state_cells
from porch_tui.tui.drawing.cells import arrow, left, right, shortened, wrapped
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.sparkline import MOST_BARS, usage_spans
from porch_tui.tui.drawing.styles import Line, Span, glyph
from porch_tui.tui.keys.bindings import TASK_LIST
from porch_tui.tui.model.groups import folded, group_in, group_of, groups, sign_of
from porch_tui.tui.model.view import View
from porch_tui.tui.widgets.task_rows import TaskRows

CPU_CELLS = 5
MEMORY_CELLS = 6
TOKEN_CELLS = 7
COST_CELLS = 9
"""`<$0.0001` and a blank."""
LEAST_STATE_CELLS = 15
"""`landed 3f2a9c1` and a blank."""
LEAST_NAME_CELLS = 6
ROOMY_STATE_CELLS = 28
"""What agents used is shown if it leaves this much for the state."""
MOST_LINES = 6
HISTORY = MOST_BARS
"""Samples in a curve."""
_KEYS = {
    "diff": ("task.diff", "d"),
    "retry": ("task.retry", "r"),
    "requeue": ("task.requeue", "u"),
    "resolve": ("task.resolve", "c"),
    "conflicts": ("task.resolve", "c"),
    "budget": ("task.budget", "$"),
}
"""The key that does the same as a command: its id and usual key."""
STATE = "state:"
"""Followed by the beginning of a status: `state:fail`."""
_PRESSING = (Sign.ASKS, Sign.FAILED, Sign.HELD, Sign.RUNS, Sign.WAITS, Sign.GOOD, Sign.ENDED)


class SortKey(StrEnum):
    """What the list is sorted by; the value is shown on the screen."""

    PLAN = "plan order"
    STATE = "state, what needs you first"
    NAME = "name"
    CPU = "cpu, most first"
    TIME = "time, longest first"

    def next(self) -> SortKey:
        """Return the next key, around the end."""
        keys = list(SortKey)
        return keys[(keys.index(self) + 1) % len(keys)]


class Arrangement(Struct, frozen=True):
    """How a person wants the list filtered and sorted."""

    words: str = ""
    """Each must be in the name or title of a task, in any case; `state:…` matches its status."""
    key: SortKey = SortKey.PLAN


def arranged(view: View, arrangement: Arrangement) -> tuple[TaskId, ...]:
    """Return the tasks to list, top to bottom; equal ones in plan order."""
    words = arrangement.words.casefold().split()
    found = list(view.state.tasks)
    for word in words:
        found = [task for task in found if _matches(view, task, word)]
    match arrangement.key:
        case SortKey.PLAN:
            return tuple(found)
        case SortKey.STATE:
            return tuple(sorted(found, key=lambda task: _PRESSING.index(view.derived.signs[task])))
        case SortKey.NAME:
            return tuple(sorted(found))
        case SortKey.CPU:
            busy = {task: usage.cpu_percent for task, usage in view.usage.items()}
            return tuple(sorted(found, key=lambda task: -busy.get(task, 0.0)))
        case SortKey.TIME:
            return tuple(sorted(found, key=lambda task: -ran_s(view.state.tasks[task].attempt, view.now)))


def rows(view: View, arrangement: Arrangement, opened: Set[str]) -> tuple[TaskId, ...]:
    """Return the rows of the list: groups are folded, unless the list is filtered."""
    listed = arranged(view, arrangement)
    return listed if arrangement.words else folded(view.state, listed, view.derived.signs, opened)


def _matches(view: View, task: TaskId, word: str) -> bool:
    if word.startswith(STATE):
        where = task_label(view.state, task, view.now)
        # its words too: people filter for what they read, `state:testing`
        known = (where.status.replace("-", " "), where.word, view.derived.signs[task].name)
        return any(one.casefold().startswith(word.removeprefix(STATE)) for one in known)
    return word in task.casefold() or word in view.state.specs[task].title.casefold()


class TaskList(TaskRows):
    """One row for each listed task, with a star if it is marked."""

    BINDINGS: ClassVar[list[BindingType]] = [*TASK_LIST]
    view: View | None = None
    marked: Set[TaskId] = frozenset()
    arrangement: Arrangement = Arrangement()
    opened: Set[str] = frozenset()
    """The groups whose tasks are listed."""
    _varying: object = None

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
        name, state = self._columns()
        key = self.arrangement.key
        by = f"by {key}" if key is not SortKey.PLAN else ""
        filtered = f"/{self.arrangement.words}" if self.arrangement.words else ""
        return (
            Span("   "),
            Span(left(filtered or "task", name, self.charset), Role.ASK if filtered else Role.MUTED),
            Span(" " + left(by or "state", state, self.charset), Role.MUTED),
            Span(
                "".join(right(title, room) for title, room in self._agent_columns())
                + f"{right('cpu', CPU_CELLS)}{right('mem', MEMORY_CELLS)}",
                Role.MUTED,
            ),
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
        """Return a task's row: cursor, glyph, name, state, cpu, memory."""
        assert self.view is not None  # rows are drawn from a view only
        if (group := group_in(task)) is not None:
            return self._group_line(self.view, task, group)
        where = task_label(self.view.state, task, self.view.now)
        seen = look(where.status, self.charset)
        name, state = self._columns()
        word = f"{where.word}{on_place(self.view.state, task)}"
        word = word if cell_len(word) < state else where.word
        is_quiet = where.status == TaskStatus.PENDING or seen.sign is Sign.ENDED
        usage = self.view.usage.get(task)
        return (
            self.mark(task),
            glyph(seen),
            Span("!", Role.ASK, is_bold=True) if is_noticed(self.view.state, task) else Span(" "),
            Span(
                left(self._indent(task) + task, name, self.charset) + " ",
                Role.MUTED if is_quiet else Role.TEXT,
            ),
            Span(left(word, state, self.charset), seen.sign.role),
            *self._agent_cells(task),
            Span(right(percent(usage.cpu_percent) if usage else "", CPU_CELLS)),
            Span(right(size(usage.rss_bytes) if usage else "", MEMORY_CELLS)),
        )

    def _group_line(self, view: View, row: TaskId, group: str) -> Line:
        """Return a group's row: how many of it passed, failed and run, and what these use."""
        counts, (name, state) = view.derived.group_counts[group], self._columns()
        used = [view.usage[task] for task in groups(view.state)[group] if task in view.usage]
        sign = sign_of(counts)
        label = fold_sign(is_open=group in self.opened) + group
        return (
            self.mark(row),
            Span(sign.glyph(self.charset), sign.role),
            Span(" "),
            Span(left(label, name, self.charset) + " ", Role.STRONG),
            *state_cells(counts, state, self.charset),
            *(Span(right("", room)) for _, room in self._agent_columns()),
            Span(right(percent(sum(one.cpu_percent for one in used)) if used else "", CPU_CELLS)),
            Span(right(size(sum(one.rss_bytes for one in used)) if used else "", MEMORY_CELLS)),
        )

    def _indent(self, task: TaskId) -> str:
        """Return the blanks before the name of a task: more below the row of its group."""
        assert self.view is not None
        is_below = not self.arrangement.words and group_of(self.view.state, task) is not None
        return "  " if is_below else ""

    def _columns(self) -> tuple[int, int]:
        """Return the cells of name and state: the longest name, if the state keeps enough."""
        name, state = self._least_columns()
        return name, state - sum(room for _, room in self._agent_columns())

    def _least_columns(self) -> tuple[int, int]:
        """Return the cells of name and state if nothing that agents used is shown."""
        room = self.size.width - 3 - 1 - CPU_CELLS - MEMORY_CELLS - 1
        fold = 2 if self.view is not None and groups(self.view.state) else 0
        name = max(LEAST_NAME_CELLS, min(self.longest_cells + fold + 1, room - LEAST_STATE_CELLS))
        return name, max(0, room - name)

    def _agent_columns(self) -> list[tuple[str, int]]:
        """Return the titles and cells of what agents used, as far as they say so and there is room."""
        used = self.view.derived.agents if self.view is not None else None
        if used is None:
            return []
        spare = self._least_columns()[1] - ROOMY_STATE_CELLS
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


class TaskDetail(Rows):
    """A line with title and cost, then the reason and what to do."""

    DEFAULT_CSS = "TaskDetail { height: auto; }"
    view: View | None = None
    chosen: TaskId | None = None
    _samples: Sequence[Sample] = ()
    _is_open: bool = False

    def draw(
        self, view: View, task: TaskId | None, samples: Sequence[Sample] = (), *, is_open: bool = False
    ) -> None:
        """Show one task, or a group; `samples` are the last of what it uses, oldest first."""
        self._samples, self._is_open = samples, is_open
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
        if (group := group_in(self.chosen)) is not None:
            tasks = groups(self.view.state)[group]
            return group_lines(self.view, group, tasks, width, self.charset, is_open=self._is_open)
        where = task_label(self.view.state, self.chosen, self.view.now)
        seen = look(where.status, self.charset)
        need = self.view.derived.need_of(self.chosen)
        text = need.why if need and need.why else why(self.view.state, self.chosen, self.view.predictions)
        reason = "; ".join((text, *map(described, of_task(self.view.state, self.chosen))))
        role = seen.sign.role if need else Role.MUTED
        lines = [self._title(self.view, self.chosen, seen, room)]
        lines += [(Span(f" {text}", role),) for text in wrapped(reason, room)]
        if need is not None:
            named = re.findall(r"\bporch (\S+)", need.next)
            same = next((_KEYS[name] for name in (*named[:1], *named[-1:]) if name in _KEYS), None)
            key = f"   (key {self.view.options.key(*same)})" if same else ""
            pointer = f" {arrow(self.charset)} "
            texts = wrapped(need.next + key, room - cell_len(pointer))
            lines += [(Span(f"{pointer}{text}"),) for text in texts]
        return lines[:MOST_LINES]

    def _title(self, view: View, task: TaskId, seen: Look, room: int) -> Line:
        name = shortened(task, max(0, room - 2), self.charset)
        free = room - 2 - cell_len(name) - cell_len(view.state.specs[task].title) - 4
        using = usage_spans(self._samples, free, self.charset)
        spent = "" if using else shortened(cost(view.state.tasks[task].attempt), room, self.charset)
        left = room - 2 - cell_len(name) - cell_len(spent) - sum(cell_len(span.text) for span in using)
        title = shortened(view.state.specs[task].title, left - 4, self.charset)
        title = "" if title == name else title
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
