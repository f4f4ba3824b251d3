"""In which order entries are merged: read off the state, stored nowhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from heapq import merge
from math import inf

from porch_tui.core.merge_queue.verdicts import CANNOT_TELL, is_bad, is_good
from porch_tui.core.model.derived import once
from porch_tui.core.model.index import index
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import Probe, QueueEntry, RunState
from porch_tui.core.model.status import ON_TRAIN, EntryStatus

LOOKED_AT = ("entries", "validations", "predictions", "specs", "plan", "target")
"""The fields of a state that the order of its queue depends on."""


@once(*LOOKED_AT)
def in_order(state: RunState) -> tuple[QueueEntry, ...]:
    """Return the entries on their way, in the order they are merged.

    Whom a person has put at the head goes first, in that order. Of the others,
    who is known to fail by itself goes last. Else higher priority goes first,
    then, if the plan asks for it, who will conflict with the fewest others on
    their way, then who came first; but what a validation in flight or a passed
    one covers keeps its place, so that a late arrival never disturbs it.
    """
    return tuple(line(state))


def line(state: RunState) -> Iterator[QueueEntry]:
    """Yield the entries of `in_order` one by one: who looks at the first few does not sort them all."""
    exceptions, standing = _exceptions(state)
    # of all others is said by their place in the index what `_rank` would say
    rest = (
        ((inf, standing, False, priority, 0, place), task)
        for priority, place, task in index(state).line
        if task not in exceptions
    )
    for _, task in merge(((rank, task) for task, rank in exceptions.items()), rest):
        yield state.entries[task]


Rank = tuple[float, int, bool, int, int, int]


@once(*LOOKED_AT)
def _exceptions(state: RunState) -> tuple[dict[TaskId, Rank], int]:
    """Return the ranks of those in line who may not go by priority and arrival alone, and how many stand."""
    standing = {task: number for number, task in enumerate(_standing(state))}
    conflicts = _conflicts(state)

    def rank(entry: QueueEntry) -> Rank:
        put = inf if entry.rank is None else entry.rank
        place, is_last = standing.get(entry.task, len(standing)), fails_alone(state, entry)
        return put, place, is_last, -state.specs[entry.task].priority, conflicts[entry.task], entry.place

    named = (state.entries.get(task) for task in {*standing, *conflicts, *index(state).marked})
    ranks = [(rank(entry), entry.task) for entry in named if entry is not None and entry.status in ON_TRAIN]
    return {task: one for one, task in sorted(ranks)}, len(standing)


def fails_alone(state: RunState, entry: QueueEntry) -> bool:
    """Say whether what the task made is known to fail by itself, upon what it was begun from."""
    probe = alone(entry)
    if probe is None or not is_bad(state, probe.tree):
        return False
    return state.validations.verdicts[probe.tree].exit_code not in CANNOT_TELL


def alone(entry: QueueEntry) -> Probe | None:
    """Return the entry's head as a state of its own; None if nobody has asked for it."""
    return next((probe for probe in entry.probes if probe.on_top_of is None), None)


def _conflicts(state: RunState) -> Counter[TaskId]:
    """Count with how many others on their way each entry will conflict, as far as anybody has said."""

    def is_in_line(task: TaskId) -> bool:
        entry = state.entries.get(task)
        return entry is not None and entry.status in ON_TRAIN

    return Counter(task for pair in state.predictions.pairs if all(map(is_in_line, pair)) for task in pair)


def _standing(state: RunState) -> Iterable[TaskId]:
    """Return the tasks of every chain of candidates that must not be disturbed, in the order they stand."""
    ready = sorted(
        (state.entries[task] for task in index(state).of_entry(EntryStatus.READY)),
        key=lambda entry: (len(entry.on_top_of), entry.place),
    )
    chains = [
        (*entry.on_top_of, entry.task)
        for entry in ready
        if entry.tree is not None
        and (entry.tree in state.validations.in_flight or is_good(state, entry.tree))
    ]
    # Whatever has not landed stands in each chain it is ahead of: the shorter one names it first.
    longest, known = chains[-1] if chains else (), 0
    standing: dict[TaskId, None] = {}
    for chain in chains:
        if chain == longest[: len(chain)]:  # mostly each goes on where the one before it ends
            standing.update(dict.fromkeys(chain[known:]))
            known = len(chain)
        else:
            standing.update(dict.fromkeys(chain))
    return standing
