"""How much of a run came to what it was for: changes that landed, checks that passed."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from porch_tui.core.model.plan import Kind, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.wording import counted
from porch_tui.present.outcome import Outcome, outcome


class Results(Struct, frozen=True):
    """The tasks of a run, counted by what was to become of them."""

    changes: int
    """Tasks whose work is to land."""
    landed: int
    idle: int
    """Changes that had nothing to land."""
    checks: int
    passed: int
    """Checks that ended well."""


def results(state: RunState, outcomes: Mapping[TaskId, Outcome | None] | None = None) -> Results:
    """Count the tasks of a run by what was to become of them, and what did.

    `outcomes` are those of the tasks, if they have been derived already.
    """
    kinds = {task: state.specs[task].kind for task in state.tasks}
    outcomes = outcomes or {task: outcome(state, task) for task in state.tasks}
    idle = [kinds[task] for task, how in outcomes.items() if how is Outcome.NOTHING_TO_LAND]
    return Results(
        changes=sum(kind is Kind.CHANGE for kind in kinds.values()),
        landed=sum(how is Outcome.LANDED for how in outcomes.values()),
        idle=sum(kind is Kind.CHANGE for kind in idle),
        checks=sum(kind is Kind.CHECK for kind in kinds.values()),
        passed=sum(kind is Kind.CHECK for kind in idle),
    )


def in_words(counts: Results, target: str = "") -> str:
    """Return `2 of 3 tasks landed, 1 of 1 check passed`; kinds the run has no task of are left out.

    `target` names the branch they landed on.
    """
    checks = f"{counts.passed} of {counted(counts.checks, 'check')} passed"
    if counts.checks and not counts.changes:
        return checks
    where = f" on {target}" if target else ""
    landed = f"{counts.landed} of {counted(counts.changes, 'task')} landed{where}"
    return f"{landed}, {checks}" if counts.checks else landed
