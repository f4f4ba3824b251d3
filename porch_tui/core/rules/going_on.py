"""Whether anything more happens in a run without a person, and whether `porch resume` would do anything.

Both are read off the state alone, so they are right after any prefix of a journal: also where an engine
died before it wrote down what was due.
"""

from __future__ import annotations

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.effects import is_at_rest
from porch_tui.core.rules.evolve import evolve
from porch_tui.core.rules.settle import settle

BOOKKEEPING = e.ValidationDropped | e.ValidateJobsChanged
"""What is due and changes nothing that anyone waits for."""


def has_ended(state: RunState) -> bool:
    """Say whether the run is closed, or nothing more happens in it without a person."""
    while state.closed_at is None and (due := settle(state)):
        for event in due:
            if not isinstance(event, BOOKKEEPING):
                return False
            state = evolve(state, e.Record(0, state.changed_at, "settle", event))
    return is_at_rest(state)


def would_go_on(state: RunState) -> bool:
    """Say whether an engine started by `porch resume`, which ends a pause, would have anything to do."""
    if state.closed_at is not None:
        return False
    return not has_ended(replace(state, is_paused=False) if state.is_paused else state)
