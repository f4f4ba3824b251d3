"""Whether a run has ended: nothing more happens without a person, and `porch resume` would do nothing.

Read off the state alone, so it is right after any prefix of a journal, also where an engine died before it
wrote down what was due.
"""

from __future__ import annotations

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.derived import once
from porch_tui.core.model.index import index
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import ACTIVE, TaskStatus
from porch_tui.core.rules.effects import AwaitCheckout, FreezeAttempt, RunAttempt, wanted
from porch_tui.core.rules.evolve import evolve
from porch_tui.core.rules.settle import settle, unbegun
from porch_tui.core.scheduling.holding import waits_for_person
from porch_tui.core.scheduling.judging import due_judgements
from porch_tui.core.scheduling.readiness import only_passing_waits
from porch_tui.core.scheduling.startable import firsts

BOOKKEEPING = e.ValidationDropped | e.ValidateJobsChanged | e.JudgementDropped
"""What is due but changes no outcome."""

_AT_WORK = ACTIVE - {TaskStatus.PAUSED}
"""An attempt that goes on without a person."""


@once()
def is_at_rest(state: RunState) -> bool:
    """Say whether nothing more happens without a person, or without the person's files changing.

    A pause is no end, nor is a full disk or an account at its limit: the engine waits until the run is
    resumed, until there is room, until the account may be used again, or until a place that can run what is
    left can be reached. An attempt that is paused until a
    person raises a budget waits for them like any other task that needs them.
    """
    paused = index(state).of_task(TaskStatus.PAUSED)
    waiting = {task for task in paused if waits_for_person(state, task)}
    if len(waiting) < len(paused) or index(state).has_any(_AT_WORK):
        return False
    is_limited = any(not limit.is_over for limit in state.agent_limits.values())
    may_pass = state.is_paused or state.machine.disk_short or is_limited or state.plan.places
    if state.closed_at is None and may_pass:
        is_task_blocked = any(only_passing_waits(state, spec) for spec in firsts(state))
        is_judge_due = next(due_judgements(state), None) is not None
        if is_task_blocked or is_judge_due or next(unbegun(state), None) is not None:
            return False
    return all(
        isinstance(effect, AwaitCheckout)
        or (isinstance(effect, RunAttempt | FreezeAttempt) and effect.attempt.task in waiting)
        for effect in wanted(state)
    )


def has_ended(state: RunState) -> bool:
    """Say whether the run is closed, or nothing more happens in it without a person."""
    while state.closed_at is None and (due := settle(state)):
        for event in due:
            if not isinstance(event, BOOKKEEPING):
                return False
            state = evolve(state, e.Record(0, state.changed_at, "settle", event))
    return is_at_rest(state)


def would_continue(state: RunState) -> bool:
    """Say whether an engine started by `porch resume`, which ends a pause, would have anything to do."""
    if state.closed_at is not None:
        return False
    return not has_ended(replace(state, is_paused=False) if state.is_paused else state)
