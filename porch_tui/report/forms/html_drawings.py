"""The drawings of the HTML report as SVG: the timeline and the plots.

They are as wide as the window: across everything is a percentage, down it is in pixels, so that text keeps
its size. Each bar says in its title what it is, which browsers show when they are pointed at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

from porch_tui.core.model.plan import TaskId
from porch_tui.present.amounts import axis_time, duration
from porch_tui.present.clean import clean
from porch_tui.present.gantt import Bar, Chart, Flag, Lane, Mark, Part
from porch_tui.present.plots import Plot
from porch_tui.present.signs import Role
from porch_tui.present.time_axis import Axis
from porch_tui.report.forms.html_style import role_class

LANE, BAR = 38, 12
"""Pixels: a lane with its name above its bar."""
HEAD = 20
PLOT = 56
MARKS_AT_MOST = 60
"""Cells of the axis by which its marks are chosen."""

PARTS: Mapping[Part, tuple[Role, str]] = {
    Part.WORK: (Role.RUN, "at work"),
    Part.QUEUE: (Role.WAIT, "in the merge queue"),
    Part.REVIEW: (Role.ASK, "waits for review"),
    Part.WAIT: (Role.ASK, "waits for you"),
    Part.VALIDATION: (Role.HELD, "validation"),
}
MARKS: Mapping[Mark, Role] = {
    Mark.LANDED: Role.GOOD,
    Mark.APPROVED: Role.GOOD,
    Mark.NOTHING_TO_LAND: Role.GOOD,
    Mark.CONFLICT: Role.ASK,
    Mark.BLOCKED: Role.ASK,
    Mark.SENT_BACK: Role.ASK,
    Mark.REJECTED: Role.FAIL,
    Mark.FAILED: Role.FAIL,
    Mark.HELD: Role.HELD,
    Mark.STOPPED: Role.WAIT,
    Mark.DROPPED: Role.WAIT,
    Mark.UNDER_WAY: Role.RUN,
}


def timeline(chart: Chart, anchors: Mapping[TaskId, str]) -> str:
    """Return the timeline: a lane a task, which leads to the task's section if that has an anchor."""
    axis = Axis(0.0, chart.until_s, MARKS_AT_MOST)
    height = HEAD + LANE * len(chart.lanes) + 4
    parts = [
        f'<svg height="{height}" role="img" aria-label="What ran when">',
        *_grid(axis, chart.until_s, height),
    ]
    is_named = False
    for number, lane in enumerate(chart.lanes):
        top = HEAD + LANE * number
        name = lane.task if lane.task is not None else "" if is_named else "validations"
        is_named = is_named or lane.task is None
        parts += _lane(lane, name, top, chart.until_s, anchors)
    used = {bar.part for lane in chart.lanes for bar in lane.bars}
    legend = "".join(
        f'<i class="f-{role_class(role)}"></i>{escape(word)}'
        for part, (role, word) in PARTS.items()
        if part in used
    )
    return "\n".join((*parts, "</svg>", f'<p class="legend">{legend}</p>'))


def _grid(axis: Axis, until_s: float, height: int) -> Iterator[str]:
    for at_s in axis.marks():
        x = _percent(at_s, until_s)
        if at_s <= until_s * 0.94:
            yield f'<text x="{x}" dx="3" y="12">{axis_time(at_s)}</text>'
        yield f'<line class="axis" x1="{x}" x2="{x}" y1="0" y2="{height}"/>'


def _lane(lane: Lane, name: str, top: int, until_s: float, anchors: Mapping[TaskId, str]) -> Iterator[str]:
    label = f'<text class="name" x="0" dx="3" y="{top + 14}">{escape(clean(name))}</text>'
    anchor = anchors.get(lane.task) if lane.task is not None else None
    if anchor:
        yield f'<a href="#{anchor}">'
    yield label if name else ""
    for bar in lane.bars:
        yield _bar(bar, top + 19, until_s, is_critical=lane.is_critical)
    for flag in lane.flags:
        yield _flag(flag, top + 19, until_s)
    if anchor:
        yield "</a>"


def _bar(bar: Bar, top: int, until_s: float, *, is_critical: bool) -> str:
    role, word = PARTS[bar.part]
    took = duration(bar.end_s - bar.start_s)
    path = ", on the critical path" if is_critical and bar.part is Part.WORK else ""
    title = f"{bar.name}: {bar.how or word}, {duration(bar.start_s)} to {duration(bar.end_s)} ({took}){path}"
    width = max(100 * (bar.end_s - bar.start_s) / until_s if until_s else 0.0, 0.2)
    y, height = (top + 3, BAR - 6) if bar.part is Part.QUEUE else (top, BAR)
    return (
        f'<rect class="f-{role_class(role)}" x="{_percent(bar.start_s, until_s)}" width="{width:.3f}%"'
        f' y="{y}" height="{height}" rx="2"><title>{escape(clean(title))}</title></rect>'
    )


def _flag(flag: Flag, top: int, until_s: float) -> str:
    at = min(max(flag.at_s / until_s if until_s else 0.0, 0.006), 0.994)
    return (
        f'<circle class="f-{role_class(MARKS[flag.mark])}" cx="{100 * at:.3f}%" cy="{top + BAR // 2}" r="6">'
        f"<title>{escape(clean(flag.text))}, at {duration(flag.at_s)}</title></circle>"
    )


def plot(one: Plot) -> str:
    """Return one amount over the time as columns."""
    pieces = []
    for number, amount in enumerate(one.amounts):
        start_s, end_s = one.piece(number)
        height = round(PLOT * amount / one.top) if one.top else 0
        if amount and height == 0:
            height = 1
        title = f"{one.title}: {one.written[number]}, {duration(start_s)} to {duration(end_s)}"
        pieces.append(
            f'<rect class="f-{role_class(Role.RUN)}" x="{_percent(start_s, one.until_s)}"'
            f' width="{100 / len(one.amounts):.3f}%" y="{PLOT - height}" height="{height}">'
            f"<title>{escape(title)}</title></rect>"
        )
    ruler = f'<line class="axis" x1="0" x2="100%" y1="{PLOT + 0.5}" y2="{PLOT + 0.5}"/>'
    times = (
        f'<text x="0" y="{PLOT + 15}">0s</text>'
        f'<text x="100%" y="{PLOT + 15}" text-anchor="end">{axis_time(one.until_s)}</text>'
    )
    caption = f"<figcaption>{escape(one.title)}, up to {escape(one.top_written)}</figcaption>"
    svg = f'<svg height="{PLOT + 20}" role="img" aria-label="{escape(one.title)} over time">'
    return "\n".join(("<figure>", caption, svg, *pieces, ruler, times, "</svg>", "</figure>"))


def _percent(at_s: float, until_s: float) -> str:
    return f"{min(max(100 * at_s / until_s if until_s else 0.0, 0.0), 100.0):.3f}%"
