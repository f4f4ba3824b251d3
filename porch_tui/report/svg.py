"""The timeline as a drawing for a browser: bars tell their times when pointed at. Text is escaped here."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from porch_tui.present.amounts import axis_time, duration
from porch_tui.present.cells import cells
from porch_tui.present.clean import clean
from porch_tui.present.gantt import MARK_CELLS, Axis, Bar, Chart, Flag, Lane, Mark, Part
from porch_tui.report.timeline import MARKS, lane_names

WIDTH, ROW, HEAD = 1000, 20, 24
"""In the drawing's own units; a browser fits it to the page."""
LETTER = 7.9
"""Width of a letter of the 13 px font, a little more than any common one has."""
COLORS = {Part.WORK: "work", Part.QUEUE: "queue", Part.VALIDATION: "validation"}
MARK_COLORS = {
    Mark.LANDED: "good",
    Mark.CONFLICT: "ask",
    Mark.BLOCKED: "ask",
    Mark.REJECTED: "bad",
    Mark.FAILED: "bad",
}


def timeline_svg(drawn: Chart) -> str:
    """Return the chart as one `svg` element, coloured by the page's own variables."""
    names = lane_names(drawn)
    label = int(max(map(cells, names), default=0) * LETTER) + 8
    axis = Axis(0.0, drawn.until_s, int(WIDTH - label - LETTER), apart=int(MARK_CELLS * LETTER))
    height = HEAD + ROW * len(drawn.lanes) + 4
    lines = [
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="timeline of the run">',
        *_ruler(axis, label, height),
    ]
    for number, (name, lane) in enumerate(zip(names, drawn.lanes, strict=True)):
        y = HEAD + ROW * number
        weight = ' font-weight="700"' if lane.is_critical else ""
        lines.append(f'<text x="0" y="{y + 14}" xml:space="preserve"{weight}>{escape(name)}</text>')
        lines += [*_bars(lane, axis, label, y), *_flags(lane, axis, label, y)]
    return "\n".join((*lines, "</svg>"))


def _ruler(axis: Axis, left: int, height: int) -> Iterator[str]:
    room_for = len("0m00s") * LETTER
    for at_s in axis.marks():
        x = left + axis.cell(at_s)
        yield f'<path d="M{x} {HEAD - 6}V{height}" stroke="var(--rule)"/>'
        if x + room_for < WIDTH:
            yield f'<text x="{x + 3}" y="14">{escape(axis_time(at_s))}</text>'


def _bars(lane: Lane, axis: Axis, left: int, y: int) -> Iterator[str]:
    for bar in lane.bars:
        x, end = axis.cell(bar.start_s), axis.cell(bar.end_s)
        edge = ' stroke="var(--ask)" stroke-width="2"' if lane.is_critical and bar.part is Part.WORK else ""
        yield (
            f'<rect x="{left + x}" y="{y + 4}" width="{max(2, end - x)}" height="{ROW - 8}" rx="2"'
            f' fill="var(--{COLORS[bar.part]})"{edge}><title>{escape(clean(_told(bar)))}</title></rect>'
        )


def _flags(lane: Lane, axis: Axis, left: int, y: int) -> Iterator[str]:
    for flag in lane.flags:
        color = f"var(--{MARK_COLORS.get(flag.mark, 'muted')})"
        yield (
            f'<text x="{left + axis.cell(flag.at_s)}" y="{y + 14}" font-weight="700" style="fill: {color}">'
            f"{MARKS[flag.mark]}<title>{escape(clean(_moment(flag)))}</title></text>"
        )


def _told(bar: Bar) -> str:
    lasted = duration(bar.end_s - bar.start_s)
    return f"{bar.name}: {bar.how}, {duration(bar.start_s)} to {duration(bar.end_s)}, {lasted}"


def _moment(flag: Flag) -> str:
    return f"{flag.text}, at {duration(flag.at_s)}"
