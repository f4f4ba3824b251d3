"""Which of the ready tasks starts next, from which commit, where and in which slot."""

from __future__ import annotations

from collections.abc import Sequence

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import LaneName, Sha, TaskId, TaskSpec
from porch_tui.core.model.state import RunState
from porch_tui.core.scheduling.judging import measured_now
from porch_tui.core.scheduling.lanes import behind
from porch_tui.core.scheduling.placing import has_slot, keeps_worktree, place_for
from porch_tui.core.scheduling.progress import base_of
from porch_tui.core.scheduling.readiness import in_the_way_of, is_ready
from porch_tui.core.scheduling.shared import first_base
from porch_tui.core.scheduling.startable import Turn, startable
from porch_tui.core.scheduling.taken import taken


def schedule_an_attempt(state: RunState) -> list[e.AnyEvent]:
    """Return the start of the one task that goes next, with those behind it; nothing if none may start."""
    held = taken(state)
    if state.is_paused or measured_now(state) is not None or not has_slot(state, held):
        return []  # as `is_ready` would say of each task, one by one
    turns = startable(state).values()
    ready = (group for group in turns if is_ready(state, state.specs[group[0][-1]], held))
    goes_next = min((_first(state, group) for group in ready), default=None)
    if goes_next is None:
        return []
    spec = state.specs[goes_next[-1]]
    task = state.tasks[spec.id]
    attempt = e.AttemptId(spec.id, len(task.attempts) + 1)
    place = place_for(state, spec, held)
    assert place is not None  # it is ready
    slot, is_kept, base = held.at(place).free_number, keeps_worktree(state, spec.id), base_for(state, spec)
    others = [] if task.attempts else [e.AttemptId(one, 1) for one in behind(state, spec, base, place)]
    lane = LaneName(str(attempt) if others else "")
    first = e.AttemptScheduled(attempt, base, slot, is_kept, place, lane)
    return [first, *(e.AttemptScheduled(one, base, slot, place=place, lane=lane) for one in others)]


def _first(state: RunState, turns: Sequence[Turn]) -> tuple[int, int, float, int, TaskId]:
    """Return which of these starts first: one that will write where others are at work can wait."""
    best: tuple[int, int, float, int, TaskId] | None = None
    for priority, urgency, number, task in turns:
        others = len(in_the_way_of(state, task))
        if best is None or (priority, others, urgency, number, task) < best:
            best = priority, others, urgency, number, task
        if not best[1] or priority > best[0]:
            break  # the rest cannot be better
    assert best is not None  # a group is never empty
    return best


def base_for(state: RunState, spec: TaskSpec) -> Sha:
    """Return the commit the task's next attempt starts from.

    All first attempts share the base pinned at the start. What comes after
    another task, hard or soft, is tried again, was seen to write what has
    landed meanwhile, or was added, starts from the tip: it is there to build on that. Checks that share a
    worktree all start where the first of them did, and so do theories of one hypothesis, whatever lands
    meanwhile: they are compared. What takes a landing back starts there, where nothing is in its way, and an
    attempt that keeps its worktree keeps its base.
    """
    if spec.reverts is not None:
        return spec.reverts
    task = state.tasks[spec.id]
    last = task.attempt
    if spec.is_shared and last is None and (first := first_base(state, spec)):
        return first
    if last is not None and keeps_worktree(state, spec.id):
        return last.base
    if spec.of is not None and state.hypotheses[spec.of].decided_at is None:
        shared = base_of(state, spec.of)
        if shared is not None:
            return shared
    is_again = bool(task.attempts)
    has_met = not state.predictions.met.get(spec.id, frozenset()).isdisjoint(state.target.landed)
    comes_later = spec.comes_later or spec.id in state.soft_orders
    is_later = comes_later or has_met or task.added_at is not None
    return state.target.tip if is_again or is_later else state.target.base
