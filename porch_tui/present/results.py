"""How much of a run came to what it was for: changes that landed, checks that passed."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct

from porch_tui.core.model.plan import Kind
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


def results(state: RunState) -> Results:
    """Count the tasks of a run by what was to become of them, and what did."""
    ends = Counter((state.specs[task].kind, outcome(state, task)) for task in state.tasks)
    kinds = Counter(state.specs[task].kind for task in state.tasks)
    return Results(
        changes=kinds[Kind.CHANGE],
        landed=ends[Kind.CHANGE, Outcome.LANDED],
        idle=ends[Kind.CHANGE, Outcome.NOTHING_TO_LAND],
        checks=kinds[Kind.CHECK],
        passed=ends[Kind.CHECK, Outcome.NOTHING_TO_LAND],
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
