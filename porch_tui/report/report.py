"""`porch report`: the whole story of a run as one page, complete also when the run went wrong."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from porch_tui.core.advice.lessons import Lesson
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.telemetry import Sample
from porch_tui.core.rules.ending import would_continue
from porch_tui.present.amounts import duration
from porch_tui.present.outcome import Outcome, in_words, results
from porch_tui.present.summary import Summary
from porch_tui.report.forms.page import Page
from porch_tui.report.sections.advice import lessons_section
from porch_tui.report.sections.conflicts import conflicts_section
from porch_tui.report.sections.decomposition import decomposition_section
from porch_tui.report.sections.failures import failures_section
from porch_tui.report.sections.forecast_outcome import forecast_section
from porch_tui.report.sections.hypotheses import hypotheses_section
from porch_tui.report.sections.integration import integration_section
from porch_tui.report.sections.interventions import interventions_section
from porch_tui.report.sections.layout import layout_section
from porch_tui.report.sections.left_for_you import left_for_you_section
from porch_tui.report.sections.resources import resources_section
from porch_tui.report.sections.reviews import reviews_section
from porch_tui.report.sections.run import run_section
from porch_tui.report.sections.timeline import timeline_section


class ReportFacts(Struct, frozen=True):
    """Everything that the report of a run, finished or not, is made of."""

    summary: Summary
    engine_is_alive: bool
    samples: Mapping[TaskId, Sample] = {}
    """Of tasks that still run."""
    validation_logs: Mapping[Sha, str] = {}
    """Where the output of a tree's last validation is."""
    disk_bytes: Mapping[TaskId, int] = {}
    """Of each task's worktree that exists and was measured."""
    lessons: tuple[Lesson, ...] = ()
    """What the run has taught about its plan."""


def report_page(facts: ReportFacts) -> Page:
    """Return the report of a run as a page."""
    summary = facts.summary
    return Page(
        f"porch report: {summary.state.plan.name}",
        result_sentence(facts),
        (
            run_section(summary),
            left_for_you_section(summary, engine_is_alive=facts.engine_is_alive),
            *lessons_section(facts.lessons, summary.started_with.plan_path),
            decomposition_section(summary),
            *forecast_section(summary),
            layout_section(summary, facts.disk_bytes),
            timeline_section(summary),
            resources_section(summary, facts.samples),
            *reviews_section(summary),
            *hypotheses_section(summary),
            integration_section(summary, facts.validation_logs),
            conflicts_section(summary),
            failures_section(summary),
            interventions_section(summary),
        ),
    )


PHRASES: tuple[tuple[Outcome | None, str], ...] = (
    (Outcome.CONFLICT, "{} in conflict"),
    (Outcome.REJECTED, "{} rejected"),
    (Outcome.FAILED, "{} failed"),
    (Outcome.CHECK_FAILED, "{} failed the checks"),
    (Outcome.TIMED_OUT, "{} timed out"),
    (Outcome.LOST, "{} lost"),
    (Outcome.STOPPED, "{} stopped"),
    (Outcome.BLOCKED, "{} blocked"),
    (Outcome.HELD, "{} held"),
    (Outcome.REVIEW, "{} waiting for your review"),
    (Outcome.LOST_RACE, "{} lost the race"),
    (Outcome.UNDECIDED, "{} undecided"),
    (Outcome.WAITING, "{} waiting"),
    (None, "{} under way"),
)


def result_sentence(facts: ReportFacts) -> str:
    """Return how the run came out, in one sentence; before it, that it was cut off, if it was."""
    summary = facts.summary
    state, counts = summary.state, summary.counts
    cut_off = "" if facts.engine_is_alive or not would_continue(state) else f"{CUT_OFF} "
    found = results(state)
    parts = [in_words(found, state.target.name)]
    parts += [f"{found.idle} had nothing to land"] if found.idle else []
    parts += [phrase.format(counts[how]) for how, phrase in PHRASES if counts.get(how)]
    gain = f" {duration(summary.task_s)} of work took {duration(summary.wall_s)}." if summary.task_s else ""
    return f"{cut_off}{', '.join(parts)}.{gain}"


CUT_OFF = "This run is not finished and has no engine: porch resume continues it."
