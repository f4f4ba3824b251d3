"""Hypotheses, and below each its theories: status, number, a bar beside the base, what they change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from msgspec import Struct
from textual.binding import BindingType
from textual.geometry import Size

from porch_tui.core.judging.scores import Score, number
from porch_tui.core.model.hypothesis import theories
from porch_tui.core.model.plan import Hypothesis, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.wording import counted
from porch_tui.core.scheduling.progress import hypotheses, scores_of
from porch_tui.present.hypothesis_text import (
    BASE,
    against_base,
    finding_text,
    left_text,
    score_text,
    waits_for_person,
)
from porch_tui.present.signs import Charset, Role
from porch_tui.present.status_label import task_label
from porch_tui.present.statuses import look
from porch_tui.tui.drawing.cells import arrow, left, shortened
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.styles import Line, Span
from porch_tui.tui.keys.bindings import RIVALS
from porch_tui.tui.model.view import View
from porch_tui.tui.widgets.live_screen import LiveScreen

BAR = {Charset.UNICODE: "█", Charset.ASCII: "#"}
MOST_NAME_CELLS, MOST_BAR_CELLS = 24, 30
STATUS_CELLS, NUMBER_CELLS, SHARE_CELLS, CHANGES_CELLS = 22, 10, 6, 18
NARROW = 100
"""Cells below which bars are short and what theories change is left out."""


class _Row(Struct, frozen=True):
    """One line, and the theory it is about, if it is about one."""

    line: Line
    task: TaskId | None = None


class _Scale(Struct, frozen=True):
    """What numbers are compared with."""

    base: Score
    longest: float
    """What the longest bar stands for."""


class RivalsPane(Rows, can_focus=True):
    """A line for each theory, below its hypothesis and the base."""

    DEFAULT_CSS = "RivalsPane { height: auto; max-height: 70%; }"
    BINDINGS: ClassVar[list[BindingType]] = [*RIVALS]

    def __init__(self, charset: Charset) -> None:
        super().__init__(charset)
        self._view: View | None = None
        self._chosen_task: TaskId | None = None
        self._rows: tuple[_Row, ...] = ()
        self._top = 0
        self._count = 0
        """How many rows there are in all."""

    def draw(self, view: View, chosen: TaskId | None) -> None:
        """Show a moment of the run, the cursor on this theory."""
        self._view, self._chosen_task = view, chosen
        if self._count != (count := len([*self._all_rows()])):
            self._count = count
            self.refresh(layout=True)
        self.redraw()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how many rows all hypotheses take."""
        return max(1, self._count)

    def action_go(self, rows: int) -> None:
        """Go to another theory, no further than the ends."""
        tasks = all_theories(self._view.state) if self._view else ()
        if not tasks:
            return
        at = tasks.index(self._chosen_task) if self._chosen_task in tasks else 0
        self.post_message(LiveScreen.ChooseTask(tasks[min(max(0, at + rows), len(tasks) - 1)]))

    def compose_lines(self) -> list[Line]:
        """Return the lines in view, so that the cursor is among them."""
        rows = [*self._all_rows()]
        here = next((at for at, row in enumerate(rows) if row.task == self._chosen_task and row.task), 0)
        height = max(1, self.size.height)
        self._top = min(max(self._top, here - height + 1), here, max(0, len(rows) - height))
        self._rows = tuple(rows[self._top : self._top + height])
        below = len(rows) - self._top - height
        if below > 0 and self._rows[-1].task != self._chosen_task:
            more = f"   {counted(below + 1, 'more line')} (j)"
            self._rows = (*self._rows[:-1], _Row((Span(more, Role.MUTED),)))
        return [row.line for row in self._rows]

    def chosen_line(self) -> int | None:
        """Return the line of the theory under the cursor."""
        lines = (at for at, row in enumerate(self._rows) if row.task and row.task == self._chosen_task)
        return next(lines, None)

    def _all_rows(self) -> Iterator[_Row]:
        view = self._view
        if view is None or not view.state.hypotheses:
            yield _Row((Span(" this run has no hypotheses; porch help hypotheses", Role.MUTED),))
            return
        for number_of_it, one in enumerate(hypotheses(view.state).values()):
            if number_of_it:
                yield _Row(())
            yield from self._of_hypothesis(view, one)

    def _of_hypothesis(self, view: View, one: Hypothesis) -> Iterator[_Row]:
        state, room = view.state, self.size.width - 2
        question = " ".join(one.question.split())
        heading = shortened(f"{one.name} ({one.want}): {question}", room, self.charset)
        yield _Row((Span(f" {heading}", Role.STRONG, is_bold=True),))
        yield _Row((Span(f" {shortened(finding_text(state, one.name), room, self.charset)}", Role.MUTED),))
        if waits_for_person(state, one.name) and state.closed_at is None:
            key = view.options.key("rivals.choose", "*")
            todo = f"{key}: the one under the cursor wins; or none: porch choose {one.name} --none"
            line = shortened(f"{arrow(self.charset)} {todo}", room, self.charset)
            yield _Row((Span(f" {line}", Role.ASK),))
        scores, known = scores_of(state, one.name), state.hypotheses[one.name]
        longest = max((abs(score.median or 0.0) for score in scores.values()), default=0.0)
        scale = _Scale(scores[None], longest)
        yield _Row((*self._title_of(BASE), Span(left("", STATUS_CELLS)), *self._number(scores[None], scale)))
        for task in theories(state)[one.name]:
            label = task_label(state, task, view.now)
            found = look(label.status, self.charset)
            word = left(shortened(found.word, STATUS_CELLS - 3, self.charset), STATUS_CELLS - 2)
            role = Role.GOOD if known.winner == task else Role.RUN
            spans = self._number(scores.get(task, Score(task)), scale, role)
            more = () if self._is_narrow else (Span(f"  {left_text(known, task)}", Role.MUTED),)
            status = Span(f"{found.glyph} ", found.sign.role), Span(word)
            yield _Row((*self._title_of(task), *status, *spans, *more), task)

    @property
    def _is_narrow(self) -> bool:
        return self.size.width < NARROW

    @property
    def _name_cells(self) -> int:
        names = all_theories(self._view.state) if self._view else ()
        return min(max(map(len, (*names, BASE))), MOST_NAME_CELLS)

    def _title_of(self, name: str) -> Line:
        is_here, room = name == self._chosen_task, self._name_cells
        title = left(shortened(name, room, self.charset), room)
        pointer = Span(">" if is_here else " ", Role.RUN, is_bold=True)
        return pointer, Span(f" {title} ", Role.STRONG if is_here else Role.TEXT)

    def _number(self, score: Score, scale: _Scale, role: Role = Role.MUTED) -> Line:
        """Return a number with its bar, as a share of the base's; or why there is none."""
        fixed = self._name_cells + STATUS_CELLS + NUMBER_CELLS + SHARE_CELLS + 6
        if score.median is None or score.why:
            text = score_text(score)
            room = max(4, self.size.width - self._name_cells - STATUS_CELLS - 5)
            return (Span(shortened(text, room, self.charset), Role.MUTED),)
        taken = fixed if self._is_narrow else fixed + CHANGES_CELLS
        cells = min(MOST_BAR_CELLS, max(4, self.size.width - taken))
        filled = round(cells * abs(score.median) / scale.longest) if scale.longest else 0
        share = None if score.theory is None else against_base(score, scale.base)
        percent = "" if share is None else f"{share:.0%}"
        bar = left(BAR[self.charset] * max(1, filled), cells)
        value = Span(f"{number(score.median):>{NUMBER_CELLS}} ", Role.STRONG)
        return value, Span(bar, role), Span(f"{percent:>{SHARE_CELLS}}")


def all_theories(state: RunState) -> tuple[TaskId, ...]:
    """Return the theories of all hypotheses, in the order of the lines."""
    return tuple(task for name in hypotheses(state) for task in theories(state)[name])
