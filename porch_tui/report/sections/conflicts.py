"""The conflicts the merge queue met, and how each ended."""

from __future__ import annotations

from collections.abc import Mapping

from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.status import EntryStatus
from porch_tui.core.model.wording import all_of, listed
from porch_tui.present.amounts import duration, short
from porch_tui.present.outcome import Outcome, outcome
from porch_tui.present.summary import ConflictSeen, Summary
from porch_tui.report.forms.page import Align, Cell, Column, Section, table
from porch_tui.report.sections.task_facts import TaskFacts

ENDINGS: Mapping[Outcome | None, str] = {
    None: "is being worked on",
    Outcome.LANDED: "landed",
    Outcome.NOTHING_TO_LAND: "had nothing left to land",
    Outcome.FAILED: "failed",
    Outcome.CHECK_FAILED: "failed its checks",
    Outcome.TIMED_OUT: "timed out",
    Outcome.EXPECTED_FAILURE: "then failed, as expected",
    Outcome.STOPPED: "was stopped",
    Outcome.LOST: "was lost",
    Outcome.CONFLICT: "still in conflict",
    Outcome.REJECTED: "was taken out of the queue",
    Outcome.WITHDRAWN: "then withdrawn",
    Outcome.VALIDATION_STOPPED: "then its validation was stopped",
    Outcome.UNDONE: "then undone",
    Outcome.HELD: "is held",
    Outcome.REVIEW: "waits for your review",
    Outcome.BLOCKED: "is blocked by the target's checkout",
    Outcome.WAITING: "waits to run again",
    Outcome.WON: "landed",
    Outcome.LOST_RACE: "another theory won",
    Outcome.UNDECIDED: "is undecided",
}


def conflicts_section(summary: Summary, facts: Mapping[TaskId, TaskFacts]) -> Section:
    """Return the conflicts the queue met, with whom, where, and how each ended."""
    titles = ("task", "with", "paths", "how it ended")
    columns = [Column("at", Align.RIGHT), *map(Column, titles)]
    rows = (
        (
            duration(seen.at_s),
            Cell(seen.task, task=seen.task),
            ", ".join(seen.partners) or summary.state.target.name,
            ", ".join(seen.paths),
            how_it_ended(summary, seen, facts),
        )
        for seen in summary.conflicts
    )
    return Section("Conflicts", (table(columns, rows, "No conflicts."),))


def how_it_ended(summary: Summary, seen: ConflictSeen, facts: Mapping[TaskId, TaskFacts]) -> str:
    """Return what became of a conflict: resolved, run again, merged again, or still there."""
    state = summary.state
    end = ENDINGS[outcome(state, seen.task)]
    if any(other.task == seen.task and other.at_s > seen.at_s for other in summary.conflicts):
        return "tried again, in conflict again"
    entry = state.entries.get(seen.task)
    attempt = state.tasks[seen.task].attempt
    if attempt is not None and attempt.scheduled_at - state.opened_at > seen.at_s:
        return f"run again on {short(attempt.base)}: {end}"
    if entry is not None and entry.resolution is not None:
        known = facts.get(seen.task, TaskFacts()).collisions
        persons = dict.fromkeys(one.by for one in known if one.by)
        return f"resolved by {listed(entry.resolved_by) or all_of(list(persons)) or 'hand'}: {end}"
    if entry is not None and entry.status is EntryStatus.LANDED:
        return f"merged again: {end}"
    return end
