"""`porch report`: the whole story of a run as one page, complete also when the run went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from porch_tui.core.analysis import graph
from porch_tui.core.analysis.analysis import Analysis
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.telemetry import Sample
from porch_tui.present.amounts import UNKNOWN, moment, short, size
from porch_tui.present.summary import Summary
from porch_tui.report import decomposition
from porch_tui.report.blocks import Align, Block, Column, Figure, Page, Paragraph, Section, table
from porch_tui.report.ending import failures_section, interventions_section, left_section, result_sentence
from porch_tui.report.integration import conflicts_section, integration_section
from porch_tui.report.layout import Layout, drawing, layout_of
from porch_tui.report.resources import resources_section
from porch_tui.report.timeline import timeline_section

NOBODY_LOOKED: Mapping[TaskId, int] = MappingProxyType({})


def report_page(
    summary: Summary,
    *,
    engine_is_alive: bool,
    analysis: Analysis | None,
    samples: Mapping[TaskId, Sample],
    validation_logs: Mapping[Sha, str],
    disk_bytes: Mapping[TaskId, int] = NOBODY_LOOKED,
) -> Page:
    """Return the report of a run, finished or not.

    `analysis` is what was predicted, if anybody kept it; `samples` are of tasks
    still running; `validation_logs` say, by tree, where a validation's output is, and
    `disk_bytes` what each task's worktree takes, where it is there and was looked at.
    """
    return Page(
        f"porch report: {summary.state.plan.name}",
        result_sentence(summary, engine_is_alive=engine_is_alive),
        (
            _run_section(summary),
            left_section(summary, engine_is_alive=engine_is_alive),
            _decomposition_section(summary, analysis),
            _layout_section(summary, disk_bytes),
            timeline_section(summary),
            resources_section(summary, analysis, samples),
            integration_section(summary, validation_logs),
            conflicts_section(summary),
            failures_section(summary),
            interventions_section(summary),
        ),
    )


def layout_of_run(summary: Summary) -> Layout:
    """Return where the run's worktrees are."""
    state = summary.state
    return layout_of(state.plan, state.root, state.run, state.target.name, state.target.base)


def _run_section(summary: Summary) -> Section:
    state, opened = summary.state, summary.started_with
    closed = f", closed {moment(state.closed_at)}" if state.closed_at is not None else ""
    told = Paragraph(
        f"Run {state.run} of {opened.plan_path} in {state.root},"
        f" opened {moment(state.opened_at)}, last change {moment(state.changed_at)}{closed}."
    )
    goal = Paragraph(f"Goal: {state.plan.goal}" if state.plan.goal.strip() else "The plan states no goal.")
    return Section("Run", (goal, told))


def _decomposition_section(summary: Summary, analysis: Analysis | None) -> Section:
    plan, opened = summary.state.plan, summary.started_with
    why = opened.verdict or "No reason was recorded for running it in parallel or one by one."
    forecast: tuple[Block, ...] = decomposition.forecast_blocks(analysis) if analysis is not None else ()
    return Section(
        "Decomposition",
        (
            Paragraph(why),
            *forecast,
            decomposition.tasks_block(plan),
            decomposition.waves_block(graph.waves(plan)),
            *decomposition.pairs_blocks(decomposition.related(plan, analysis), plan),
            decomposition.orders_block(opened.soft_orders),
            decomposition.locks_block(plan),
        ),
    )


def _layout_section(summary: Summary, disk_bytes: Mapping[TaskId, int]) -> Section:
    state = summary.state
    layout = layout_of_run(summary)
    rows = []
    for place in layout.places:
        attempt = state.tasks[place.task].attempt
        base = short(attempt.base) if attempt else UNKNOWN
        head, room = short(state.tasks[place.task].head), size(disk_bytes.get(place.task))
        rows.append((place.task, place.path, place.branch, base, head, room)[: 6 if disk_bytes else 5])
    columns = [Column("task"), Column("worktree"), Column("branch"), Column("base"), Column("head")]
    columns += [Column("on disk", Align.RIGHT)] if disk_bytes else []
    return Section("Layout", (Figure(drawing(layout)), table(columns, rows, "No worktrees.")))
