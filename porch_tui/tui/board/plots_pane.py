"""What the run used over its time, where rows are left: slots, processor, landings, memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from math import ceil

from porch_tui.core.model.copying import replace
from porch_tui.present.amounts import elapsed
from porch_tui.present.plots import Plot, plots
from porch_tui.present.signs import Charset, Role
from porch_tui.present.summary import summarise
from porch_tui.session.session import Session
from porch_tui.tui.drawing.cells import left, right
from porch_tui.tui.drawing.headings import heading
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.styles import Line, Span
from porch_tui.tui.model.view import EngineStatus, View
from porch_tui.tui.model.watch import Pace

EVERY_S, SLOW_EVERY_S = 5.0, 30.0
"""How often they are drawn, and over a slow connection."""
PAUSE = 50.0
"""Or after so many times as long as that took: a large run has many files."""
MANY_RECORDS, MANY_ATTEMPTS = 2_000, 60
"""From there on it is worked out in a thread."""
LEAST_ROWS, ROOMY_ROWS = 3, 5
"""Of one plot, with its title; from the second on they are not put beside each other."""
MOST_ROWS = 5
"""A higher plot says no more, and is all that one sees."""
COLUMN_CELLS = 36
"""As many plots stand beside each other as have so many cells."""
_LAST = "memory"
"""What is left out first."""
_LEVELS = {Charset.UNICODE: " ▁▂▃▄▅▆▇█", Charset.ASCII: "  ..::###"}


class PlotsPane(Rows):
    """As many plots as there is room for."""

    DEFAULT_CSS = "PlotsPane { height: 1fr; }"

    def __init__(self, charset: Charset, session: Session, *, is_low_bandwidth: bool) -> None:
        super().__init__(charset)
        self._session = session
        self._every_s = SLOW_EVERY_S if is_low_bandwidth else EVERY_S
        self._pace = Pace(self._every_s)
        self._view: View | None = None
        self._plots: tuple[Plot, ...] = ()
        self._drawn_of: tuple[object, float] | None = None
        """The state and the time that they are of."""
        self._is_busy = False

    def look(self, view: View) -> None:
        """Work them out again if that is due, something has happened, and they are on the screen."""
        self._view = view
        is_new = self._drawn_of is None or (view.state, view.now) != self._drawn_of
        # the last change of a run that comes to rest is followed by no other
        stands_still = view.derived.is_at_rest or view.engine is not EngineStatus.ALIVE
        if self.size.area and is_new and not self._is_busy and (self._pace.is_due(view.now) or stands_still):
            self._work_out(view)

    def on_resize(self) -> None:
        """Work them out as soon as there is room for them."""
        if self._view is not None:
            self.call_after_refresh(self.look, self._view)

    def _work_out(self, view: View) -> None:
        self._drawn_of = view.state, view.now
        records, state = list(self._session.records), view.state
        ids = [one.id for task in state.tasks.values() for one in task.attempts]

        def found() -> tuple[Plot, ...]:
            began = time.monotonic()
            summary = replace(
                summarise(state, records), wall_s=max(view.now, state.changed_at) - state.opened_at
            )
            histories = {one: history for one in ids if (history := self._session.history(one))}
            drawn = plots(summary, histories)
            self._pace.every_s = max(self._every_s, PAUSE * (time.monotonic() - began))
            return drawn

        if len(records) < MANY_RECORDS and len(ids) < MANY_ATTEMPTS:
            self._show(found())
        else:
            self._is_busy = True
            self.run_worker(lambda: self._work_aside(found), thread=True, group="plots")

    def _work_aside(self, found: Callable[[], tuple[Plot, ...]]) -> None:
        try:
            drawn = found()
        finally:
            self._is_busy = False
        self.app.call_from_thread(self._show, drawn)
        if self._view is not None:
            self.app.call_from_thread(self.look, self._view)  # what has happened meanwhile

    def _show(self, drawn: Sequence[Plot]) -> None:
        self._plots = tuple(sorted(drawn, key=lambda one: one.title == _LAST))
        self.redraw()

    def compose_lines(self) -> list[Line]:
        """Return the heading, and the plots beside and below each other."""
        width, rows = self.size.width, self.size.height - 1
        until = elapsed(self._plots[0].until_s) if self._plots else ""
        end = [Span(until, Role.MUTED)] if until else []
        title = heading([Span("over time", Role.MUTED)], end, width, self.charset, is_focused=False)
        if not self._plots or rows < LEAST_ROWS:
            return [title]
        count = len(self._plots)
        beside = 1 if rows // count >= ROOMY_ROWS else min(count, max(1, width // COLUMN_CELLS))
        below = min(ceil(count / beside), rows // LEAST_ROWS)
        lines: list[Line] = [title]
        for number in range(below):
            shown = self._plots[number * beside : (number + 1) * beside]
            room_rows = rows * (number + 1) // below - rows * number // below
            height = min(room_rows, MOST_ROWS)
            cells = [width * (n + 1) // beside - width * n // beside - 1 for n in range(beside)]
            places = zip(shown, cells, strict=False)
            columns = [plot_lines(one, room, height, self.charset) for one, room in places]
            for parts in zip(*columns, strict=True):
                lines.append(tuple(span for part in parts for span in (Span(" "), *part)))
            if room_rows > height:
                lines.append(())
        return lines


def plot_lines(plot: Plot, cells: int, rows: int, charset: Charset) -> list[Line]:
    """Return a plot in exactly so many rows and cells: its title with the last amount, and a drawing."""
    last = plot.written[-1]
    amount = last
    if last != plot.top_written:
        amount = f"{last}, peak {plot.top_written}" if plot.is_to_largest else f"{last} of {plot.top_written}"
    title = (
        Span(left(plot.title, cells - len(amount), charset), Role.MUTED),
        Span(right(amount, min(cells, len(amount)), charset), Role.MUTED),
    )
    levels, height = _LEVELS[charset], rows - 1
    filled = [8 * height * plot.amounts[at * len(plot.amounts) // cells] / plot.top for at in range(cells)]
    drawn = [
        "".join(levels[max(0, min(8, ceil(amount - 8 * (height - 1 - row))))] for amount in filled)
        for row in range(height)
    ]
    # so large an area in a color of a state would be all that is seen
    return [title, *((Span(row, Role.RULE),) for row in drawn)]
