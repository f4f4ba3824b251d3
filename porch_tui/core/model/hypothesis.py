"""How far a hypothesis has come: its judgements, and what was decided by them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from porch_tui.core.model.derived import once
from porch_tui.core.model.events import Evidence, Used
from porch_tui.core.model.plan import HypothesisName, Kind, Sha, TaskId

if TYPE_CHECKING:
    from porch_tui.core.model.state import RunState


class Judgement(Struct, frozen=True):
    """One run of a judge, under way or over."""

    number: int
    """From 1, in the hypothesis."""
    theory: TaskId | None
    """None: the base was judged."""
    head: Sha
    """The commit that was judged."""
    scheduled_at: float
    ended_at: float | None = None
    """None: it is under way."""
    value: float | None = None
    """What it printed; None: nothing is measured, or there is no number."""
    why: str = ""
    """Why there is no number, or why it does not pass."""
    used: Used = Used()


class HypothesisState(Struct, frozen=True):
    """What is known of a hypothesis."""

    judgements: tuple[Judgement, ...] = ()
    """Without those that were dropped."""
    begun: int = 0
    """How many judgements were ever begun."""
    decided_at: float | None = None
    winner: TaskId | None = None
    """None: it is open, or a person has decided that no theory wins."""
    why: str = ""
    by: str = ""
    """The person who decided it; empty: its judge has."""
    evidence: Mapping[TaskId, Evidence] | None = None
    """What its theories left, by theory; None: it was not kept yet, or not since the last judgement."""

    @property
    def in_flight(self) -> tuple[Judgement, ...]:
        """The judgements under way."""
        return tuple(one for one in self.judgements if one.ended_at is None)


@once("specs")
def theories(state: RunState) -> Mapping[HypothesisName, tuple[TaskId, ...]]:
    """Return the theories of each hypothesis, in plan order."""
    found: dict[HypothesisName, list[TaskId]] = {one.name: [] for one in state.plan.hypotheses}
    for spec in state.specs.values():
        if spec.of is not None:
            found[spec.of].append(spec.id)
    return {name: tuple(tasks) for name, tasks in found.items()}


def rivals(state: RunState, task: TaskId) -> tuple[TaskId, ...]:
    """Return the theories of the task's hypothesis, itself among them; of another task itself."""
    of = state.specs[task].of
    return (task,) if of is None else theories(state)[of]


def is_lost(state: RunState, task: TaskId) -> bool:
    """Say whether the task is a theory of a hypothesis that was decided for another one, or for none."""
    of = state.specs[task].of
    return of is not None and state.hypotheses[of].decided_at is not None and not has_won(state, task)


def has_won(state: RunState, task: TaskId) -> bool:
    """Say whether the task is the theory for which its hypothesis was decided."""
    of = state.specs[task].of
    return of is not None and state.hypotheses[of].winner == task


def is_to_land(state: RunState, task: TaskId) -> bool:
    """Say whether what the task leaves is to be merged, as far as that is decided."""
    spec = state.specs[task]
    if spec.kind is not Kind.HYPOTHESIS:
        return spec.kind is Kind.CHANGE
    lands = any(one.lands for one in state.plan.hypotheses if one.name == spec.of)
    return lands and has_won(state, task)
