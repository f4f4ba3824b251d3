"""Performs RollBackLanding: moves the target from the last landing back to where it was, as safely."""

from __future__ import annotations

from typing import assert_never

from porch_tui.core.merge_queue.undo import reverting
from porch_tui.core.model import events as e
from porch_tui.core.model.commands import command_line
from porch_tui.core.model.plan import Sha
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.effects import RollBackLanding
from porch_tui.engine.effects.target import moves_since
from porch_tui.engine.effects.tools import Tools
from porch_tui.errors import PorchError
from porch_tui.git import refs
from porch_tui.git.landing import landing, transaction
from porch_tui.git.objects import tree_of
from porch_tui.git.rescue import shelf
from porch_tui.journal import resolution_memory as remembered


def roll_back(effect: RollBackLanding, state: RunState, tools: Tools) -> list[e.AnyEvent]:
    """Return LandingUndone, or why the landing stays."""
    if landing.is_published(tools.repository, effect.commit):
        why = (
            f"{effect.commit[:10]} has been pushed, and undoing it here would not undo it there; "
            f"{command_line(reverting(effect.task))} reverts it for everyone"
        )
        return [e.UndoRefused(effect.task, why)]
    if why := tools.configuration.unsafe():
        return [e.UndoRefused(effect.task, why)]
    tree = Sha(tree_of(tools.repository.git, effect.onto))
    rescue = tools.refs.rescue(f"{effect.task}-{effect.commit[:10]}")
    refs.keep(tools.repository, rescue, effect.commit)  # the run's other refs go when it is cleaned up
    answer = landing.land(
        tools.repository,
        state.target.name,
        old=effect.commit,
        new=effect.onto,
        verify={},
        landed_ref=None,
        message=f"porch: undo {effect.task}",
    )
    if not isinstance(answer, transaction.Landed):
        refs.delete(tools.repository, {rescue: effect.commit})
    match answer:
        case transaction.Landed():
            undone = e.LandingUndone(effect.task, effect.commit, effect.onto, tree)
            return [*_afterwards(effect, state, tools), undone]
        case transaction.Moved(to=None):
            return [e.UndoRefused(effect.task, f"the branch {state.target.name} is gone")]
        case transaction.Moved(to=str(tip)):
            revert = command_line(reverting(effect.task))
            why = f"{state.target.name} is at {tip[:10]} by now; {revert} works there"
            moves = moves_since(state, tools, Sha(tip), answer.is_descendant)
            return [*moves, e.UndoRefused(effect.task, why)]
        case transaction.Blocked():
            return [e.UndoRefused(effect.task, answer.why)]
        case transaction.BranchMoved() | transaction.Moved():
            raise AssertionError(f"an undo verifies no branch, yet: {answer}")
        case _:
            assert_never(answer)


def _afterwards(effect: RollBackLanding, state: RunState, tools: Tools) -> list[e.Noticed]:
    """Forget the task's resolution, and restore its branch if `porch clean` removed that after the landing.

    Returns remarks about that; a failure is only a remark, too.
    """
    repository, task = tools.repository, effect.task
    branch, head = state.plan.branch_of(task, state.run), state.entries[task].head
    try:
        remembered.forget(repository.common_dir, state.run, task)
        if refs.read(repository, f"refs/heads/{branch}") is not None:
            return []
        if any(one.owner == task and one.branch for one in shelf.shelves(repository, state.run)):
            back = f"porch unshelve {task} --run {state.run} brings it back, then requeue the task"
            text = f"the branch {branch} was set aside by porch clean --shelve: {back}"
        else:
            refs.begin_branch(repository, branch, head, f"porch {state.run}/{task}")
            text = f"the branch {branch}, which porch clean had removed, is back at {head[:10]}"
    except (PorchError, OSError) as error:
        why = f"{task} is undone, but not everything that belongs to that could be done: {error}"
        text = f"{why}; git branch {branch} {head[:10]} restores its branch"
    return [e.Noticed(text, task)]
