"""What a task made, validated by itself before its turn comes, by workers the train leaves idle.

A prefix of the train tells more, for it may land: so nothing here takes a worker
from one, and what was begun is dropped when one wants its place. Nobody is rejected
for failing by itself, since it may work upon what lands before it; it is merged last
(`order`), where it keeps nobody else from landing, and if it is rejected then, it is
known already that no partner is to blame (`guilt`).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from porch_tui.core.guilt import MissingProbe
from porch_tui.core.order import alone
from porch_tui.core.state import RunState
from porch_tui.core.train import Prefix, landable, train, trees_worth_validating
from porch_tui.core.verdicts import is_good


def steps(state: RunState) -> Iterator[MissingProbe | Prefix]:
    """Yield what idle workers could build or validate now, first in line first; at most one for each."""
    if not state.plan.has_validation or not is_good(state, state.tip_tree):
        return
    idle = state.validate_jobs - len(trees_worth_validating(state))
    if idle > 0:
        yield from islice(_untold(state), idle)


def _untold(state: RunState) -> Iterator[MissingProbe | Prefix]:
    """Yield a step for each entry on the train that is not about to land, and of which nobody knows.

    Nothing while the train lacks a candidate: what it will want next is not known yet.
    """
    line = train(state)
    if line.missing is not None:
        return
    told_anyway = set(line.trees)
    for entry in line.entries[len(landable(state)) :]:
        probe = alone(entry)
        if probe is None:
            yield MissingProbe(entry, None, None)
        elif probe.tree not in told_anyway and probe.tree not in state.verdicts:
            yield Prefix(probe.tree, probe.commit, (entry.task,))
