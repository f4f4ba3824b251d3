"""The run as bars over time, live: attempts, queueing, validations, landings, and the critical path."""

from __future__ import annotations

from itertools import groupby
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import BindingType

from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import TaskId
from porch_tui.present.amounts import axis_time, duration, elapsed
from porch_tui.present.gantt import Bar, Chart, Lane, Mark, Part, chart
from porch_tui.present.signs import Charset, Role, Sign
from porch_tui.present.summary import Summary, summarise
from porch_tui.present.time_axis import Axis, Fold, extent_s, folds_of, shown_at
from porch_tui.tui.drawing.cells import left, shortened, wrapped
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.styles import Line, Span
from porch_tui.tui.keys.bindings import TIMELINE
from porch_tui.tui.model.view import View
from porch_tui.tui.widgets.live_screen import LiveScreen, ScreenContext

MOST_NAME_CELLS = 22
MOST_ZOOM = 4096.0
HEADING_ROWS = 2
FOOT_ROWS = 3
WORK = {Charset.UNICODE: "█", Charset.ASCII: "#"}
OTHER_WORK = {Charset.UNICODE: "━", Charset.ASCII: "="}
QUEUE = {Charset.UNICODE: "─", Charset.ASCII: "-"}
VALIDATION = {Charset.UNICODE: "▒", Charset.ASCII: "v"}
WAIT = {Charset.UNICODE: "┄", Charset.ASCII: "?"}
BARS = {
    Part.WORK: (OTHER_WORK, Role.RUN),
    Part.QUEUE: (QUEUE, Role.MUTED),
    Part.VALIDATION: (VALIDATION, Role.HELD),
    Part.REVIEW: (WAIT, Role.ASK),
    Part.WAIT: (WAIT, Role.ASK),
}
CURSOR = {Charset.UNICODE: "◆", Charset.ASCII: "%"}
FOLD = {Charset.UNICODE: "┊", Charset.ASCII: ":"}
SIGNS = {
    Mark.LANDED: Sign.GOOD,
    Mark.CONFLICT: Sign.ASKS,
    Mark.BLOCKED: Sign.ASKS,
    Mark.HELD: Sign.HELD,
    Mark.REJECTED: Sign.FAILED,
    Mark.FAILED: Sign.FAILED,
    Mark.STOPPED: Sign.ENDED,
    Mark.TAKEN_OUT: Sign.ENDED,
    Mark.NOTHING_TO_LAND: Sign.ENDED,
    Mark.UNDER_WAY: Sign.RUNS,
    Mark.DROPPED: Sign.WAITS,
    Mark.APPROVED: Sign.GOOD,
    Mark.SENT_BACK: Sign.ASKS,
}
BETWEEN = "  "
"""Two entries of the legend."""
Cell = tuple[str, Role]
"""Text and color of one cell."""


class TimelinePane(Rows, can_focus=True):
    """One row for each lane: names on the left, times above, the bar under the cursor described below."""

    DEFAULT_CSS = "TimelinePane { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [*TIMELINE]

    def __init__(self, charset: Charset) -> None:
        super().__init__(charset)
        self._chart = Chart((), 0.0, (), 0.0)
        self._lane = 0
        self._bar = 0
        self._zoom = 1.0
        self._start_s = 0.0
        self._top = 0

    def draw(self, drawn: Chart, chosen: TaskId | None) -> None:
        """Show this chart, the cursor on the row of the chosen task if it has one."""
        self._chart = drawn
        if chosen is not None and (self._here is None or self._here.task not in (chosen, None)):
            tasks = [lane.task for lane in drawn.lanes]
            if chosen in tasks:
                self._lane, self._bar = tasks.index(chosen), 10**6
        self._lane = min(self._lane, max(0, len(drawn.lanes) - 1))
        self.redraw()

    # --- moving

    def action_go_lanes(self, rows: int) -> None:
        """Go to another row, no further than the ends."""
        self._lane = min(max(0, self._lane + rows), max(0, len(self._chart.lanes) - 1))
        if self._here is not None and self._here.task is not None:
            self.post_message(LiveScreen.ChooseTask(self._here.task))
        self._show_cursor()

    def action_go_bars(self, bars: int) -> None:
        """Go to another bar of the row, no further than the ends."""
        self._bar = self._bar_at() + bars
        self._bar = self._bar_at()
        self._show_cursor()

    def action_stretch(self, factor: float) -> None:
        """Show less or more time around the cursor."""
        axis, bar = self._axis(), self._under_cursor()
        middle_s = axis.start_s + axis.length_s / 2
        if bar is not None:
            start_s = axis.shown_at(bar.start_s)
            end_s = min(axis.shown_at(bar.end_s), axis.start_s + axis.length_s)
            middle_s = (max(start_s, axis.start_s) + max(end_s, start_s)) / 2
        self._zoom = min(max(1.0, self._zoom * factor), MOST_ZOOM)
        self._start_at(middle_s - self._axis().length_s / 2)

    def action_fit(self) -> None:
        """Show all of the run."""
        self._zoom = 1.0
        self._start_at(0.0)

    def action_scroll_time(self, steps: int) -> None:
        """Scroll half a window later, or earlier if negative."""
        self._start_at(self._start_s + steps * self._axis().length_s / 2)

    def _show_cursor(self) -> None:
        """Scroll the bar under the cursor into view."""
        bar, axis = self._under_cursor(), self._axis()
        is_shown = bar is None or axis.shows(bar.start_s, bar.end_s)
        if bar is not None and not is_shown:
            self._start_s = axis.shown_at(bar.start_s) - axis.length_s / 4
        self._start_at(self._start_s)

    def _start_at(self, start_s: float) -> None:
        last_s = max(0.0, self._extent_s() - self._axis().length_s)
        self._start_s = min(max(0.0, start_s), last_s)
        self.redraw()

    # --- drawing

    def compose_lines(self) -> list[Line]:
        """Return the axis, the rows in view, and a description of the bar under the cursor."""
        if not self._chart.lanes:
            return [(Span(" nothing has started", Role.MUTED),)]
        axis, name = self._axis(), self._name_cells()
        rows = max(1, self.size.height - HEADING_ROWS - FOOT_ROWS)
        self._top = min(max(self._top, self._lane - rows + 1), self._lane)
        shown = self._chart.lanes[self._top : self._top + rows]
        lines = self._ruler(axis, name)
        here = self._lane - self._top
        lines += [self._lane_line(lane, at == here, axis, name) for at, lane in enumerate(shown)]
        legend = self._legend(axis, 1 + rows - len(shown))
        lines += [()] * (HEADING_ROWS + rows + 1 - len(legend) - len(lines))
        return [*lines, *self._about(), *legend]

    def _lane_line(self, lane: Lane, is_here: bool, axis: Axis, name_cells: int) -> Line:
        cursor = self._under_cursor() if is_here else None
        bars = {**BARS, Part.WORK: (WORK, Role.RUN)} if lane.is_critical else BARS
        cells: list[Cell] = [(" ", Role.TEXT)] * axis.room
        for bar in lane.bars:
            if axis.shows(bar.start_s, bar.end_s):
                glyphs, role = (CURSOR, Role.STRONG) if bar is cursor else bars[bar.part]
                first, last = axis.cell(bar.start_s), axis.cell(bar.end_s)
                cells[first : last + 1] = [(glyphs[self.charset], role)] * (last + 1 - first)
        for at, _ in axis.creases():
            cells[at] = (FOLD[self.charset], Role.MUTED)
        for flag in lane.flags:
            if axis.shows(flag.at_s, flag.at_s):
                cells[axis.cell(flag.at_s)] = (SIGNS[flag.mark].glyph(self.charset), SIGNS[flag.mark].role)
        first_validations = next((one for one in self._chart.lanes if one.task is None), None)
        label = lane.task or ("validations" if lane is first_validations else "")
        mark = "* " if lane.is_critical else "  "
        tone = Role.STRONG if is_here or lane.is_critical else Role.TEXT
        pointer = Span(">" if is_here else " ", Role.RUN, is_bold=True)
        spans = [
            Span("".join(text for text, _ in group), role)
            for role, group in groupby(cells, key=lambda cell: cell[1])
        ]
        return (pointer, Span(left(mark + label, name_cells + 3, self.charset), tone), *spans)

    def _ruler(self, axis: Axis, name_cells: int) -> list[Line]:
        times, ticks = "", ""
        for at_s in axis.marks():
            cell, text = axis.cell(at_s), axis_time(at_s)
            if cell >= cell_len(times) and cell + cell_len(text) <= axis.room:
                times, ticks = left(times, cell) + text, left(ticks, cell) + "|"
        ticks = left(ticks, axis.room)
        for cell, gap in axis.creases():
            text = f" {elapsed(gap.length_s)} "
            start = min(max(0, cell - len(text) // 2), axis.room - len(text))
            ticks = ticks[:start] + text + ticks[start + len(text) :]
        blank = Span(" " * (name_cells + 4))
        return [(blank, Span(times, Role.MUTED)), (blank, Span(ticks, Role.RULE))]

    def _about(self) -> list[Line]:
        """Return two lines about the bar under the cursor."""
        lane, bar = self._here, self._under_cursor()
        if lane is None or bar is None:
            return [(), ()]
        stretch = f"{duration(bar.start_s)} to {duration(bar.end_s)} of the run"
        text = f"{bar.name}: {bar.how}, {stretch}, {duration(bar.end_s - bar.start_s)} long"
        flags = dict.fromkeys(one.text for one in lane.flags if bar.start_s <= one.at_s <= bar.end_s)
        marks = "".join(f"; {flag}" for flag in flags if flag not in text)
        room = self.size.width - 2
        first, *rest = wrapped(text + marks, room)
        second = shortened(" ".join(rest), room, self.charset)
        return [(Span(f" {first}", Role.STRONG),), (Span(f" {second}", Role.STRONG),)]

    def _legend(self, axis: Axis, rows: int) -> list[Line]:
        """Return what the signs mean, in at most so many rows."""
        parts = {bar.part for lane in self._chart.lanes for bar in lane.bars}
        entries = [
            f"{CURSOR[self.charset]} chosen",
            *([f"{FOLD[self.charset]} no engine"] if axis.folds else []),
            *([f"{WAIT[self.charset]} waits for you"] if parts & {Part.WAIT, Part.REVIEW} else []),
            f"{WORK[self.charset]} critical",
            f"{OTHER_WORK[self.charset]} other work",
            f"{QUEUE[self.charset]} queued",
            f"{VALIDATION[self.charset]} validation",
            f"{Sign.GOOD.glyph(self.charset)} landed",
        ]
        text, room = "", self.size.width - 2
        if self._chart.path:
            text = f"critical path {elapsed(self._chart.path_s)} of {elapsed(self._chart.until_s)} "
        texts: list[str] = []
        for entry in entries:
            longer = text + BETWEEN + entry if text else entry
            if cell_len(longer) > room and text and len(texts) < rows - 1:
                texts.append(text)
                longer = entry
            text = longer
        return [(Span(f" {shortened(one, room, self.charset)}", Role.MUTED),) for one in (*texts, text)]

    # --- measures

    def _name_cells(self) -> int:
        longest = max((cell_len(lane.task or "validations") for lane in self._chart.lanes), default=0)
        return min(longest, MOST_NAME_CELLS, max(4, self.size.width // 4))

    def _axis(self) -> Axis:
        room = max(1, self.size.width - self._name_cells() - 5)
        return Axis(self._start_s, self._extent_s() / self._zoom, room, self._folds())

    def _extent_s(self) -> float:
        return extent_s(shown_at(self._chart.until_s, self._folds()))

    def _folds(self) -> tuple[Fold, ...]:
        return folds_of(self._chart.gaps, self._chart.until_s)

    @property
    def _here(self) -> Lane | None:
        """The row under the cursor."""
        return self._chart.lanes[self._lane] if self._lane < len(self._chart.lanes) else None

    def _under_cursor(self) -> Bar | None:
        if self._here is None or not self._here.bars:
            return None
        return sorted(self._here.bars, key=lambda bar: bar.start_s)[self._bar_at()]

    def _bar_at(self) -> int:
        return min(max(0, self._bar), len(self._here.bars) - 1) if self._here and self._here.bars else 0


class TimelineScreen(LiveScreen):
    """The timeline, full size."""

    def __init__(self, context: ScreenContext, task: TaskId | None) -> None:
        super().__init__(context, task)
        self._pane = TimelinePane(context.charset)
        self._summary_of_run: Summary | None = None

    def compose_body(self) -> ComposeResult:
        """Give the pane all the room."""
        yield self._pane

    def draw_body(self, view: View) -> None:
        """Show the run up to this moment."""
        if self._summary_of_run is None or self._summary_of_run.state is not view.state:
            self._summary_of_run = summarise(view.state, self.context.session.records)
        until_s = max(self._summary_of_run.wall_s, view.now - view.state.opened_at)
        self._pane.draw(chart(replace(self._summary_of_run, wall_s=until_s)), self.task_id)
