"""A task's work validated alone before its turn comes, by workers that the train leaves idle.

Validating a prefix of the train is worth more, for it may land: so nothing here takes
a worker from one, and what was begun is dropped when one needs its place. An entry is
not rejected for failing alone, since it may work on top of what lands before it. It is
merged last (`order`), where it keeps no other from landing; if it is rejected then, it
is already known that no other landing is to blame (`culprit`).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from porch_tui.core.merge_queue.culprit import MissingProbe
from porch_tui.core.merge_queue.train import Prefix, landable, train, trees_worth_validating
from porch_tui.core.merge_queue.verdicts import is_good
from porch_tui.core.merge_queue.width import width
from porch_tui.core.model.derived import once
from porch_tui.core.model.plan import Sha
from porch_tui.core.model.state import RunState, Validation
from porch_tui.core.model.status import EntryStatus


def steps(state: RunState) -> Iterator[MissingProbe | Prefix]:
    """Yield what idle workers could build or validate now, in the order of the queue; one for each worker."""
    if not state.plan.has_validation or not is_good(state, state.target.tip_tree):
        return
    idle = _idle(state) - len(under_way(state))
    if idle > 0:
        yield from islice(_unknown(state), idle)


@once()
def under_way(state: RunState) -> frozenset[Sha]:
    """Return the trees whose early validation may go on: those begun first, for as many workers as idle."""
    early = [flight for flight in state.validations.in_flight.values() if _is_early(state, flight)]
    longest_first = sorted(early, key=lambda flight: flight.scheduled_at)
    return frozenset(flight.tree for flight in longest_first[: max(0, _idle(state))])


def _idle(state: RunState) -> int:
    """Return how many workers have nothing to do for the train."""
    needed = {tree for tree, flight in state.validations.in_flight.items() if not _is_early(state, flight)}
    return width(state) - len(needed | trees_worth_validating(state))


def _is_early(state: RunState, flight: Validation) -> bool:
    entry = state.entries.get(flight.tasks[-1]) if flight.is_probe else None
    return entry is not None and entry.status is EntryStatus.READY and entry.head == flight.commit


def _unknown(state: RunState) -> Iterator[MissingProbe | Prefix]:
    """Yield a step for each entry on the train that is not about to land and has no verdict yet.

    Nothing while the train lacks a candidate: what it will need next is not known yet.
    """
    chain = train(state)
    if chain.missing is not None:
        return
    known_anyway = set(chain.trees)
    for entry in chain.entries[len(landable(state)) :]:
        probe = entry.probe(None)
        if probe is None:
            yield MissingProbe(entry, None, None)
        elif (
            probe.tree
            not in known_anyway | state.validations.verdicts.keys() | state.validations.in_flight.keys()
        ):
            yield Prefix(probe.tree, probe.commit, (entry.task,))
