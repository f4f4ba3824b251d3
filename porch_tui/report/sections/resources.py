"""What a run took of the machine, and how that compares with what was expected."""

from __future__ import annotations

from collections.abc import Mapping

from porch_tui.core.model.agent_report import AgentUsage
from porch_tui.core.model.budget import NONE
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.telemetry import Sample
from porch_tui.core.model.wording import counted
from porch_tui.present.amounts import UNKNOWN, agent_usage, dollars, duration, size, tokens
from porch_tui.present.budget_text import shares_now, used_text
from porch_tui.present.plots import Histories, plots
from porch_tui.present.summary import Summary, Usage, agent_usage_of_run, usage
from porch_tui.report.forms.page import Align, Block, Cell, Column, Plots, Section, Table, table

TITLES = (
    "attempts", "expected", "wall", "paused", "waited for you", "CPU", "cores", "peak memory", "read",
    "written", "tokens in", "tokens out", "cost",
)  # fmt: skip
SELDOM = {"paused", "waited for you", "read", "written", "tokens in", "tokens out", "cost"}
"""Columns that are left out where they would be empty."""


def resources_section(summary: Summary, samples: Mapping[TaskId, Sample], histories: Histories) -> Section:
    """Return the run's totals, what it used over its time, and what each task used."""
    state = summary.state
    expected = dict(summary.started_with.estimates)
    used = {
        task: usage(state, task, samples.get(task), summary.until)
        for task in state.tasks
        if state.tasks[task].attempts
    }
    rows = [_row(summary, task, one, expected.get(task)) for task, one in used.items()]
    titles = [title for title in TITLES if title not in SELDOM or any(row[title] != UNKNOWN for row in rows)]
    columns = [Column("task"), *(Column(title, Align.RIGHT) for title in titles)]
    cells: list[tuple[str | Cell, ...]] = [
        (Cell(task, task=task), *(row[title] for title in titles))
        for task, row in zip(used, rows, strict=True)
    ]
    over_time = plots(summary, histories)
    drawn = (Plots(over_time),) if over_time else ()
    return Section(
        "Resources", (_totals(summary, samples), *drawn, table(columns, cells, "No task has used any."))
    )


def validation_s(summary: Summary) -> tuple[float, float]:
    """Return the wall and CPU seconds of all validations, added up."""
    used = [span.used for span in summary.spans if span.what == "validation" and span.used]
    return sum(one.wall_s for one in used), sum(one.cpu_s for one in used)


def _totals(summary: Summary, samples: Mapping[TaskId, Sample]) -> Block:
    opened = summary.started_with
    state = summary.state
    slots = f"{counted(state.slots.count, 'slot')} on {counted(opened.cores, 'core')}"
    checked_s, checked_cpu_s = validation_s(summary)
    rows = [
        ("wall time of the run", duration(summary.wall_s), slots),
        ("wall time of all attempts", duration(summary.task_s), f"{summary.speedup:.2f} times the run's"),
        ("CPU time of all attempts", duration(summary.cpu_s), _unmeasured(state)),
        ("wall time of all validations", duration(checked_s), f"CPU time {duration(checked_cpu_s)}"),
        ("largest attempt", size(summary.peak_rss_bytes or None), "peak memory"),
    ]
    if summary.waited_s:
        rows.append(("attempts waited for you", duration(summary.waited_s), "part of their wall time"))
    agents = agent_usage_of_run(state, samples)
    if agents != AgentUsage():
        rows.append(
            ("agents", agent_usage(agents) or UNKNOWN, f"{tokens(agents.cached_tokens)} tokens cached")
        )
    if state.plan.budget != NONE:
        rows.append(("budget", used_text(shares_now(state, None, samples)), "of all tasks together"))
    if opened.slots_reason:
        rows.append(("slots at the start", str(opened.slots), opened.slots_reason))
    if state.slots.count != opened.slots:
        rows.append(("slots at the end", str(state.slots.count), state.slots.reason or "as asked for"))
    return Table((Column("in all"), Column("amount", Align.RIGHT), Column("")), tuple(rows))


def _unmeasured(state: RunState) -> str:
    used = [attempt.used for task in state.tasks.values() for attempt in task.attempts if attempt.used]
    count = sum(not one.is_measured for one in used)
    return f"without {counted(count, 'attempt')} behind a fence, where it is unknown" if count else ""


def _row(summary: Summary, task: TaskId, used: Usage, expected_s: float | None) -> dict[str, str]:
    """Return the task's cells by the titles of their columns."""
    cores = used.cpu_s / used.wall_s if used.cpu_s is not None and used.wall_s else None
    cells = (
        str(len(summary.state.tasks[task].attempts)),
        duration(expected_s),
        duration(used.wall_s),
        duration(used.paused_s) if used.paused_s else UNKNOWN,
        duration(used.waited_s) if used.waited_s else UNKNOWN,
        duration(used.cpu_s),
        UNKNOWN if cores is None else f"{cores:.1f}",
        size(used.peak_rss_bytes),
        size(used.read_bytes or None),
        size(used.written_bytes or None),
        tokens(used.agent.input_tokens),
        tokens(used.agent.output_tokens),
        dollars(used.agent.cost_usd),
    )
    return dict(zip(TITLES, cells, strict=True))
