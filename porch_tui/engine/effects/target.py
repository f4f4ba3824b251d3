"""What happened to the target branch while no engine watched it, as events of the run.

Reads commits and their trailers; moves nothing.
"""

from __future__ import annotations

from porch_tui.core.merge_queue.order import in_order
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Sha
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import EntryStatus
from porch_tui.engine.effects.tools import Tools
from porch_tui.git.landing.recovery import moved
from porch_tui.git.objects import tree_of
from porch_tui.git.repository import Repository

FIELDS = "%H%x1f%T%x1f%P%x1f%(trailers:key=Porch-Run,valueonly)%x1f%(trailers:key=Porch-Task,valueonly)%x1e"


def moves_since(state: RunState, tools: Tools, tip: Sha, is_descendant: bool) -> list[e.AnyEvent]:
    """Return what happened to a target that is at `tip` and not where the run left it.

    Landings and undos of this run that are missing in its journal (the engine died in between) are reported
    as such; whatever follows them is a move.
    """
    if is_descendant:
        return _landings_and_moves(state, tools, state.target.tip, tip)
    undone = _undone(state, tools.repository, tip)
    if not undone:
        return [e.TargetMoved(tip, _tree(tools.repository, tip), is_descendant=False)]
    blocked: list[e.LandingBlocked] = []
    if any(state.entries[one.task].status is not EntryStatus.UNDOING for one in undone):
        # not all undos were requested: nothing lands until a person decides
        why = f"{state.target.name} was set back to before {undone[-1].task} landed; look at it, then requeue"
        blocked = [e.LandingBlocked(entry.task, (), why, is_retried=False) for entry in in_order(state)]
    return [*blocked, *undone, *_landings_and_moves(state, tools, undone[-1].onto, tip)]


def _landings_and_moves(state: RunState, tools: Tools, at: Sha, tip: Sha) -> list[e.AnyEvent]:
    """Return what led from `at` to `tip`, which contains it."""
    events: list[e.AnyEvent] = []
    asked = ("log", "--first-parent", "--reverse", f"--format={FIELDS}", f"{at}..{tip}")
    for record in filter(None, tools.repository.git.text(*asked).split("\x1e")):
        commit, tree, parents, run, task = (field.strip() for field in record.split("\x1f"))
        known = next((one for one in state.entries.values() if one.task == task), None)
        if run != state.run or known is None or known.landed:
            break
        if parents.split() != ([at] if state.plan.squash else [at, known.head]):
            break
        events.append(e.Landed(known.task, known.head, at, Sha(commit), Sha(tree)))
        at = Sha(commit)
    if at != tip:
        events.append(e.TargetMoved(tip, _tree(tools.repository, tip), is_descendant=True))
    return events


def _undone(state: RunState, repository: Repository, tip: Sha) -> list[e.LandingUndone]:
    """Return the latest landings, last first, that `tip` does not contain; none if more is missing."""
    undone: list[e.LandingUndone] = []
    at = state.target.tip
    for task in reversed(state.target.landed):
        entry = state.entries[task]
        if entry.landed != at or entry.onto is None:
            return []
        undone.append(e.LandingUndone(task, at, entry.onto, _tree(repository, entry.onto)))
        at = entry.onto
        if moved(repository, at, tip).is_descendant:
            return undone
    return []


def _tree(repository: Repository, commit: Sha) -> Sha:
    return Sha(tree_of(repository.git, commit))
