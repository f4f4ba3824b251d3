"""Lands a validated prefix of the train: makes its merge commits and moves the target branch to the last."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import assert_never

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Integrity, Sha, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.effects import LandTrain
from porch_tui.engine.effects import hooks
from porch_tui.engine.effects.merging import commit_date, merge_message
from porch_tui.engine.effects.target import moves_since
from porch_tui.engine.effects.tools import Tools
from porch_tui.errors import PorchError
from porch_tui.git import refs
from porch_tui.git.changes import changed_paths
from porch_tui.git.landing import landing, transaction
from porch_tui.git.merge import commits
from porch_tui.git.objects import repack_if_needed
from porch_tui.git.working_tree import NotItsFolderError


def land_train(effect: LandTrain, state: RunState, tools: Tools) -> Sequence[e.AnyEvent]:
    """Land the links in one transaction and return the events, at least one per link."""
    with tools.making() as making:
        try:
            chain = _seal(effect, state, making)
        except commits.SigningError as error:
            # the agent has forgotten the pass phrase: no fault of the work
            return [_until_requeued(link.task, str(error)) for link in effect.links]
        making.publish()
        events = _landed(chain, effect, state, tools)
    repack_if_needed(tools.repository)
    return events


def _landed(chain: list[e.Landed], effect: LandTrain, state: RunState, tools: Tools) -> Sequence[e.AnyEvent]:
    """Move the target to the commits. No gc may delete them meanwhile."""
    worktrees = []
    for one in chain:
        with suppress(PorchError, OSError):  # a later commit in a clone has moved the branch, too
            tools.sync_clone(state, one.task)
        with suppress(NotItsFolderError):  # it is gone
            worktrees.append(tools.repository.at(tools.worktree(state, one.task)))
    if why := tools.configuration.unsafe(worktrees):
        return _blocked(transaction.Blocked((), why), chain, tools)
    branches = {state.plan.branch_of(one.task, state.run): one for one in chain}
    answer = landing.land(
        tools.repository,
        state.target.name,
        old=effect.onto,
        new=chain[-1].commit,
        verify={branch: one.head for branch, one in branches.items()},
        landed_ref=tools.refs.landed(len(state.target.landed) + len(state.target.undone) + len(chain)),
        message=f"porch: land {', '.join(one.task for one in chain)}",
    )
    match answer:
        case transaction.Landed():
            return chain
        case transaction.Moved():
            return _after_a_move(answer, chain, state, tools)
        case transaction.Blocked():
            return _blocked(answer, chain, tools)
        case transaction.BranchMoved():
            return [_branch_moved(answer, branches[answer.branch].task)]
        case _:
            assert_never(answer)


def _until_requeued(task: TaskId, why: str) -> e.LandingBlocked:
    """Return a block that stays until a person has requeued the task."""
    return e.LandingBlocked(task, (), why, is_retried=False)


def _seal(effect: LandTrain, state: RunState, tools: Tools) -> list[e.Landed]:
    """Make the commits that land: the candidates' trees, with a trailer for the validation they passed.

    Only the last state was validated, so only its commit has the trailer; each, if the plan validates every
    commit. The same links give the same commits, unless the person signs commits: signatures differ each
    time, and `moves_since` recognizes the commits by parents and trailers.
    """
    is_signed = commits.wants_signatures(tools.repository)
    chain: list[e.Landed] = []
    onto = effect.onto
    for link in effect.links:
        is_last = link is effect.links[-1] or state.plan.integrity is Integrity.EVERY
        is_validated = is_last and state.plan.has_validation
        verdict = state.validations.verdicts.get(link.tree)
        validated = link.tree if is_validated and verdict is not None and verdict.has_passed else None
        kept = commits.squashed(tools.repository, onto, link.head) if state.plan.squash else None
        entry = state.entries[link.task]
        resolved, by = entry.resolved, entry.resolved_by
        text = partial(merge_message, state, link.task, resolved=resolved, resolved_by=by, squashed=kept)
        message = text(validated)
        if state.plan.runs_hooks:
            message = hooks.accepted_message(text(), message, tools)
        commit = commits.commit_tree(
            tools.repository,
            link.tree,
            onto,
            None if kept else link.head,
            message=message,
            date=commit_date(link.queued_at),
            author=kept.author if kept else None,
            sign=is_signed,
        )
        chain.append(e.Landed(link.task, link.head, onto, Sha(commit), link.tree))
        onto = Sha(commit)
    return chain


def _after_a_move(
    answer: transaction.Moved, chain: list[e.Landed], state: RunState, tools: Tools
) -> list[e.AnyEvent]:
    if answer.to is None:
        why = f"the branch {state.target.name} is gone; make it again, then requeue"
        return [_until_requeued(one.task, why) for one in chain]
    moves = moves_since(state, tools, Sha(answer.to), answer.is_descendant)
    if answer.is_descendant:
        return moves
    why = (
        f"{state.target.name} was set to {answer.to[:10]}, which does not contain"
        f" {state.target.tip[:10]} any more; if that is as it should be, requeue to build on it"
    )
    return [*moves, *(_until_requeued(one.task, why) for one in chain)]


def _blocked(answer: transaction.Blocked, chain: list[e.Landed], tools: Tools) -> list[e.AnyEvent]:
    """Return a block for each link that touches what is in the way; for all if it is not about files."""

    def meets(changed: str, blocked: str) -> bool:
        return changed == blocked or changed.startswith(f"{blocked}/") or blocked.startswith(f"{changed}/")

    def met(one: e.Landed) -> tuple[str, ...]:
        changed = changed_paths(tools.repository.git, one.onto, one.commit)
        return tuple(path for path in answer.paths if any(meets(mine, path) for mine in changed))

    touching = [(one, paths) for one in chain if (paths := met(one))]
    stuck = touching or [(one, answer.paths) for one in chain]
    for one, _ in stuck:  # for a person who prefers to merge by hand
        refs.keep(tools.repository, tools.refs.blocked(one.task), one.commit)
    return [e.LandingBlocked(one.task, paths, answer.why, is_retried=True) for one, paths in stuck]


def _branch_moved(answer: transaction.BranchMoved, task: TaskId) -> e.LandingBlocked:
    """Return a block that a person resolves: requeuing takes the branch as it is then."""
    known = answer.expected[:10]
    if answer.found is None:
        why = f"its branch {answer.branch} is gone; bring it back (git branch {answer.branch} {known})"
    else:
        at = answer.found[:10]
        why = (
            f"its branch {answer.branch} is at {at} by now, but {known} was merged and validated; "
            f"requeue it to merge {at} instead, or set it back first (git branch -f {answer.branch} {known})"
        )
    return _until_requeued(task, why)
