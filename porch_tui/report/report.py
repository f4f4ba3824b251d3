"""`porch report`: the whole story of a run as one page, complete also when the run went wrong."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from porch_tui.core.advice.lessons import Lesson
from porch_tui.core.merge_queue.undo import reverted
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.telemetry import Sample
from porch_tui.core.rules.ending import has_ended, would_continue
from porch_tui.present.amounts import agent_usage, between, duration
from porch_tui.present.explain import needs
from porch_tui.present.outcome import Outcome, all_is_well, in_words, results
from porch_tui.present.plots import Histories
from porch_tui.present.signs import Sign
from porch_tui.present.summary import Summary, agent_usage_of_run
from porch_tui.report.forms.page import Item, Page
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
from porch_tui.report.sections.overrides import overrides_section
from porch_tui.report.sections.resources import resources_section
from porch_tui.report.sections.reviews import reviews_section
from porch_tui.report.sections.run import run_section
from porch_tui.report.sections.task_facts import TaskFacts
from porch_tui.report.sections.tasks import overview_section, task_sections
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
    tasks: Mapping[TaskId, TaskFacts] = {}
    """What is known of tasks besides the journal."""
    histories: Histories = {}
    """What attempts used, sampled over their time."""


def report_page(facts: ReportFacts) -> Page:
    """Return the report of a run as a page: its outcome, what needs a person, then how it went."""
    summary = facts.summary
    return Page(
        f"porch report: {summary.state.plan.name}",
        outcome_lines(facts),
        (
            left_for_you_section(summary, engine_is_alive=facts.engine_is_alive),
            overview_section(summary, facts.tasks, facts.samples),
            *overrides_section(summary),
            *reviews_section(summary),
            *lessons_section(facts.lessons, summary.started_with.plan_path),
            decomposition_section(summary),
            *forecast_section(summary),
            layout_section(summary, facts.disk_bytes),
            timeline_section(summary),
            resources_section(summary, facts.samples, facts.histories),
            *hypotheses_section(summary),
            integration_section(summary, facts.validation_logs),
            conflicts_section(summary, facts.tasks),
            failures_section(summary),
            interventions_section(summary),
            run_section(summary),
            *task_sections(summary, facts.tasks),
        ),
        _sign(facts),
        f"porch report {summary.state.run}",
    )


def outcome_lines(facts: ReportFacts) -> tuple[Item, ...]:
    """Return how the run came out, what it took, and what needs a person; first of all, if it was cut off."""
    summary = facts.summary
    is_cut = is_cut_off(facts)
    lines = [Item(CUT_OFF, "porch resume")] if is_cut else []
    lines.append(Item(result_sentence(summary)))
    if summary.task_s:
        lines.append(Item(_time_sentence(facts)))
    wanted = needs(summary.state)
    if len(wanted) == 1:
        lines.append(Item(f"1 needs you, {wanted[0].text}", wanted[0].next))
    elif wanted:
        lines.append(Item(f"{len(wanted)} need you, first {wanted[0].text}", wanted[0].next))
    elif not is_cut:
        lines.append(Item("Nothing needs you."))
    return tuple(lines)


def is_cut_off(facts: ReportFacts) -> bool:
    """Say whether the run is not finished, and nothing goes on with it."""
    return not facts.engine_is_alive and would_continue(facts.summary.state)


def _sign(facts: ReportFacts) -> Sign:
    state = facts.summary.state
    if is_cut_off(facts) or needs(state):
        return Sign.ASKS
    if not has_ended(state):
        return Sign.RUNS
    return Sign.GOOD if all_is_well(state) else Sign.FAILED


PHRASES: tuple[tuple[Outcome | None, str], ...] = (
    (Outcome.CONFLICT, "{} in conflict"),
    (Outcome.REJECTED, "{} rejected"),
    (Outcome.UNDONE, "{} undone"),
    (Outcome.WITHDRAWN, "{} withdrawn"),
    (Outcome.VALIDATION_STOPPED, "{} whose validation was stopped"),
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


def result_sentence(summary: Summary) -> str:
    """Return how the run came out, in one sentence."""
    state, found = summary.state, results(summary.state)
    parts = [in_words(found, state.target.name)]
    parts += [f"{found.idle} had nothing to land"] if found.idle else []
    parts += [phrase.format(summary.counts[how]) for how, phrase in PHRASES if summary.counts.get(how)]
    if has_ended(state) and summary.counts.get(None):  # the last of them; nothing lands on a red target
        parts[-1] = f"{summary.counts[None]} still queued"
    parts += [f"{len(gone)} reverted"] if (gone := reverted(state)) else []
    return f"{', '.join(parts)}."


def whole_sentence(facts: ReportFacts) -> str:
    """Return all of it in one text: that it was cut off, how it came out, and what it took."""
    summary = facts.summary
    cut_off = f"{CUT_OFF}: porch resume continues it. " if is_cut_off(facts) else ""
    took = f" {_took(facts)}." if summary.task_s else ""
    return f"{cut_off}{result_sentence(summary)}{took}"


def _took(facts: ReportFacts) -> str:
    """Return how much work was done in which time, and what agents took for it."""
    summary = facts.summary
    cost = agent_usage(agent_usage_of_run(summary.state, facts.samples))
    so_far = "" if has_ended(summary.state) else " so far"
    took = f"{duration(summary.task_s)} of work took {duration(summary.wall_s)}{so_far}"
    return f"{took}{', ' if cost else ''}{cost}"


def _time_sentence(facts: ReportFacts) -> str:
    """Return what the run took, beside the work in it and what was expected, but for guesses."""
    predicted = facts.summary.started_with.predicted
    expected = ""
    if predicted is not None and not all(task.is_guess for task in predicted.tasks):
        expected = f"; {between(predicted.range_s) or duration(predicted.wall_s)} was expected"
    return f"{_took(facts)}{expected}."


CUT_OFF = "This run is not finished and has no engine"
