"""What happened to the target while the run did not look, in the run's own words.

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

    Landings and undos of this run that its journal never heard of (the engine died
    in between) are told as what they are; whatever came behind them is a move.
    """
    if is_descendant:
        return _landings_and_moves(state, tools, state.tip, tip)
    undone = _undone(state, tools.repository, tip)
    if not undone:
        return [e.TargetMoved(tip, _tree(tools.repository, tip), is_descendant=False)]
    moves = _landings_and_moves(state, tools, undone[-1].onto, tip)
    return [*_aside(state, undone), *undone, *moves]


def _landings_and_moves(state: RunState, tools: Tools, at: Sha, tip: Sha) -> list[e.AnyEvent]:
    """Return what led from `at` to `tip`, which contains it."""
    events: list[e.AnyEvent] = []
    listed = tools.repository.git.text(
        "log", "--first-parent", "--reverse", f"--format={FIELDS}", f"{at}..{tip}"
    )
    for record in filter(None, listed.split("\x1e")):
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
    """Return the last landings, last first, that `tip` has lost; none if it has lost more than those."""
    undone: list[e.LandingUndone] = []
    at = state.tip
    for task in reversed(state.landed):
        entry = state.entries[task]
        if entry.landed != at or entry.onto is None:
            return []
        undone.append(e.LandingUndone(task, at, entry.onto, _tree(repository, entry.onto)))
        at = entry.onto
        if moved(repository, at, tip).is_descendant:
            return undone
    return []


def _aside(state: RunState, undone: list[e.LandingUndone]) -> list[e.AnyEvent]:
    """Have what is on its way wait for a person, unless all that is undone was asked for."""
    if all(state.entries[one.task].status is EntryStatus.UNDOING for one in undone):
        return []
    why = f"{state.target} was set back to before {undone[-1].task} landed; look at it, then requeue"
    return [e.LandingBlocked(entry.task, (), why, is_retried=False) for entry in in_order(state)]


def _tree(repository: Repository, commit: Sha) -> Sha:
    return Sha(tree_of(repository.git, commit))
