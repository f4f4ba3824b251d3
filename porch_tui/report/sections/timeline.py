"""What ran when, what the critical path was, and what never began."""

from __future__ import annotations

from porch_tui.present.amounts import duration
from porch_tui.present.gantt import Chart, chart
from porch_tui.present.summary import Summary
from porch_tui.report.forms.page import Block, Paragraph, Section, Timeline


def timeline_section(summary: Summary) -> Section:
    """Return the timeline, what the critical path was, and what never began."""
    drawn = chart(summary)
    begun = {lane.task for lane in drawn.lanes}
    if begun <= {None}:
        return Section("Timeline", (Paragraph("Nothing has begun."),))
    idle = [task for task in summary.state.tasks if task not in begun]
    blocks: list[Block] = [Timeline(drawn), path_told(drawn)]
    if idle:
        blocks.append(Paragraph(f"Not begun: {', '.join(idle)}."))
    return Section("Timeline", tuple(blocks))


def path_told(drawn: Chart) -> Paragraph:
    """Return the critical path in a sentence."""
    path, took, of = " -> ".join(drawn.path), duration(drawn.path_s), duration(drawn.until_s)
    return Paragraph(f"Critical path as it went: {path}, {took} of {of}.")
