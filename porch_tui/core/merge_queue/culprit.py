"""Which landing a rejected entry fails with: searched for once the queue has nothing else to do.

An entry is rejected on top of all that had landed by then. Whether it fails alone,
and if not on top of which landing it begins to, takes a few more validations of
states that are not on the train: probes. They are optional work: they begin
when nothing else is under way, and are dropped when something is.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from porch_tui.core.merge_queue.train import Prefix
from porch_tui.core.merge_queue.verdicts import CANNOT_TELL, wants_verdict
from porch_tui.core.model.events import CulpritFound
from porch_tui.core.model.index import index
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.state import QueueEntry, RunState, Verdict, entries_in
from porch_tui.core.model.status import ACTIVE, EntryStatus


class MissingProbe(Struct, frozen=True):
    """A state that has to be built before the search for the culprit can continue."""

    entry: QueueEntry
    on_top_of: TaskId | None
    """The last task landed below it; None: the head as it is."""
    onto: Sha | None


Step = MissingProbe | Prefix | CulpritFound
"""What comes next in the search for one culprit: build a state, validate it, or report."""


def steps(state: RunState) -> Iterator[Step]:
    """Yield the next step for each entry in question; nothing while anything else is under way."""
    if index(state).has_any(ACTIVE) or index(state).line or state.is_paused:
        return
    for entry in entries_in(state, EntryStatus.REJECTED):
        if is_in_question(state, entry):
            yield _step(state, entry)


def is_in_question(state: RunState, entry: QueueEntry) -> bool:
    """Say whether the culprit of a rejected entry is not known yet and can be found."""
    if entry.status is not EntryStatus.REJECTED or entry.is_culprit_known or not entry.partners:
        return False
    if not set(entry.partners) <= set(state.target.landed):
        return False  # one of them was undone: there is nothing left to try it on
    verdict = state.validations.verdicts.get(entry.tree) if entry.tree else None
    base = state.validations.verdicts.get(state.target.base_tree)
    has_base_passed = base is not None and base.has_passed
    return has_base_passed and verdict is not None and verdict.exit_code not in CANNOT_TELL


def unknown(state: RunState, task: TaskId) -> CulpritFound:
    """Return what is reported when the search was stopped: what the rejection said."""
    entry = state.entries[task]
    probe = entry.probe(None)
    alone = state.validations.verdicts.get(probe.tree) if probe else None
    return CulpritFound(task, alone.has_passed if alone else None, entry.partners, entry.reason)


def _step(state: RunState, entry: QueueEntry) -> Step:
    """Try the head alone first, then bisect what had landed: it fails on top of all of it."""
    alone = _judged(state, entry, None)
    if not isinstance(alone, Verdict):
        return alone
    why = state.validations.verdicts[entry.tree].text if entry.tree else ""
    if not alone.has_passed:
        if alone.exit_code in CANNOT_TELL:
            return CulpritFound(entry.task, None, entry.partners, entry.reason)
        return CulpritFound(entry.task, False, (), f"fails alone: {alone.text}")
    passing, failing = 0, len(entry.partners)
    if state.entries[entry.partners[-1]].landed != entry.onto:
        last = _judged(state, entry, entry.partners[-1])
        if not isinstance(last, Verdict):
            return last
        if last.has_passed:
            others = f"what others put on {state.target.name}"
            return CulpritFound(entry.task, True, (), f"passes alone, fails on top of {others}: {why}")
    while failing - passing > 1:
        middle = (passing + failing) // 2
        found = _judged(state, entry, entry.partners[middle - 1])
        if not isinstance(found, Verdict):
            return found
        if not found.has_passed and found.exit_code in CANNOT_TELL:
            break
        passing, failing = (middle, failing) if found.has_passed else (passing, middle)
    partners = entry.partners[passing:failing]
    return CulpritFound(
        entry.task, True, partners, f"passes alone, fails on top of {', '.join(partners)}: {why}"
    )


def _judged(state: RunState, entry: QueueEntry, on_top_of: TaskId | None) -> Verdict | MissingProbe | Prefix:
    """Return the verdict on the head on top of a landing, or the step that leads to it."""
    probe = entry.probe(on_top_of)
    if probe is None:
        return MissingProbe(entry, on_top_of, state.entries[on_top_of].landed if on_top_of else None)
    if wants_verdict(state, probe.tree):
        return Prefix(probe.tree, probe.commit, (on_top_of, entry.task) if on_top_of else (entry.task,))
    return state.validations.verdicts[probe.tree]
