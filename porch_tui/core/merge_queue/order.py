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
from porch_tui.core.model.state import QueueEntry, RunState
from porch_tui.core.model.status import ON_TRAIN, EntryStatus

LOOKED_AT = ("entries", "validations", "predictions", "specs", "plan", "target", "places")
"""The fields of a state that the order of its queue depends on."""


@once(*LOOKED_AT)
def in_order(state: RunState) -> tuple[QueueEntry, ...]:
    """Return the entries on their way, in the order they are merged.

    Those a person has put at the head go first, in that order. Of the others,
    those known to fail alone go last. Else higher priority goes first, then, if
    the plan asks for it, those that will conflict with the fewest others, then the
    order of arrival; but what a validation in flight or a passed one covers keeps
    its place, so that a late arrival never disturbs it.
    """
    return tuple(line(state))


def line(state: RunState) -> Iterator[QueueEntry]:
    """Yield the entries of `in_order` one by one: looking at the first few does not sort them all."""
    exceptions, undisturbed = _exceptions(state)
    # all others are ranked by their place in the index
    rest = (
        ((inf, undisturbed, False, priority, 0, place), task)
        for priority, place, task in index(state).line
        if task not in exceptions
    )
    for _, task in merge(((rank, task) for task, rank in exceptions.items()), rest):
        yield state.entries[task]


Rank = tuple[float, int, bool, int, int, int]


@once(*LOOKED_AT)
def _exceptions(state: RunState) -> tuple[dict[TaskId, Rank], int]:
    """Return the ranks of entries not ordered by priority and arrival alone, and how many are undisturbed."""
    undisturbed = {task: number for number, task in enumerate(_undisturbed(state))}
    waiting = {task for _, _, task in index(state).line} if state.predictions.pairs else set()
    conflicts = Counter(task for pair in state.predictions.pairs if waiting.issuperset(pair) for task in pair)

    def rank(entry: QueueEntry) -> Rank:
        put = inf if entry.rank is None else entry.rank
        place, is_last = undisturbed.get(entry.task, len(undisturbed)), fails_alone(state, entry)
        return put, place, is_last, -state.specs[entry.task].priority, conflicts[entry.task], entry.place

    named = (state.entries.get(task) for task in {*undisturbed, *conflicts, *index(state).marked})
    ranks = [(rank(entry), entry.task) for entry in named if entry is not None and entry.status in ON_TRAIN]
    return {task: one for one, task in sorted(ranks)}, len(undisturbed)


def fails_alone(state: RunState, entry: QueueEntry) -> bool:
    """Say whether the task's work is known to fail on top of its own base, without the others."""
    probe = entry.probe(None)
    if probe is None or not is_bad(state, probe.tree):
        return False
    return state.validations.verdicts[probe.tree].exit_code not in CANNOT_TELL


def _undisturbed(state: RunState) -> Iterable[TaskId]:
    """Return the tasks of every chain of candidates that must not be disturbed, in their order."""
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
    # What has not landed is in each chain that it is ahead of: the shorter one names it first.
    longest, known = chains[-1] if chains else (), 0
    undisturbed: dict[TaskId, None] = {}
    for chain in chains:
        if chain == longest[: len(chain)]:  # mostly each continues the previous one
            undisturbed.update(dict.fromkeys(chain[known:]))
            known = len(chain)
        else:
            undisturbed.update(dict.fromkeys(chain))
    return undisturbed
