"""Which run it is: its plan, repository, times and goal."""

from __future__ import annotations

from porch_tui.present.amounts import moment
from porch_tui.present.summary import Summary
from porch_tui.report.forms.page import Paragraph, Section


def run_section(summary: Summary) -> Section:
    state, opened = summary.state, summary.started_with
    closed = f", closed {moment(state.closed_at)}" if state.closed_at is not None else ""
    times = Paragraph(
        f"Run {state.run} of {opened.plan_path} in {state.root},"
        f" opened {moment(state.opened_at)}, last change {moment(state.changed_at)}{closed}."
    )
    goal = Paragraph(f"Goal: {state.plan.goal}" if state.plan.goal.strip() else "The plan states no goal.")
    return Section("Run", (goal, times))
