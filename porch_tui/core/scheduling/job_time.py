"""Whether a place that ends, such as a job of a batch system, goes on for long enough for a task.

A task needs its `timeout`, if that is not just the usual one, else what it is expected to take. That may be
wrong: a task for which no job seems to be long enough begins in any.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from porch_tui.core.model.derived import once
from porch_tui.core.model.place import PlaceName, Resources, Scheme
from porch_tui.core.model.plan import TIMEOUT_S, TaskId, TaskSpec
from porch_tui.core.model.state import RunState
from porch_tui.core.tasks.graph import costs

END_S = 30.0
"""What a task needs besides: its worktree is made, and what it has done is brought home."""
BEGIN_S = 30.0
"""Until a place can be asked for anything, so much of its time may have passed."""
STEP = 1.1
"""What tasks are expected to take is rounded up to a power of it, so that many of them need the same."""


def needed_s(state: RunState, spec: TaskSpec) -> float:
    """Return how many seconds a job must have left for a task to begin in it; 0 in a run without jobs."""
    if not _has_jobs(state):
        return 0.0
    if has_timeout(spec):
        return (spec.timeout_s or 0.0) + END_S
    return STEP ** math.ceil(math.log(max(_expected(state)[spec.id], 1.0), STEP)) + END_S


def has_timeout(spec: TaskSpec) -> bool:
    """Say whether a task has a timeout, and not just the usual one."""
    return spec.timeout_s is not None and spec.timeout_s != TIMEOUT_S


def has_time(state: RunState, spec: TaskSpec, place: PlaceName) -> bool:
    """Say whether a place goes on for as long as a task needs, from the last event on."""
    known = state.places.get(place)
    has = known.resources if known is not None else None
    if has is None or has.ends_at is None:
        return True
    need_s = needed_s(state, spec)
    return state.changed_at + need_s <= has.ends_at or (is_too_short(has, need_s) and not has_timeout(spec))


def is_too_short(has: Resources, need_s: float) -> bool:
    """Say whether a place would not go on for long enough even if it had only just begun."""
    return has.lasts_s is not None and need_s > has.lasts_s - BEGIN_S


def is_never_long_enough(state: RunState, spec: TaskSpec, entry: PlaceName) -> bool:
    """Say whether no job of a batch system will be long enough for the timeout of a task."""
    longest = _longest(state).get(entry)
    return has_timeout(spec) and longest is not None and is_too_short(longest, needed_s(state, spec))


@once("plan")
def _has_jobs(state: RunState) -> bool:
    return any(spec.is_cluster for spec in state.plan.places)


@once("plan", "urgency")
def _expected(state: RunState) -> Mapping[TaskId, float]:
    return costs(state.plan, state.urgency)


@once("plan", "places")
def _longest(state: RunState) -> Mapping[PlaceName, Resources]:
    """Return by batch system what its longest job has, the earlier ones among them."""
    systems = {spec.name for spec in state.plan.places if spec.scheme is Scheme.BATCH}
    found: dict[PlaceName, Resources] = {}
    for known in state.places.values():
        has, longest = known.resources, found.get(known.member_of)
        if known.member_of not in systems or has is None or has.lasts_s is None:
            continue
        if longest is None or (longest.lasts_s or 0.0) < has.lasts_s:
            found[known.member_of] = has
    return found
