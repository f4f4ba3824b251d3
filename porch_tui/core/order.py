"""In which order entries are merged: read off the state, stored nowhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import inf

from porch_tui.core.plan import TaskId
from porch_tui.core.state import Probe, QueueEntry, RunState
from porch_tui.core.status import ON_TRAIN, EntryStatus
from porch_tui.core.verdicts import CANNOT_TELL, is_bad, is_good


def in_order(state: RunState) -> tuple[QueueEntry, ...]:
    """Return the entries on their way, in the order they are merged.

    Whom a person has put at the head goes first, in that order. Of the others,
    who is known to fail by itself goes last. Else higher priority goes first,
    then, if the plan asks for it, who will conflict with the fewest others on
    their way, then who came first; but what a validation in flight or a passed
    one covers keeps its place, so that a late arrival never disturbs it.
    """
    waiting = [entry for entry in state.entries.values() if entry.status in ON_TRAIN]
    standing = {task: number for number, task in enumerate(_standing(state, waiting))}
    conflicts = _conflicts(state, waiting)

    def rank(entry: QueueEntry) -> tuple[float, int, bool, int, int, int]:
        put = inf if entry.rank is None else entry.rank
        place, is_last = standing.get(entry.task, len(standing)), fails_alone(state, entry)
        return put, place, is_last, -state.specs[entry.task].priority, conflicts[entry.task], entry.place

    return tuple(sorted(waiting, key=rank))


def fails_alone(state: RunState, entry: QueueEntry) -> bool:
    """Say whether what the task made is known to fail by itself, upon what it was begun from."""
    probe = alone(entry)
    if probe is None or not is_bad(state, probe.tree):
        return False
    return state.verdicts[probe.tree].exit_code not in CANNOT_TELL


def alone(entry: QueueEntry) -> Probe | None:
    """Return the entry's head as a state of its own; None if nobody has asked for it."""
    return next((probe for probe in entry.probes if probe.upon is None), None)


def _conflicts(state: RunState, waiting: Iterable[QueueEntry]) -> Counter[TaskId]:
    """Count with how many others on their way each entry will conflict, as far as anybody has said."""
    if not state.predicted:
        return Counter()
    names = {entry.task for entry in waiting}
    return Counter(task for pair in state.predicted if names.issuperset(pair) for task in pair)


def _standing(state: RunState, waiting: Iterable[QueueEntry]) -> tuple[TaskId, ...]:
    """Return the tasks of every chain of candidates that must not be disturbed, in the order they stand."""
    chains = [
        (*entry.upon, entry.task)
        for entry in waiting
        if entry.status is EntryStatus.READY
        and entry.tree is not None
        and (entry.tree in state.validations or is_good(state, entry.tree))
    ]
    # Whatever has not landed stands in each chain it is ahead of: the shorter one names it first.
    return tuple(dict.fromkeys(task for chain in sorted(chains, key=len) for task in chain))
