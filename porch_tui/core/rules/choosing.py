"""A person decides a hypothesis: instead of its judge, or because that could not."""

from __future__ import annotations

from porch_tui.core.judging.scores import Finding
from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.hypothesis import has_won, is_lost, theories
from porch_tui.core.model.index import awaits_review
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import NEEDS_ATTENTION, EntryStatus, TaskStatus
from porch_tui.core.model.wording import listed, predicate
from porch_tui.core.rules.decide_queue import Answer
from porch_tui.core.scheduling.progress import concluded

_STILL_IN_QUEUE = (EntryStatus.CONFLICTED, EntryStatus.BLOCKED)


def choose(state: RunState, command: c.ChooseTheory) -> Answer:
    """Return what follows from the choice; why it is not possible, if it is not.

    A winner whose work needs attention in the merge queue may give way to another theory.
    """
    name, theory = command.hypothesis, command.theory
    known = state.hypotheses.get(name)
    if known is None:
        return f"the run has no hypothesis {name!r}"
    if theory is not None and theory not in (own := theories(state)[name]):
        return f"{theory} is no theory of {name}; these are: {listed(own)}"
    if theory is not None and state.tasks[theory].status is not TaskStatus.SUCCEEDED:
        return f"{theory} {predicate(state.tasks[theory].status)}, and only what has succeeded can win"
    why = f"chosen by {command.by}"
    decided: list[e.AnyEvent] = [e.HypothesisDecided(name, theory, why, command.by)]
    if known.winner is None:
        return decided if known.decided_at is None or theory is not None else f"{name} is decided already"
    entry = state.entries.get(known.winner)
    if known.winner == theory:
        return f"{theory} has won already"
    if entry is None or entry.status not in NEEDS_ATTENTION:
        where = predicate(entry.status) if entry else "has won"
        return f"{name} is decided: {known.winner} {where}"
    aside = [e.EntryWithdrawn(known.winner)] if entry.status in _STILL_IN_QUEUE else []
    return [*aside, *decided]


def why_not_retried(state: RunState, task: TaskId) -> str | None:
    """Return why a theory cannot be tried again; None if it can, and for any other task."""
    of = state.specs[task].of
    if of is None:
        return None
    if is_lost(state, task):
        winner = state.hypotheses[of].winner
        return f"{of} is decided: {f'{winner} has won' if winner else 'no theory wins'}"
    is_done = state.tasks[task].status is TaskStatus.SUCCEEDED and task not in state.entries
    if is_done and has_won(state, task) and not awaits_review(state, task):
        return f"{task} has won"
    if is_done and concluded(state, of).finding is Finding.OPEN:
        return f"{task} has succeeded, and is being judged for {of}"
    return None
