"""What ran when, drawn in characters: one row a task, one for each validation that ran beside others."""

from __future__ import annotations

from porch_tui.present.amounts import axis_time, elapsed
from porch_tui.present.cells import WIDTH, cells, left, squeezed, wrapped
from porch_tui.present.clean import clean
from porch_tui.present.gantt import Chart, Mark, Part
from porch_tui.present.time_axis import Axis, folds_of, shown_at

NAME_CELLS = 20
LEGEND = (
    "# at work    - in the merge queue    v validation    * critical path",
    "L landed    ! conflict    R rejected    B blocked    h held    x failed",
    "s stopped    n nothing to land    > under way    . result not needed",
)
FOLD = ":"
OF_WAITS = "w waits for you"
OF_TAKEN_OUT = "t taken out by a person"
OF_REVIEWS = "? waits for review    a approved    b sent back"
PARTS = {Part.WORK: "#", Part.QUEUE: "-", Part.VALIDATION: "v", Part.REVIEW: "?", Part.WAIT: "w"}
MARKS = {
    Mark.LANDED: "L",
    Mark.CONFLICT: "!",
    Mark.REJECTED: "R",
    Mark.TAKEN_OUT: "t",
    Mark.BLOCKED: "B",
    Mark.HELD: "h",
    Mark.FAILED: "x",
    Mark.STOPPED: "s",
    Mark.NOTHING_TO_LAND: "n",
    Mark.UNDER_WAY: ">",
    Mark.DROPPED: ".",
    Mark.APPROVED: "a",
    Mark.SENT_BACK: "b",
}


def gantt(drawn: Chart, width: int = WIDTH) -> tuple[str, ...]:
    """Return the timeline as lines of at most `width` cells, tasks in the order they began."""
    first = next((lane for lane in drawn.lanes if lane.task is None), None)
    names = [
        ("* " if lane.is_critical else "  ") + squeezed(clean(lane.task), max(NAME_CELLS, width // 4))
        if lane.task is not None
        else ("  validations" if lane is first else "")
        for lane in drawn.lanes
    ]
    label = max(map(cells, names), default=0)
    folds = folds_of(drawn.gaps, drawn.until_s)
    axis = Axis(0.0, shown_at(drawn.until_s, folds), width - label - 1, folds)
    lines = [" " * (label + 1) + line for line in _ruler(axis)]
    for name, lane in zip(names, drawn.lanes, strict=True):
        row = [" "] * axis.room
        for bar in lane.bars:
            start, end = axis.cell(bar.start_s), axis.cell(bar.end_s)
            row[start : end + 1] = PARTS[bar.part] * (end + 1 - start)
        for cell, _ in axis.creases():
            row[cell] = FOLD
        for flag in lane.flags:
            row[axis.cell(flag.at_s)] = MARKS[flag.mark]
        lines.append(f"{left(name, label)} {''.join(row)}".rstrip())
    parts = {bar.part for lane in drawn.lanes for bar in lane.bars}
    others = [text for part, text in ((Part.WAIT, OF_WAITS), (Part.REVIEW, OF_REVIEWS)) if part in parts]
    is_any_out = any(flag.mark is Mark.TAKEN_OUT for lane in drawn.lanes for flag in lane.flags)
    others += [OF_TAKEN_OUT] if is_any_out else []
    if folds:
        lengths = ", ".join(elapsed(fold.gap.length_s) for fold in folds)
        others += wrapped(f"{FOLD} no engine: {lengths}", width, "", "  ")
    return (*lines, "", *LEGEND, *others)


def _ruler(axis: Axis) -> tuple[str, str]:
    """Return the times, and the rule with a mark below the first letter of each."""
    times, rule = "", ""
    for at_s in axis.marks():
        cell, time = axis.cell(at_s), axis_time(at_s)
        if cell + cells(time) <= axis.room:
            times, rule = left(times, cell) + time, rule.ljust(cell, "-") + "|"
    return times, rule.ljust(axis.room, "-")
