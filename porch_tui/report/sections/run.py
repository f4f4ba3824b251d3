"""Which run it is: its plan, repository, times and goal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from porch_tui.core.model.place import called
from porch_tui.core.model.state import RunState
from porch_tui.core.model.wording import all_of
from porch_tui.present.amounts import to_the_second
from porch_tui.present.summary import Summary
from porch_tui.report.forms.page import Paragraph, Section


def run_section(summary: Summary) -> Section:
    state, opened = summary.state, summary.started_with
    closed = f", closed {to_the_second(state.closed_at)}" if state.closed_at is not None else ""
    times = Paragraph(
        f"Run {state.run} of {opened.plan_path} in {state.root},"
        f" opened {to_the_second(state.opened_at)}, last change {to_the_second(state.changed_at)}{closed}."
    )
    goal = Paragraph(f"Goal: {state.plan.goal}" if state.plan.goal.strip() else "The plan states no goal.")
    return Section("Run", (goal, times, *_places(state)))


def _places(state: RunState) -> Iterator[Paragraph]:
    """Yield where attempts ran, if not only on the engine's machine."""
    places = Counter(attempt.place for task in state.tasks.values() for attempt in task.attempts)
    if any(places):
        ran = [f"{called(place)} ({count})" for place, count in places.most_common()]
        yield Paragraph(f"Attempts ran on {all_of(ran)}.")
