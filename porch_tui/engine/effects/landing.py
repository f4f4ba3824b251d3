"""Lands a validated prefix of the train: makes its merge commits and moves the target branch to the last."""

from __future__ import annotations

from contextlib import suppress
from typing import assert_never

from msgspec import Struct

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Integrity, Sha
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.effects import LandTrain, Link
from porch_tui.engine.effects import hooks
from porch_tui.engine.effects.merging import commit_date, merge_message
from porch_tui.engine.effects.target import moves_since
from porch_tui.engine.effects.tools import Tools
from porch_tui.errors import PorchError
from porch_tui.git import refs
from porch_tui.git.changes import changed_paths
from porch_tui.git.landing import landing, transaction
from porch_tui.git.merge import commits
from porch_tui.git.merge.commits import Squashed
from porch_tui.git.objects import repack_if_needed
from porch_tui.git.working_tree import NotItsFolderError, WorkingTree


class Sealed(Struct, frozen=True):
    """A link with the commit that lands."""

    link: Link
    onto: Sha
    commit: Sha


def land_train(effect: LandTrain, state: RunState, tools: Tools) -> list[e.AnyEvent]:
    """Land the links in one transaction and return the events, at least one per link."""
    with tools.making() as making:
        try:
            chain = seal(effect, state, making)
        except commits.SigningError as error:
            # the agent has forgotten the pass phrase: no fault of the work
            return [e.LandingBlocked(link.task, (), str(error), is_retried=False) for link in effect.links]
        making.publish()
        events = _landed(chain, effect, state, tools)
    repack_if_needed(tools.repository)
    return events


def _landed(chain: tuple[Sealed, ...], effect: LandTrain, state: RunState, tools: Tools) -> list[e.AnyEvent]:
    """Move the target to the commits. No gc may delete them meanwhile."""
    for one in chain:
        with suppress(PorchError, OSError):  # a later commit in a clone has moved the branch, too
            tools.sync_clone(state, one.link.task)
    if why := tools.configuration.unsafe(_worktrees(chain, state, tools)):
        return _blocked(transaction.Blocked((), why), chain, tools)
    names = ", ".join(one.link.task for one in chain)
    answer = landing.land(
        tools.repository,
        state.target.name,
        old=effect.onto,
        new=chain[-1].commit,
        verify={state.plan.branch_of(one.link.task, state.run): one.link.head for one in chain},
        landed_ref=tools.refs.landed(len(state.target.landed) + len(state.target.undone) + len(chain)),
        message=f"porch: land {names}",
    )
    match answer:
        case transaction.Landed():
            return [landed(one) for one in chain]
        case transaction.Moved():
            return _after_a_move(answer, chain, state, tools)
        case transaction.Blocked():
            return _blocked(answer, chain, tools)
        case transaction.BranchMoved():
            return [
                _branch_moved(answer, one)
                for one in chain
                if state.plan.branch_of(one.link.task, state.run) == answer.branch
            ]
        case _:
            assert_never(answer)


def _worktrees(chain: tuple[Sealed, ...], state: RunState, tools: Tools) -> list[WorkingTree]:
    """Return the existing worktrees of the tasks that land."""
    found = []
    for one in chain:
        with suppress(NotItsFolderError):
            found.append(tools.repository.at(tools.worktree(state, one.link.task)))
    return found


def seal(effect: LandTrain, state: RunState, tools: Tools) -> tuple[Sealed, ...]:
    """Make the commits that land: the candidates' trees, with a trailer for the validation they passed.

    Only the last state was validated, so only its commit has the trailer; each, if the plan validates every
    commit. The same links give the same commits, unless the person signs commits: signatures differ each
    time, and `moves_since` recognizes the commits by parents and trailers.
    """
    is_signed = commits.wants_signatures(tools.repository)
    chain: list[Sealed] = []
    onto = effect.onto
    for link in effect.links:
        is_last = link is effect.links[-1] or state.plan.integrity is Integrity.EVERY
        is_validated = is_last and state.plan.has_validation
        verdict = state.validations.verdicts.get(link.tree)
        validated = link.tree if is_validated and verdict is not None and verdict.has_passed else None
        is_squash = state.plan.squash
        kept = commits.squashed(tools.repository, onto, link.head) if is_squash else None
        commit = commits.commit_tree(
            tools.repository,
            link.tree,
            onto,
            None if is_squash else link.head,
            message=_message(link, state, tools, validated, kept),
            date=commit_date(link.queued_at),
            author=kept.author if kept else None,
            sign=is_signed,
        )
        chain.append(Sealed(link, onto, Sha(commit)))
        onto = Sha(commit)
    return tuple(chain)


def _message(link: Link, state: RunState, tools: Tools, validated: Sha | None, kept: Squashed | None) -> str:
    entry = state.entries[link.task]

    def text(validated: Sha | None) -> str:
        return merge_message(
            state,
            link.task,
            validated,
            resolved=entry.resolved,
            resolved_by=entry.resolved_by,
            squashed=kept,
        )

    if not state.plan.runs_hooks:
        return text(validated)
    return hooks.accepted_message(text(None), text(validated), tools)


def landed(one: Sealed) -> e.Landed:
    """Return the event that a link has landed."""
    return e.Landed(one.link.task, one.link.head, one.onto, one.commit, one.link.tree)


def _after_a_move(
    answer: transaction.Moved, chain: tuple[Sealed, ...], state: RunState, tools: Tools
) -> list[e.AnyEvent]:
    if answer.to is None:
        why = f"the branch {state.target.name} is gone; make it again, then requeue"
        return [e.LandingBlocked(one.link.task, (), why, is_retried=False) for one in chain]
    moves = moves_since(state, tools, Sha(answer.to), answer.is_descendant)
    if answer.is_descendant:
        return moves
    why = (
        f"{state.target.name} was set to {answer.to[:10]}, which does not contain"
        f" {state.target.tip[:10]} any more; if that is as it should be, requeue to build on it"
    )
    return [*moves, *(e.LandingBlocked(one.link.task, (), why, is_retried=False) for one in chain)]


def _blocked(answer: transaction.Blocked, chain: tuple[Sealed, ...], tools: Tools) -> list[e.AnyEvent]:
    """Return a block for each link that touches what is in the way; for all if it is not about files."""

    def meets(changed: str, blocked: str) -> bool:
        return changed == blocked or changed.startswith(f"{blocked}/") or blocked.startswith(f"{changed}/")

    def met(one: Sealed) -> tuple[str, ...]:
        changed = changed_paths(tools.repository.git, one.onto, one.commit)
        return tuple(path for path in answer.paths if any(meets(mine, path) for mine in changed))

    touching = [(one, paths) for one in chain if (paths := met(one))]
    stuck = touching or [(one, answer.paths) for one in chain]
    for one, _ in stuck:  # for a person who prefers to merge by hand
        refs.keep(tools.repository, tools.refs.blocked(one.link.task), one.commit)
    return [e.LandingBlocked(one.link.task, paths, answer.why, is_retried=True) for one, paths in stuck]


def _branch_moved(answer: transaction.BranchMoved, one: Sealed) -> e.LandingBlocked:
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
    return e.LandingBlocked(one.link.task, (), why, is_retried=False)
