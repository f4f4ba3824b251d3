"""Pauses attempts whose agent's account must wait, or whose budget is used up, and lets them go on after it.

A frozen attempt loses nothing and uses nothing more. Meanwhile its slot is free for others; to continue it
needs one again. What a person has paused stays paused, and what they have resumed before an account may be
used again continues.
"""

from __future__ import annotations

from collections.abc import Iterable

from porch_tui.core.model import events as e
from porch_tui.core.model.budget import NONE
from porch_tui.core.model.derived import once
from porch_tui.core.model.events import PauseCause
from porch_tui.core.model.index import index
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import Attempt, RunState, numbers
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.scheduling.budgets import exhausted, exhausted_for
from porch_tui.core.scheduling.placing import has_slot_at
from porch_tui.core.scheduling.taken import taken

REASONS = {
    PauseCause.AGENT: "its agent's account must wait",
    PauseCause.BUDGET: "its budget is used up",
}
OVER = {
    PauseCause.AGENT: "its agent's account may be used again",
    PauseCause.BUDGET: "its budget was raised",
}


def hold_or_continue(state: RunState) -> list[e.AnyEvent]:
    """Return the pauses that are due now, or the one attempt that may continue."""
    next_one: Attempt | None = None
    due: list[e.AnyEvent] = []
    held = taken(state)
    for task in _may_be_held(state):
        attempt, status = state.tasks[task].attempt, state.tasks[task].status
        if attempt is None:
            continue
        cause = why_held(state, task, attempt)
        is_held = status is TaskStatus.PAUSED and attempt.pause_cause in REASONS
        if cause is not None and (
            status in (TaskStatus.STARTING, TaskStatus.RUNNING)
            or (is_held and attempt.pause_cause is not cause)
        ):
            due.append(e.AttemptPaused(attempt.id, REASONS[cause], cause))
        elif cause is None and is_held and next_one is None and has_slot_at(state, held, attempt.place):
            next_one = attempt
    if due or next_one is None or next_one.pause_cause is None:
        return due
    return [e.AttemptResumed(next_one.id, OVER[next_one.pause_cause])]


def _may_be_held(state: RunState) -> Iterable[TaskId]:
    """Return the tasks, in plan order, of which an attempt may have to be paused, or may continue."""
    if _has_budgets(state) or any(not limit.is_over for limit in state.agent_limits.values()):
        return state.active
    number = numbers(state)
    return sorted(index(state).of_task(TaskStatus.PAUSED), key=lambda task: number[task])


@once("plan")
def _has_budgets(state: RunState) -> bool:
    return state.plan.budget != NONE or any(spec.budget != NONE for spec in state.plan.tasks)


def why_held(state: RunState, task: TaskId, attempt: Attempt) -> PauseCause | None:
    """Return why a live attempt is to be paused, whether or not it is; None: it may run."""
    spec = state.specs[task]
    if exhausted(state, task) or exhausted_for(state, spec):
        return PauseCause.BUDGET
    if spec.agent and state.limit_of(spec.agent) and not attempt.is_exempt:
        return PauseCause.AGENT
    return None


def waits_for_person(state: RunState, task: TaskId) -> bool:
    """Say whether a live attempt is paused until a person raises a budget."""
    attempt = state.tasks[task].attempt
    return (
        attempt is not None
        and state.tasks[task].status is TaskStatus.PAUSED
        and attempt.pause_cause is PauseCause.BUDGET
        and why_held(state, task, attempt) is PauseCause.BUDGET
    )
