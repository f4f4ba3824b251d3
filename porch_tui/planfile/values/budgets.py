"""Budgets of a plan as values, and whether they can hold: agents differ in what they report."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET, UnsetType

from porch_tui.agents.preset import interactive_of, preset
from porch_tui.core.model.budget import NONE, Budget
from porch_tui.core.model.plan import Agent, Plan
from porch_tui.core.model.wording import listed
from porch_tui.planfile.keys.budget_keys import BudgetEntry
from porch_tui.planfile.text.mistakes import KeyPath
from porch_tui.planfile.text.source import Source
from porch_tui.planfile.values import value_parsing as grammar

REPORTED = {"tokens": "tokens", "usd": "cost"}
"""What an agent must report for a budget of this to be counted."""


def budget(entry: BudgetEntry | UnsetType, source: Source, path: KeyPath) -> Budget:
    """Return the budget that is written at `path`; without limits if there is none."""
    if entry is UNSET:
        return NONE
    found = Budget(
        tokens=None if entry.tokens is UNSET else grammar.token_count(entry.tokens),
        usd=None if entry.usd is UNSET else entry.usd,
        wall_s=None if entry.wall is UNSET else grammar.seconds(entry.wall),
    )
    if found == NONE and not source.written(*map(str, path)):
        source.refuse(path, "found no amount in it; expected one of tokens, usd, wall")
    return found


def check_budgets(plan: Plan, source: Source) -> None:
    """Refuse budgets that nothing could use up, and warn of what they do not count."""
    for task in plan.tasks:
        path = source.task_path(task.id, "budget")
        agent = plan.agent_of(task)
        if agent is not None:
            _check(source, path, task.budget, [agent])
        elif path[0] == "tasks" and (amounts := _amounts(task.budget)):
            source.warn(
                path, f"task '{task.id}' is a command, and uses no {listed(amounts)} that porch knows of"
            )
    used = {task.agent: plan.agent_of(task) for task in plan.tasks}
    _check(source, ("budget",), plan.budget, [agent for agent in used.values() if agent is not None])


def _check(source: Source, path: KeyPath, of: Budget, agents: Sequence[Agent]) -> None:
    blind = {name: [one for one in agents if not _reports(one, name)] for name in _amounts(of)}
    useless = [name for name, unseen in blind.items() if len(unseen) == len(agents)]
    if useless and len(useless) == len(_amounts(of)) and of.wall_s is None:
        who = listed([f"'{one.name}'" for one in agents]) or "no task"
        what = listed([REPORTED[name] for name in useless])
        reports = "does not report" if agents else "reports"
        counted = (
            "'tokens' or 'wall'" if agents and all(_reports(one, "tokens") for one in agents) else "'wall'"
        )
        source.refuse(path, f"this cannot hold, as {who} {reports} {what}; expected {counted} as well")
        return
    for name, unseen in blind.items():
        if unseen:
            who = listed([f"'{one.name}'" for one in unseen])
            source.warn(path, f"'{name}' does not count {who}, which does not report {REPORTED[name]}")


def _amounts(of: Budget) -> list[str]:
    return [name for name in REPORTED if getattr(of, name) is not None]


def _reports(agent: Agent, name: str) -> bool:
    if agent.preset is None:
        return False
    output = preset(agent.preset).output
    if agent.is_in_terminal:
        form = interactive_of(agent)
        if form is None or form.records is None:
            return False
        output = form.records.output
    return bool(output.cost_usd if name == "usd" else output.input_tokens or output.output_tokens)
