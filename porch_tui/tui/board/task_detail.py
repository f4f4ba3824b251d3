"""One task in detail: title and cost, then the reason and what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, auto

from rich.cells import cell_len

from porch_tui.core.merge_queue.ad_hoc_validation import described, of_task
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.telemetry import Sample
from porch_tui.present.clean import clean
from porch_tui.present.explain import Need
from porch_tui.present.signs import Charset, Role
from porch_tui.present.status_label import cost, task_label, why
from porch_tui.present.statuses import Look, look, status_of
from porch_tui.tui.board.group_row import group_lines, group_title
from porch_tui.tui.drawing.cells import arrow, shortened, wrapped
from porch_tui.tui.drawing.headings import heading
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.sparkline import MOST_BARS, usage_spans
from porch_tui.tui.drawing.styles import Line, Span, glyph, width_of
from porch_tui.tui.keys.bindings import label_of
from porch_tui.tui.model.groups import group_in, groups
from porch_tui.tui.model.run_summary import next_need
from porch_tui.tui.model.view import View

MOST_LINES = 6
LOW_ROWS, FEW_LINES = 20, 4
"""In a window with fewer rows there are at most so many lines if one is for whoever else needs the person."""
BETWEEN = {Charset.UNICODE: " · ", Charset.ASCII: ", "}
_BETWEEN_PARTS = "  "
DASH = {Charset.UNICODE: "—", Charset.ASCII: "--"}
HEADING_CELLS = 11
"""What the heading takes besides its texts: the line, a number, and blanks."""
HISTORY = MOST_BARS
"""Samples in a curve."""
_KEYS = {
    "diff": ("task.diff", "d"),
    "retry": ("task.retry", "r"),
    "requeue": ("task.requeue", "Q"),
    "resolve": ("task.resolve", "c"),
    "conflicts": ("task.resolve", "c"),
    "budget": ("task.budget", "$"),
    "enter": ("list.step_in", "enter"),
    "send": ("list.answer", "enter"),
}
"""The key that does the same as a command: its id and usual key."""


class Words(Enum):
    """How much is said of whoever needs the person: the state is in the row too, the label in the help."""

    ALL = auto()
    LABELS = auto()
    KEYS = auto()


class TaskDetail(Rows):
    """The upper line of a pane, with the task's title and cost; then the reason and what to do."""

    DEFAULT_CSS = "TaskDetail { height: auto; }"
    view: View | None = None
    chosen: TaskId | None = None
    _samples: Sequence[Sample] = ()
    _is_open: bool = False
    _is_focused: bool = False

    def show_focus(self, *, is_focused: bool) -> None:
        """Show whether keys go to what is below."""
        self._is_focused = is_focused
        self.redraw()

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
            return [self._heading((Span("log", Role.MUTED),), (), width)]
        view, room = self.view, width - 2
        if (group := group_in(self.chosen)) is not None:
            tasks = groups(view.state)[group]
            title = self._heading(group_title(view, group, self.charset), (), width)
            return [title, *group_lines(view, tasks, width, self.charset, is_open=self._is_open)]
        where = task_label(view.state, self.chosen, view.now)
        seen = look(where.status, self.charset)
        need = view.derived.need_of(self.chosen)
        text = need.why if need and need.why else why(view.state, self.chosen, view.predictions)
        reason = "; ".join((text, *map(described, of_task(view.state, self.chosen))))
        role = seen.sign.role if need else Role.MUTED
        lines = [self._task_heading(view, self.chosen, seen, width)]
        lines += [(Span(f" {text}", role),) for text in wrapped(reason, room)]
        pointer = f" {arrow(self.charset)} "
        if need is not None:
            key = f"   (key {key})" if (key := _key_for(view, need)) else ""
            texts = wrapped(need.next + key, room - cell_len(pointer))
            begins = (pointer, *[" " * cell_len(pointer)] * len(texts))
            lines += [(Span(f"{begin}{text}"),) for begin, text in zip(begins, texts, strict=False)]
        else:
            way = self._way_to_next(view, self.chosen, room - cell_len(pointer))
            lines += [(Span(f"{pointer}{way}"),)] if way else []
        if len(lines) < (FEW_LINES if self._is_low else MOST_LINES):
            others = self._other_needs(view, self.chosen, room - cell_len(pointer))
            lines += [(Span(f"{' ' * cell_len(pointer)}{others}", Role.ASK),)] if others else []
        return lines[:MOST_LINES]

    @property
    def _is_low(self) -> bool:
        return self.app.size.height < LOW_ROWS

    def _way_to_next(self, view: View, task: TaskId, room: int) -> str:
        """Return which keys lead to the next task that needs the person, and to what can be done about it.

        In a low window the others are named in the same line.
        """
        other = next_need(view, task)[0]
        need = view.derived.need_of(other) if other is not None else None
        if need is None:
            return ""
        # in a log `n` may lead to the next match
        first = f"press {view.options.key('board.need', 'ctrl+n' if self._is_focused else 'n')}"
        needs = [one for one in view.derived.needs if one.task not in {None, task}]
        if self._is_low and len(needs) > 1:
            needs.sort(key=lambda one: one is not need)
            return f"{first}: {self._short_needs(view, needs, room - cell_len(first) - 2)}"
        then = f", then {key}" if (key := _key_for(view, need)) else ""
        what = f"{need.task} {DASH[self.charset]} {need.why}"  # which may have a colon of its own
        return shortened(f"{first}{then} for {clean(what)}", room, self.charset)

    def _other_needs(self, view: View, task: TaskId, room: int) -> str:
        """Return who else needs the person, with the key for it: `api rejected — r retry`."""
        named = {task, None}
        if view.derived.need_of(task) is None:  # the way to the next one is named, or to all
            named |= set(view.state.tasks) if self._is_low else {next_need(view, task)[0]}
        return self._short_needs(view, [one for one in view.derived.needs if one.task not in named], room)

    def _short_needs(self, view: View, needs: Sequence[Need], room: int) -> str:
        """Return who needs the person and the keys for that, with as many words as there is room for."""
        text = ""
        for words in Words:
            text = BETWEEN[self.charset].join(_short_need(view, one, words, self.charset) for one in needs)
            if cell_len(text) <= room:
                break
        return shortened(text, room, self.charset)

    def _task_heading(self, view: View, task: TaskId, seen: Look, width: int) -> Line:
        title = clean(view.state.specs[task].own_title)
        spans = [glyph(seen), Span(f" {clean(task)}", Role.STRONG), *([Span(f"  {title}")] if title else [])]
        free = width - width_of(spans) - HEADING_CELLS
        using = usage_spans(self._samples, free, self.charset)
        spent = whole_parts(cost(view.state.tasks[task].attempt), free)
        return self._heading(spans, using or ([Span(spent, Role.MUTED)] if spent else []), width)

    def _heading(self, title: Sequence[Span], end: Sequence[Span], width: int) -> Line:
        key = self.view.options.key("board.place_2", "2") if self.view else "2"
        number = Span(f"{key} ", Role.RUN if self._is_focused else Role.MUTED)
        return heading((number, *title), end, width, self.charset, is_focused=self._is_focused)


def whole_parts(text: str, room: int) -> str:
    """Return as much of a text as fits without cutting a part of it: an amount that is cut is another one."""
    parts = text.split(_BETWEEN_PARTS)
    while parts and cell_len(_BETWEEN_PARTS.join(parts)) > room:
        parts.pop()
    return _BETWEEN_PARTS.join(parts)


def _key_for(view: View, need: Need) -> str:
    """Return the key that does what a need advises; empty if none does."""
    same = _same_as(need)
    return view.options.key(*same) if same else ""


def _same_as(need: Need) -> tuple[str, str] | None:
    """Return the id and usual key of what does the same as the command that a need advises."""
    named = re.findall(r"\bporch (\S+)", need.next)
    return next((_KEYS[name] for name in (*named[:1], *named[-1:]) if name in _KEYS), None)


def _short_need(view: View, need: Need, words: Words, charset: Charset) -> str:
    """Return which task needs the person, its state in a word, and the key that sees to it."""
    assert need.task is not None  # the run's own needs are in the header
    said = clean(need.task)
    if words is Words.ALL:
        said += f" {look(status_of(view.state, need.task)).word}"
    if (same := _same_as(need)) is None:
        return said
    label = "" if words is Words.KEYS else f" {label_of(same[0])}"
    return f"{said} {DASH[charset]} {view.options.key(*same)}{label}"
