"""What budgets allow, and what is used up of them, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from porch_tui.core.model.budget import Budget, Share, Spent, shares, written
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.model.telemetry import Sample
from porch_tui.core.model.wording import listed
from porch_tui.core.scheduling.budgets import (
    NO_USAGE,
    budget_of,
    exhausted,
    exhausted_for,
    exhausted_of_run,
    spent_of,
    spent_of_run,
)
from porch_tui.core.scheduling.holding import waits_for_person
from porch_tui.present.amounts import dollars, elapsed, tokens


def budget_reason(state: RunState, task: TaskId) -> str:
    """Return which budget keeps a task from running; empty if none does."""
    if own := exhausted(state, task):
        return f"its budget is used up: {used_text(own)}"
    if of_run := exhausted_for(state, state.specs[task]):
        return f"the run's budget is used up: {used_text(of_run)}"
    return ""


def shares_now(state: RunState, task: TaskId | None, samples: Mapping[TaskId, Sample]) -> Sequence[Share]:
    """Return how much of the budget of a task, or of the run, is used, also by attempts that run.

    `samples` are the last ones of live attempts.
    """
    live = {name: sample.agent for name, sample in samples.items() if sample.agent}
    now = max((sample.at for sample in samples.values()), default=state.changed_at)
    if task is None:
        return shares(budget_of(state, None), spent_of_run(state, live, now))
    return shares(budget_of(state, task), spent_of(state.tasks[task], live.get(task, NO_USAGE), now))


def needs_own_budget(state: RunState, task: TaskId) -> bool:
    """Say whether nothing happens to a task before a person raises its budget, or takes it out."""
    is_kept = state.tasks[task].status is TaskStatus.PENDING or waits_for_person(state, task)
    return is_kept and bool(exhausted(state, task))


def need_of_run(state: RunState) -> tuple[str, str] | None:
    """Return why the run needs a larger budget, and what to type; None if no task waits for that."""
    amounts = exhausted_of_run(state)
    if not amounts or not any(
        (one.status is TaskStatus.PENDING or waits_for_person(state, task))
        and exhausted_for(state, state.specs[task])
        for task, one in state.tasks.items()
    ):
        return None
    return f"the run's budget is used up: {used_text(amounts)}", advice(None, state.plan.budget, amounts)


def advice(task: TaskId | None, budget: Budget, amounts: Sequence[Share]) -> str:
    """Return what to type to give as much again of what is used up, and what otherwise."""
    again = " ".join(f"+{amount}" for amount in written(as_much_again(budget, amounts)))
    if task is None:
        return f"porch budget {again} raises it; porch stop --all stops the run"
    return f"porch budget {task} {again} raises it; porch stop {task} gives it up"


def as_much_again(budget: Budget, amounts: Sequence[Share]) -> Budget:
    """Return what the plan gives of the amounts that are used up."""
    return Budget(**{one.name: getattr(budget, one.name) for one in amounts})


def used_text(amounts: Sequence[Share]) -> str:
    """Return `2.1M of 2M tokens, $5.02 of $5.00`."""
    return listed([f"{_figure(one.name, one.spent)} of {_most(one.name, one.most)}" for one in amounts])


def budget_words(budget: Budget) -> str:
    """Return `2M tokens, $5.00, 2h`."""
    return ", ".join(_most(one.name, one.most) for one in shares(budget, Spent()))


def _figure(name: str, amount: float) -> str:
    match name:
        case "tokens":
            return tokens(round(amount))
        case "usd":
            return dollars(amount)
        case _:
            return elapsed(amount)


def _most(name: str, amount: float) -> str:
    match name:
        case "tokens":
            return f"{written(Budget(tokens=round(amount)))[0]} tokens"
        case "usd":
            return dollars(amount)
        case _:
            return written(Budget(wall_s=amount))[0]
