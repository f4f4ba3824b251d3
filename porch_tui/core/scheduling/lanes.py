"""Lanes: shared checks that take milliseconds run one after the other in one slot, under one supervisor.

A supervisor for each would cost many times what they do. How many are put into a lane at once depends on how
long those before them took: what takes long is alone, and nothing waits long behind another one. What has
not begun when its lane goes no further is returned, and scheduled again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import islice

from porch_tui.core.model import events as e
from porch_tui.core.model.budget import NONE
from porch_tui.core.model.derived import once
from porch_tui.core.model.place import HERE, PlaceName
from porch_tui.core.model.plan import Sha, TaskId, TaskSpec
from porch_tui.core.model.state import RunState
from porch_tui.core.scheduling.shared import is_set_up
from porch_tui.core.scheduling.startable import demand_of, startable

LANE_S = 0.2
"""What is put into a lane at once takes about this long."""
MOST = 64
"""And is no more than this."""
DECAY = 0.9
"""How much of a slow one is remembered after each that is faster."""
SHORTEST_S = 0.001


def lane_of(state: RunState, task: TaskId) -> str:
    """Return the lane of a live attempt; its task where it has its slot for itself."""
    attempt = state.tasks[task].attempt
    return (attempt and attempt.lane) or task


@once("tasks", "specs")
def _heads(state: RunState) -> Mapping[str, TaskId]:
    """Return the first live attempt of each lane, in plan order."""
    found: dict[str, TaskId] = {}
    for task in state.active:
        found.setdefault(lane_of(state, task), task)
    return found


def is_behind(state: RunState, task: TaskId) -> bool:
    """Say whether a live attempt waits for others of its lane, as far as is known."""
    return _heads(state).get(lane_of(state, task), task) != task


def paced(paces: Mapping[str, float], spec: TaskSpec, event: e.AttemptEvent) -> Mapping[str, float]:
    """Return how long shared checks take, by group, after an event of one of them."""
    if not spec.is_shared or not isinstance(event, e.AttemptSucceeded | e.AttemptFailed):
        return paces
    took_s = event.used.wall_s - event.used.paused_s
    if took_s <= 0:  # it has not run
        return paces
    return {**paces, spec.group: max(took_s, DECAY * paces.get(spec.group, 0.0))}


def behind(state: RunState, spec: TaskSpec, base: Sha, place: PlaceName = HERE) -> list[TaskId]:
    """Return the tasks to be scheduled behind one that starts now, in the same slot, first to start first."""
    pace_s = state.paces.get(spec.group)
    if (
        place
        or not _fits(spec)
        or pace_s is None
        or (state.plan.setup and not is_set_up(state, spec, base, place))
    ):
        return []
    turns = startable(state)[demand_of(state, spec)]
    fair = math.ceil(len(turns) / (2 * max(state.slots.count, 1)))  # so that all slots end at one time
    size = min(int(LANE_S / max(pace_s, SHORTEST_S)), MOST, fair)
    others = (state.specs[turn[-1]] for turn in turns if turn[-1] != spec.id)
    return [one.id for one in islice(_alike(state, spec, others), max(size - 1, 0))]


def _fits(spec: TaskSpec) -> bool:
    """Say whether nothing but a slot is needed, and nothing has to be seen to besides the command."""
    needs = spec.locks or spec.cpus or spec.memory_bytes or spec.agent or spec.wrap
    return spec.is_shared and not needs and spec.budget == NONE


def _alike(state: RunState, spec: TaskSpec, others: Iterator[TaskSpec]) -> Iterator[TaskSpec]:
    """Yield those that may share a lane with it: the rest of a group may have begun from another commit."""
    for one in others:
        is_first = not state.tasks[one.id].attempts and one.after == spec.after
        is_alike = is_first and state.tasks[one.id].added_at == state.tasks[spec.id].added_at
        if is_alike and one.priority == spec.priority and _fits(one):
            yield one
