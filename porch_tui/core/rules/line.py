"""A person's say in the order of the merge queue: who jumps it, who is held, and what is in the way of that.

Whatever a task comes `after` has landed before the task begins. So no two
entries in line depend on each other, and any order of them keeps the plan's.
"""

from __future__ import annotations

from typing import assert_never

from porch_tui.core.merge_queue.order import in_order
from porch_tui.core.merge_queue.train import landable
from porch_tui.core.model.commands import HoldEntry, MoveEntry, ReleaseEntry, Spot
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import QueueEntry, RunState
from porch_tui.core.model.status import ON_TRAIN, EntryStatus


def why_not(state: RunState, command: HoldEntry | ReleaseEntry | MoveEntry, entry: QueueEntry) -> str | None:
    """Return why an entry cannot be held, let go on or moved; None if it can."""
    is_held = entry.status is EntryStatus.HELD
    match command:
        case ReleaseEntry():
            return None if is_held else f"{entry.task} is not held: it is {entry.status} in the merge queue"
        case HoldEntry() if is_held:
            return f"{entry.task} is held already"
        case HoldEntry():
            return _why_not_in_line(state, entry)
        case MoveEntry():
            return _why_not_in_line(state, entry) or _why_not_moved(state, command, entry)
        case _:
            assert_never(command)


def _why_not_moved(state: RunState, command: MoveEntry, entry: QueueEntry) -> str | None:
    if command.to is Spot.BEFORE:
        if command.other == entry.task:
            return f"{entry.task} cannot go before itself"
        other = state.entries.get(command.other) if command.other else None
        if other is None or other.status not in ON_TRAIN:
            return f"{command.other} is not in line for {state.target.name}"
    order, before = _moved(state, command), [one.task for one in in_order(state)]
    if order == before:
        return f"{entry.task} stands there already"
    landing = landable(state)
    # an entry that is validated again beside the train may stand before what lands: it does not delay it
    if landing and _goes_before(landing[-1].task, entry.task, before, order):
        return f"{landing[-1].task} is landing this very moment, and {entry.task} cannot go before it"
    return None


def _goes_before(task: TaskId, moved: TaskId, before: list[TaskId], order: list[TaskId]) -> bool:
    """Say whether who stood behind a task stands before it now."""
    return before.index(moved) > before.index(task) and order.index(moved) < order.index(task)


def line_after(state: RunState, command: MoveEntry) -> tuple[TaskId, ...]:
    """Return the head of the line as a move leaves it: all as far as anybody was ever moved.

    Behind them the queue's own rules go on, so that an urgent late arrival is kept from no place
    that nobody asked for.
    """
    order = _moved(state, command)
    said = {entry.task for entry in in_order(state) if entry.rank is not None} | {command.task}
    return tuple(order[: 1 + max(order.index(task) for task in said)])


def _moved(state: RunState, command: MoveEntry) -> list[TaskId]:
    """Return the whole line, the entry where the command says."""
    rest = [entry.task for entry in in_order(state) if entry.task != command.task]
    match command.to:
        case Spot.FIRST:
            at = 0
        case Spot.LAST:
            at = len(rest)
        case Spot.BEFORE:
            at = rest.index(command.other) if command.other in rest else len(rest)
    return [*rest[:at], command.task, *rest[at:]]


def _why_not_in_line(state: RunState, entry: QueueEntry) -> str | None:
    if entry.status is EntryStatus.HELD:
        return f"{entry.task} is held; porch release {entry.task} puts it back into line"
    if entry.status not in ON_TRAIN:
        return f"{entry.task} is {entry.status} in the merge queue, so nothing is about to merge it"
    if entry.task in {one.task for one in landable(state)}:
        return f"{entry.task} is landing this very moment"
    return None
