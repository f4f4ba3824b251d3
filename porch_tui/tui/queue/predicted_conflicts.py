"""Predicted conflicts as a matrix, with a cursor on one pair whose paths are listed below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct
from rich.cells import cell_len
from textual.binding import BindingType

from porch_tui.core.merge_queue.prediction import Prediction, target_ref
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.present.signs import Charset, Role
from porch_tui.tui.drawing.cells import left, rule, shortened, wrapped
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.styles import Line, Span
from porch_tui.tui.keys.bindings import PREDICTIONS
from porch_tui.tui.model.view import View
from porch_tui.tui.widgets.live_screen import LiveScreen

CELL = 4
MOST_NAME_CELLS = 20


class Matrix(Struct, frozen=True):
    """Predicted conflicts by the names of both sides."""

    names: tuple[str, ...]
    """Tasks in plan order, then the target if it is in a conflict."""
    pairs: dict[frozenset[str], Prediction]

    def between(self, a: str, b: str) -> Prediction | None:
        """Return the predicted conflict of two; None if they merge as far as is known."""
        return self.pairs.get(frozenset((a, b)))


def matrix(state: RunState, predictions: Sequence[Prediction]) -> Matrix:
    """Return the matrix of all that have a predicted conflict."""
    target = target_ref(state)
    involved = {name for one in predictions for name in (one.a, one.b)}
    names = [task for task in state.tasks if task in involved]
    if target in involved:
        names.append(target)  # type: ignore[arg-type]
    pairs: dict[frozenset[str], Prediction] = {}
    for one in predictions:
        key = frozenset((one.a, one.b))
        known = pairs.get(key)
        # committed work says more than open changes
        if known is None or known.is_uncommitted:
            pairs[key] = one
    return Matrix(tuple(map(str, names)), pairs)


def shown_name(state: RunState, name: str) -> str:
    """Return the name of a side as it is shown: the target's own."""
    return state.target.name if name == target_ref(state) else name


def cell(prediction: Prediction | None) -> str:
    """Return the text of a cell: how many paths, `!` if git names none, nothing without a conflict."""
    if prediction is None:
        return ""
    return str(len(prediction.paths)) if prediction.paths else "!"


class PredictedConflicts(Rows, can_focus=True):
    """One row and one column for each task; the brackets are the cursor."""

    DEFAULT_CSS = "PredictedConflicts { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [*PREDICTIONS]

    def __init__(self, charset: Charset) -> None:
        super().__init__(charset)
        self.view: View | None = None
        self._matrix = Matrix((), {})
        self._own = ""
        self._other = ""

    def draw(self, view: View, chosen: TaskId | None) -> None:
        """Show the predictions, the cursor on the chosen task."""
        self.view, self._matrix = view, matrix(view.state, view.predictions)
        names = self._matrix.names
        if chosen is not None and chosen in names:
            self._own = chosen
        elif self._own not in names:
            self._own = names[0] if names else ""
        if self._matrix.between(self._own, self._other) is None and not self.has_focus:
            partners = [name for name in names if self._matrix.between(self._own, name)]
            self._other = partners[0] if partners else ""
        self.redraw()

    def action_go(self, rows: int, columns: int) -> None:
        """Move the cursor, no further than the edges."""
        names = self._matrix.names
        if not names or self.view is None:
            return
        self._own = names[_near(names, self._own, rows)]
        self._other = names[_near(names, self._other, columns)]
        if self._own in self.view.state.tasks:
            self.post_message(LiveScreen.ChooseTask(TaskId(self._own)))
        self.redraw()

    def compose_lines(self) -> list[Line]:
        """Return the matrix, as much of it as fits around the cursor, and the paths of the pair."""
        if self.view is None:
            return []
        title = " predicted conflicts "
        dashes = rule(self.size.width - cell_len(title) - 1, self.charset)
        heading = (Span(rule(1, self.charset), Role.RULE), Span(title, Role.MUTED), Span(dashes, Role.RULE))
        if not self._matrix.names:
            return [heading, (Span(" none so far", Role.MUTED),)]
        paths = self._paths(self.view)
        rows = self._rows(self.view)
        room = max(1, self.size.height - 3 - min(len(paths), max(2, self.size.height // 3)))
        at = _near(self._matrix.names, self._own, 0)
        first = max(0, min(at - room // 2, len(rows) - 1 - room))
        return [heading, rows[0], *rows[1:][first : first + room], (), *paths]

    def _rows(self, view: View) -> list[Line]:
        names = self._matrix.names
        shown = [shown_name(view.state, name) for name in names]
        digits = len(str(len(names)))
        name = min(MOST_NAME_CELLS, max(map(cell_len, shown)))
        fitting = max(1, (self.size.width - name - digits - 4) // CELL)
        first = max(0, min(_near(names, self._other, 0) - fitting // 2, len(names) - fitting))
        columns = range(first, min(len(names), first + fitting))
        blank = Span(" " * (name + digits + 3))
        lines: list[Line] = [(blank, *(Span(_middle(str(at + 1)), Role.MUTED) for at in columns))]
        for at, own in enumerate(names):
            is_here = own == self._own
            label = f" {at + 1:>{digits}} {left(shown[at], name, self.charset)} "
            spans = [Span(label, Role.STRONG if is_here else Role.TEXT)]
            spans += [self._cell(own, names[column], is_here) for column in columns]
            lines.append(tuple(spans))
        return lines

    def _cell(self, own: str, other: str, is_here: bool) -> Span:
        found = cell(self._matrix.between(own, other))
        nothing = "\\" if own == other else "·" if self.charset is Charset.UNICODE else "."
        is_cursor = is_here and other == self._other
        text = left(f"[{found or nothing}]", CELL) if is_cursor else _middle(found or nothing)
        return Span(text, Role.ASK if found else Role.MUTED, is_bold=is_cursor or bool(found))

    def _paths(self, view: View) -> list[Line]:
        found = self._matrix.between(self._own, self._other)
        names = [shown_name(view.state, name) for name in (self._own, self._other)]
        room = self.size.width - 2
        if found is None:
            text = f"{names[0]} and {names[1]} merge" if self._other else ""
            return [(Span(" " + shortened(text, room, self.charset), Role.MUTED),)]
        kind = ", with uncommitted changes" if found.is_uncommitted else ""
        sentence = wrapped(f"{names[0]} and {names[1]} will conflict{kind}", room)
        where = found.paths or ("git names no path",)
        lines: list[Line] = [(Span(f" {text}"),) for text in sentence]
        return [*lines, *((Span("  " + shortened(one, room, self.charset), Role.ASK),) for one in where)]


def _near(names: tuple[str, ...], name: str, step: int) -> int:
    at = names.index(name) + step if name in names else 0
    return min(max(0, at), max(0, len(names) - 1))


def _middle(text: str) -> str:
    return left(f" {text}", CELL)
