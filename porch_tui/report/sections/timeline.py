"""What ran when, what the critical path was, and what never began."""

from __future__ import annotations

from porch_tui.present.amounts import duration
from porch_tui.present.gantt import chart
from porch_tui.present.summary import Summary
from porch_tui.report.forms.page import Block, Paragraph, Section, Timeline


def timeline_section(summary: Summary) -> Section:
    """Return the timeline, what the critical path was, and what never began."""
    drawn = chart(summary)
    begun = {lane.task for lane in drawn.lanes}
    if begun <= {None}:
        return Section("Timeline", (Paragraph("Nothing has begun."),))
    idle = [task for task in summary.state.tasks if task not in begun]
    path = f"{' -> '.join(drawn.path)}, {duration(drawn.path_s)} of {duration(drawn.until_s)}"
    blocks: list[Block] = [Timeline(drawn), Paragraph(f"Critical path as it went: {path}.")]
    if idle:
        blocks.append(Paragraph(f"Not begun: {', '.join(idle)}."))
    return Section("Timeline", tuple(blocks))
