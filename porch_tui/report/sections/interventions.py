"""Commands that were refused, and how often another engine took over."""

from __future__ import annotations

from porch_tui.present.summary import Summary
from porch_tui.report.forms.page import Block, Paragraph, Section, listing


def interventions_section(summary: Summary) -> Section:
    """Return how often the run was resumed, the commands that were refused, and what else was noticed."""
    times = summary.takeovers
    resumed = {0: "One engine ran it all.", 1: "Resumed once.", 2: "Resumed twice."}
    blocks: list[Block] = [Paragraph(resumed.get(times, f"Resumed {times} times."))]
    if summary.refusals:
        blocks.append(listing(f"porch {one.command}: refused, {one.why}" for one in summary.refusals))
    if noticed := summary.state.noticed:
        blocks += [
            Paragraph("Also noticed:"),
            listing(f"{one.task}: {one.text}" if one.task else one.text for one in noticed),
        ]
    return Section("Refusals and engines", tuple(blocks))
