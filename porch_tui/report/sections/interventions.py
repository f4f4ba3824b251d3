"""Commands that were refused, and how often another engine took over."""

from __future__ import annotations

from porch_tui.core.model.wording import counted
from porch_tui.present.summary import Summary
from porch_tui.report.forms.page import Block, Paragraph, Section, listed_or, listing


def interventions_section(summary: Summary) -> Section:
    """Return the commands that were refused, how often another engine took over, and what else was seen."""
    times = summary.takeovers
    engines = f"An engine took the run over {counted(times, 'time')}." if times else "One engine ran it all."
    refused = (f"porch {refusal.command}: refused, {refusal.why}" for refusal in summary.refusals)
    seen = [f"{one.task}: {one.text}" if one.task else one.text for one in summary.state.noticed]
    told: tuple[Block, ...] = (Paragraph("Seen besides:"), listing(seen)) if seen else ()
    return Section(
        "Refusals and engines", (Paragraph(engines), listed_or(refused, "No command was refused."), *told)
    )
