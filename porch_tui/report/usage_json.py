"""What agents used, and how much of a budget is used, for programs."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import structs

from porch_tui.core.model.agent_report import AgentReport, AgentUsage
from porch_tui.core.model.budget import NONE
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.telemetry import Sample
from porch_tui.core.scheduling.budgets import budget_of
from porch_tui.present.budget_text import shares_now

Json = dict[str, object]


def agent_document(usage: AgentUsage, report: AgentReport | None) -> Json | None:
    """Return what agents used, and what the last one said of itself; None if porch reads no agent there."""
    if report is None and usage == AgentUsage():
        return None
    said = report or AgentReport()
    return {**structs.asdict(usage), "model": said.model, "session": said.session, "message": said.message}


def usage_document(usage: AgentUsage) -> Json | None:
    """Return what agents used together; None if porch reads none of them."""
    return None if usage == AgentUsage() else structs.asdict(usage)


def budget_document(state: RunState, task: TaskId | None, samples: Mapping[TaskId, Sample]) -> Json | None:
    """Return the budget of a task, or of the run, and how much of it is used; None if there is none.

    `tokens`, `usd` and `wall_s`, each null or {limit, used}. `samples` are the last ones of live attempts.
    """
    if budget_of(state, task) == NONE:
        return None
    found: Json = {"tokens": None, "usd": None, "wall_s": None}
    return found | {
        one.name: {"limit": one.most, "used": one.spent} for one in shares_now(state, task, samples)
    }
