"""What happens when a budget is used up: what uses it waits until a person raises it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from porch_tui.core.model import events as e
from porch_tui.core.model.agent_report import AgentUsage
from porch_tui.core.model.budget import (
    NONE,
    Budget,
    Share,
    Spent,
    added,
    larger,
    raised,
    spent_by,
    used_up,
)
from porch_tui.core.model.derived import once
from porch_tui.core.model.plan import TaskId, TaskSpec
from porch_tui.core.model.state import Attempt, RunState, TaskState

NO_USAGE = AgentUsage()


def budget_of(state: RunState, task: TaskId | None) -> Budget:
    """Return the budget of a task, or of the run, as far as a person has raised it."""
    if task is None:
        return raised(state.plan.budget, state.account.raised)
    return raised(state.specs[task].budget, state.tasks[task].account.raised)


def spent_of(task: TaskState, live: AgentUsage = NO_USAGE, now: float = 0.0) -> Spent:
    """Return what the attempts of a task have used; of one that is alive, what is known of it now.

    That is what its agent has said by now (`live`), and its time up to `now`, in seconds since the epoch. A
    figure that was found before is not forgotten.
    """
    return larger(task.account.spent, added(_spent(attempt, live, now) for attempt in task.attempts))


def spent_of_run(state: RunState, live: Mapping[TaskId, AgentUsage], now: float) -> Spent:
    """Return what all attempts have used: see `spent_of`."""
    of_tasks = (spent_of(one, live.get(task, NO_USAGE), now) for task, one in state.tasks.items())
    return larger(state.account.spent, added(of_tasks))


def exhausted(state: RunState, task: TaskId) -> Sequence[Share]:
    """Return what is used up of a task's own budget, as far as is written down."""
    if state.specs[task].budget == NONE:
        return ()
    return used_up(budget_of(state, task), spent_of(state.tasks[task]))


@once("tasks", "plan", "account")
def exhausted_of_run(state: RunState) -> Sequence[Share]:
    """Return what is used up of the run's budget, as far as is written down."""
    if state.plan.budget == NONE:
        return ()
    return used_up(budget_of(state, None), spent_of_run(state, {}, 0.0))


def exhausted_for(state: RunState, spec: TaskSpec) -> Sequence[Share]:
    """Return what is used up of the run's budget and would be used by this task."""
    return [share for share in exhausted_of_run(state) if share.name == "wall_s" or uses_tokens(state, spec)]


def uses_tokens(state: RunState, spec: TaskSpec) -> bool:
    """Say whether a task uses tokens and costs money, as far as porch can know."""
    agent = state.plan.agent_of(spec)
    return agent is not None and agent.preset is not None


def reached(state: RunState, live: Mapping[TaskId, AgentUsage], now: float) -> Iterator[e.BudgetReached]:
    """Yield the budgets of which something is used up now, and was not before.

    `live` is what agents say of their live attempts, by task.
    """
    if state.closed_at is not None or not state.active:
        return
    for task in state.active:
        if state.specs[task].budget == NONE or exhausted(state, task):
            continue
        spent = spent_of(state.tasks[task], live.get(task, NO_USAGE), now)
        if used_up(budget_of(state, task), spent):
            yield e.BudgetReached(task, spent)
    if state.plan.budget == NONE:
        return
    spent = spent_of_run(state, live, now)
    if len(used_up(budget_of(state, None), spent)) > len(exhausted_of_run(state)):
        yield e.BudgetReached(None, spent)


def _spent(attempt: Attempt, live: AgentUsage, now: float) -> Spent:
    if attempt.ended_at is None:
        return spent_by(live, _active_s(attempt, now))
    used = attempt.used or e.Used()
    usage = used.agent.usage if used.agent else NO_USAGE
    return spent_by(
        usage, used.wall_s - used.paused_s if used.wall_s else _active_s(attempt, attempt.ended_at)
    )


def _active_s(attempt: Attempt, now: float) -> float:
    """Return for how long an attempt has run up to a moment, without the time for which it was paused."""
    if attempt.started_at is None:
        return 0.0
    until = now if attempt.paused_at is None else min(now, attempt.paused_at)
    return max(0.0, until - attempt.started_at - attempt.paused_s)
