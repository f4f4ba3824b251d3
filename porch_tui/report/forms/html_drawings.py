"""The drawings of the HTML report as SVG: the timeline and the plots.

They are as wide as the window: across everything is a percentage, down it is in pixels, so that text keeps
its size. Each bar says in its title what it is, which browsers show when they are pointed at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from porch_tui.core.model.plan import TaskId
from porch_tui.present.amounts import axis_time, duration, elapsed
from porch_tui.present.cells import squeezed
from porch_tui.present.clean import clean
from porch_tui.present.gantt import WORDS, Bar, Chart, Flag, Lane, Mark, Part
from porch_tui.present.plots import Plot
from porch_tui.present.signs import Role
from porch_tui.present.spans import Gap
from porch_tui.present.time_axis import Axis, Fold, folds_of, shown_at
from porch_tui.report.forms.html_style import role_class

LANE, BAR = 34, 12
"""Pixels: a lane with its name above its bar."""
HEAD, FOLD_HEAD = 20, 14
"""Pixels: the times above the lanes, and below these how long what is folded took."""
PLOT = 56
NAME = 44
"""Letters of a task's name, so that it fits a phone."""
CELLS, LETTER = 60, 1.15
"""Cells of the axis by which its times are chosen, and how many of them a letter takes on a phone."""

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
    Mark.TAKEN_OUT: Role.WAIT,
    Mark.DROPPED: Role.WAIT,
    Mark.UNDER_WAY: Role.RUN,
}
SHAPES: Mapping[Role, str] = {
    Role.GOOD: "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0 -12 0z",
    Role.ASK: "M0 -8L8 0L0 8L-8 0z",
    Role.FAIL: "M-7 -4L-4 -7L0 -3L4 -7L7 -4L3 0L7 4L4 7L0 3L-4 7L-7 4L-3 0z",
    Role.HELD: "M-6 -6H6V6H-6z",
    Role.WAIT: "M-5 -5H5V5H-5z",
    Role.RUN: "M-5 -7L7 0L-5 7z",
}
"""One for each color, for who cannot tell these."""


def timeline(chart: Chart, anchors: Mapping[TaskId, str]) -> str:
    """Return the timeline: a lane a task, which leads to the task's section if that has an anchor.

    Long times without an engine are folded: a band that says how much is left out.
    """
    folds = folds_of(chart.gaps, chart.until_s)
    axis = Axis(0.0, shown_at(chart.until_s, folds), CELLS, folds)
    head = HEAD + FOLD_HEAD if folds else HEAD
    height = head + LANE * len(chart.lanes) + 4
    parts = [
        f'<svg height="{height}" role="img" aria-label="What ran when">',
        *_grid(axis, height),
    ]
    is_named = False
    for number, lane in enumerate(chart.lanes):
        name = lane.task if lane.task is not None else "" if is_named else "validations"
        is_named = is_named or lane.task is None
        parts += _lane(lane, name, head + LANE * number, axis, anchors)
    parts += _bands(chart.gaps, axis, head, height)
    return "\n".join((*parts, "</svg>", _legend(chart, folds)))


def _grid(axis: Axis, height: int) -> Iterator[str]:
    """Yield a line at each mark, and its time where that does not lie on the one before."""
    free = 0.0
    for at_s in axis.marks():
        x, time = _percent(at_s, axis), axis_time(at_s)
        cell = CELLS * axis.shown_at(at_s) / axis.length_s if axis.length_s else 0.0
        if free <= cell <= CELLS - LETTER * len(time):
            yield f'<text x="{x}" dx="3" y="12">{time}</text>'
            free = cell + LETTER * (len(time) + 1)
        yield f'<line class="axis" x1="{x}" x2="{x}" y1="0" y2="{height}"/>'


def _bands(gaps: Sequence[Gap], axis: Axis, head: int, height: int) -> Iterator[str]:
    """Yield what hides the time without an engine, torn at both sides where it is folded.

    How long that was stands above it, where the head has room.
    """
    folded = {fold.gap for fold in axis.folds}
    free = 0.0
    for gap in gaps:
        start, end = _share(gap.start_s, axis), _share(gap.end_s, axis)
        x, width = f"{start:.3f}%", f"{end - start:.3f}%"
        times = f"{duration(gap.start_s)} to {duration(gap.end_s)}"
        kind = "gap folded" if gap in folded else "gap"
        yield (
            f'<rect class="{kind}" x="{x}" width="{width}" y="{head}" height="{height - head}">'
            f"<title>no engine for {duration(gap.length_s)}, {times}</title></rect>"
        )
        if gap in folded:
            for edge in (x, f"{end:.3f}%"):
                yield f'<line class="torn" x1="{edge}" x2="{edge}" y1="{head}" y2="{height}"/>'
            length = elapsed(gap.length_s)
            half = 100 * LETTER * len(length) / 2 / CELLS
            middle = min(max((start + end) / 2, half), 100 - half)
            if head and middle - half >= free:
                yield f'<text x="{middle:.3f}%" y="{head - 4}" text-anchor="middle">{length}</text>'
                free = middle + half + 100 * LETTER / CELLS


def _lane(lane: Lane, name: str, top: int, axis: Axis, anchors: Mapping[TaskId, str]) -> Iterator[str]:
    weight = " critical" if lane.is_critical else ""
    short = escape(squeezed(clean(name), NAME))
    whole = f"<title>{escape(clean(name))}</title>" if len(name) > NAME else ""
    label = f'<text class="name{weight}" x="0" y="{top + 11}">{short}{whole}</text>'
    anchor = anchors.get(lane.task) if lane.task is not None else None
    if anchor:
        yield f'<a href="#{anchor}">'
    yield label if name else ""
    for bar in lane.bars:
        yield _bar(bar, top + 16, axis, is_critical=lane.is_critical)
    for flag in lane.flags:
        yield _flag(flag, top + 16, axis)
    if anchor:
        yield "</a>"


def _bar(bar: Bar, top: int, axis: Axis, *, is_critical: bool) -> str:
    role, word = PARTS[bar.part]
    took = duration(bar.end_s - bar.start_s)
    path = ", on the critical path" if is_critical and bar.part is Part.WORK else ""
    title = f"{bar.name}: {bar.how or word}, {duration(bar.start_s)} to {duration(bar.end_s)} ({took}){path}"
    start = _share(bar.start_s, axis)
    width = max(_share(bar.end_s, axis) - start, 0.2)
    y, height = (top + 3, BAR - 6) if bar.part is Part.QUEUE else (top, BAR)
    return (
        f'<rect class="f-{role_class(role)}" x="{start:.3f}%" width="{width:.3f}%"'
        f' y="{y}" height="{height}" rx="2"><title>{escape(clean(title))}</title></rect>'
    )


def _flag(flag: Flag, top: int, axis: Axis) -> str:
    # only in a drawing of its own can a shape be placed by a share of the width
    return (
        f'<svg class="mark" x="{_percent(flag.at_s, axis)}" y="{top + BAR // 2}"><g>'
        f"<title>{escape(clean(flag.text))}, at {duration(flag.at_s)}</title>"
        f"{_shape(MARKS[flag.mark])}</g></svg>"
    )


def _shape(role: Role) -> str:
    return f'<path class="f-{role_class(role)}" d="{SHAPES[role]}"/>'


def _legend(chart: Chart, folds: Sequence[Fold]) -> str:
    """Return what the colors and shapes of the bars and marks in a chart mean."""
    used = {bar.part for lane in chart.lanes for bar in lane.bars}
    keys = [
        f'<i class="f-{role_class(role)}"></i>{word}' for part, (role, word) in PARTS.items() if part in used
    ]
    marks = {flag.mark for lane in chart.lanes for flag in lane.flags}
    for role in SHAPES:
        if words := [WORDS[mark] for mark, of in MARKS.items() if of is role and mark in marks]:
            keys.append(f'<svg viewBox="-8 -8 16 16">{_shape(role)}</svg>{", ".join(words)}')
    keys += ["<b>bold</b>: on the critical path"] if chart.path else []
    if folds:
        keys.append(f"left out, no engine: {', '.join(elapsed(fold.gap.length_s) for fold in folds)}")
    return f'<p class="legend">{" ".join(f"<span>{key}</span>" for key in keys)}</p>'


def plot(one: Plot) -> str:
    """Return one amount over the time as columns."""
    pieces = []
    for number, amount in enumerate(one.amounts):
        start_s, end_s = one.piece(number)
        start = 100 * number / len(one.amounts)
        height = round(PLOT * amount / one.top) if one.top else 0
        if amount and height == 0:
            height = 1
        title = f"{one.title}: {one.written[number]}, {duration(start_s)} to {duration(end_s)}"
        pieces.append(
            f'<rect class="f-{role_class(Role.RUN)}" x="{start:.3f}%"'
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
    axis = Axis(0.0, shown_at(one.until_s, one.folds), CELLS, one.folds)
    bands = _bands([fold.gap for fold in one.folds], axis, 0, PLOT)
    return "\n".join(("<figure>", caption, svg, *pieces, *bands, ruler, times, "</svg>", "</figure>"))


def _share(at_s: float, axis: Axis) -> float:
    """Return where a moment is on an axis that begins with the run, in percent."""
    return min(max(100 * axis.shown_at(at_s) / axis.length_s if axis.length_s else 0.0, 0.0), 100.0)


def _percent(at_s: float, axis: Axis) -> str:
    return f"{_share(at_s, axis):.3f}%"
