"""Builds candidates, probes and ad-hoc combinations: merges heads, or names the tasks they conflict with."""

from __future__ import annotations

import json
from contextlib import suppress

from porch_tui.core.merge_queue.culprit import unknown
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.wording import listed
from porch_tui.core.rules.effects import BuildAdHocValidation, BuildCandidate, BuildProbe
from porch_tui.engine.effects.resolving import resolved_merge
from porch_tui.engine.effects.tools import Tools
from porch_tui.errors import PorchError, RepositoryError
from porch_tui.git import refs
from porch_tui.git.changes import changes
from porch_tui.git.merge import candidates, commits
from porch_tui.git.merge.commits import Squashed
from porch_tui.git.objects import tree_of
from porch_tui.git.runner import GitError
from porch_tui.git.worktree import nested_repositories

MOST_REBUILT = 1000
"""How many rebuilt candidates are remembered. What is forgotten is merged again."""


class RebuiltCandidates:
    """Which candidates were rebuilt in place of which, as long as this engine lives. For any thread.

    A landing seals each candidate of the train as a commit with the same tree on equivalent parents. What is
    merged on top of it merges as before, so that it need not be merged again to be built on the new commit.
    """

    def __init__(self) -> None:
        self._earlier: dict[Sha, Sha] = {}

    def rebuild(self, effect: BuildCandidate, state: RunState, tools: Tools) -> candidates.Built | None:
        """Return the candidate on the new commit, if it need not be merged again.

        That is so if the last one was built on an equivalent commit. A squashed commit has other parents than
        its candidate, so it is equivalent to none.
        """
        entry = state.entries[effect.task]
        before, now, landed, tree = entry.onto, effect.onto, state.target.landed, entry.tree
        is_known = before is not None and entry.head == effect.head and not entry.resolved
        if tree is None or not is_known or state.plan.squash:
            return None
        last = state.entries[landed[-1]] if landed and now == state.target.tip else None
        has_landed = last is not None and last.landed == now and last.candidate == before
        if not has_landed and before not in (now, self._earlier.get(now)):
            return None
        try:
            commit = _committed(effect, tree, merge_message(state, effect.task), state, tools)
        except GitError:  # the tree may be gone
            return None
        if entry.candidate is not None:
            self._earlier[Sha(commit)] = entry.candidate
            for old in list(self._earlier)[:-MOST_REBUILT]:
                del self._earlier[old]
        return candidates.Built(commit, tree)


def build_candidate(
    effect: BuildCandidate, state: RunState, tools: Tools, rebuilt: RebuiltCandidates
) -> e.AnyEvent:
    """Return CandidateBuilt or CandidateConflicted; HeadMoved if the branch must be taken as it is now.

    Like all functions here it needs the tools of `Tools.making`. Raises GitError when git failed.
    """
    task, head, onto, on_top_of = effect.task, effect.head, effect.onto, effect.on_top_of
    moved = _moved_head(effect, state, tools) if effect.takes_branch else None
    if moved is not None:
        return moved
    built = rebuilt.rebuild(effect, state, tools) or _merged(onto, task, head, state, tools)
    resolved, by = tuple[str, ...](), tuple[str, ...]()
    if isinstance(built, candidates.Conflicted):
        found = resolved_merge(effect, built, tools)
        if found is None:
            paths, why = _paths(built), _conflict_text(built)
            partners = _partners(effect, state, tools, paths)
            return e.CandidateConflicted(task, head, onto, on_top_of, paths, partners, why)
        resolved, by = found.paths, found.by
        text = merge_message(state, task, resolved=resolved, resolved_by=by)
        built = candidates.Built(_committed(effect, found.tree, text, state, tools), found.tree)
    tools.keep(tools.refs.candidate(state.entries[task].place), built.commit)
    return e.CandidateBuilt(task, head, onto, on_top_of, Sha(built.commit), Sha(built.tree), resolved, by)


def build_probe(effect: BuildProbe, state: RunState, tools: Tools) -> e.AnyEvent:
    """Return ProbeBuilt; CulpritFound where such a state cannot be made. Raises GitError."""
    task, head, onto = effect.task, effect.head, effect.onto
    built = _kept_merge(onto, task, head, state, tools) if onto else _unmerged(head, tools)
    if isinstance(built, candidates.Conflicted):
        return unknown(state, task)
    return e.ProbeBuilt(task, head, effect.on_top_of, Sha(built.commit), Sha(built.tree))


def build_ad_hoc_validation(effect: BuildAdHocValidation, state: RunState, tools: Tools) -> e.AnyEvent:
    """Return the combined state; if the heads do not merge in that order, where they conflict.

    Raises GitError.
    """
    tasks, heads = (*effect.on_top_of, effect.task), effect.heads
    built = _unmerged(heads[0], tools)
    for place, (task, head) in enumerate(zip(tasks[1:], heads[1:], strict=True), start=1):
        merged = _kept_merge(built.commit, task, head, state, tools)
        if isinstance(merged, candidates.Conflicted):
            paths = _paths(merged)
            where = f"in {listed(paths)}" if paths else _conflict_text(merged)
            who = "" if task == effect.task else f"cannot be merged on top of that: {task} "
            why = f"{who}does not merge on top of {', '.join(tasks[:place])}: conflict {where}"
            return e.AdHocValidationImpossible(effect.task, effect.on_top_of, heads, paths, why)
        built = merged
    return e.AdHocValidationBuilt(effect.task, effect.on_top_of, heads, Sha(built.commit), Sha(built.tree))


def rebuild_merges(state: RunState, tools: Tools) -> None:
    """Rebuild the merges of candidates, probes and ad-hoc validations, because objects of some are gone.

    The same merge gives the same commit, so nothing needs to be reported. Merges that cannot be rebuilt are
    skipped: the effect that needs one fails.
    """
    ready = [entry for entry in state.entries.values() if entry.candidate and entry.built_onto]
    for entry in sorted(ready, key=lambda one: len(one.on_top_of)):  # those ahead come first
        assert entry.built_onto is not None
        again = BuildCandidate(entry.task, entry.head, entry.built_onto, entry.on_top_of, entry.resolution)
        with suppress(PorchError, OSError), tools.making() as making:
            build_candidate(again, state, making, RebuiltCandidates())
    for entry in state.entries.values():
        for probe in entry.probes:
            onto = state.entries[probe.on_top_of].landed if probe.on_top_of else None
            if onto is not None:  # otherwise it is the task's own head, which cannot be rebuilt
                with suppress(PorchError, OSError), tools.making() as making:
                    build_probe(BuildProbe(entry.task, entry.head, probe.on_top_of, onto), state, making)
    for one in state.ad_hoc_validations:
        if one.commit is not None:
            with suppress(PorchError, OSError), tools.making() as making:
                asked = BuildAdHocValidation(one.task, one.on_top_of, one.heads)
                build_ad_hoc_validation(asked, state, making)


def _merged(
    onto: str, task: TaskId, head: Sha, state: RunState, tools: Tools
) -> candidates.Built | candidates.Conflicted:
    return candidates.build(
        tools.repository,
        tools.rundir.scratch,
        onto,
        head,
        message=merge_message(state, task),
        date=commit_date(state.entries[task].queued_at),
    )


def _kept_merge(
    onto: str, task: TaskId, head: Sha, state: RunState, tools: Tools
) -> candidates.Built | candidates.Conflicted:
    """Merge a head outside the queue, and keep the result alive."""
    built = _merged(onto, task, head, state, tools)
    if isinstance(built, candidates.Built):
        tools.keep(tools.refs.probe(task, built.commit), built.commit)
    return built


def _committed(effect: BuildCandidate, tree: Sha, text: str, state: RunState, tools: Tools) -> str:
    date = commit_date(state.entries[effect.task].queued_at)
    return commits.commit_tree(tools.repository, tree, effect.onto, effect.head, message=text, date=date)


def _unmerged(commit: Sha, tools: Tools) -> candidates.Built:
    return candidates.Built(commit, tree_of(tools.repository.git, commit))


def _paths(conflicted: candidates.Conflicted) -> tuple[str, ...]:
    return tuple(dict.fromkeys(conflict.path for conflict in conflicted.conflicts))


def _conflict_text(conflicted: candidates.Conflicted) -> str:
    return "; ".join(one.text for one in conflicted.messages if one.type.startswith("CONFLICT"))


def _moved_head(effect: BuildCandidate, state: RunState, tools: Tools) -> e.HeadMoved | None:
    """Return the new head of the task's branch, and keep it alive; None if it has not moved.

    Raises RepositoryError when the branch is gone, or links to a commit that is in no submodule.
    """
    branch = state.plan.branch_of(effect.task, state.run)
    tools.sync_clone(state, effect.task)
    found = refs.read(tools.repository, f"refs/heads/{branch}")
    if found is None:
        raise RepositoryError(
            f"its branch {branch} should be merged, but is gone; bring it back "
            f"(git branch {branch} {effect.head[:10]}) and requeue it, or retry the task"
        )
    if found == effect.head:
        return None
    attempt = state.tasks[effect.task].attempt
    assert attempt is not None  # its first head came from one
    changed = changes(tools.repository.git, attempt.base, found)
    worktree = tools.worktree(state, effect.task)
    nested_repositories.refuse_lost_links(tools.repository, worktree, found, changed)
    refs.keep(tools.repository, tools.refs.head(f"{attempt.id}-{found[:10]}"), found)
    return e.HeadMoved(effect.task, Sha(found))


def merge_message(
    state: RunState,
    task: TaskId,
    validated: Sha | None = None,
    *,
    resolved: tuple[str, ...] = (),
    resolved_by: tuple[str, ...] = (),
    squashed: Squashed | None = None,
) -> str:
    """Return the message of a merge commit, with trailers that name task, run, validation and resolutions.

    `squashed`: what is kept of the squashed commits; None for a merge.
    """
    branch, title = state.plan.branch_of(task, state.run), state.specs[task].title
    trailers = [f"Porch-Task: {task}", f"Porch-Run: {state.run}"]
    if validated:
        trailers.append(f"Porch-Validated: {validated}")
    trailers += [f"Porch-Resolved: {_in_one_line(path)}" for path in resolved]
    trailers += [f"Porch-Resolved-By: {_in_one_line(author)}" for author in resolved_by]
    text = f"Merge branch '{branch}': {title}\n\n"
    if squashed is not None:
        text = f"{title}\n\n" + "".join(f"* {subject}\n" for subject in squashed.subjects) + "\n"
        trailers = [*squashed.trailers, *trailers]
    return text + "\n".join(trailers) + "\n"


def _in_one_line(path: str) -> str:
    """Return a path for a trailer, quoted where it is not printable."""
    return path if path.isprintable() else json.dumps(path)


def commit_date(at: float) -> str:
    """Return a date for git. Fixed for an entry, so that building again gives the same commit."""
    return f"{int(at)} +0000"


def _partners(
    effect: BuildCandidate, state: RunState, tools: Tools, paths: tuple[str, ...]
) -> tuple[TaskId, ...]:
    """Return the tasks, landed or ahead in the queue, with which it conflicts, oldest first.

    Those whose own work does not merge with this one's; if it merges with each of them, all that touched the
    paths: then their combination conflicts.
    """
    attempt = state.tasks[effect.task].attempt
    assert attempt is not None  # its head came from one
    touched = set(candidates.touched_by(tools.repository, attempt.base, effect.onto, paths))
    ahead = [state.entries[task] for task in (*state.target.landed, *effect.on_top_of)]
    suspects = [entry for entry in ahead if (entry.landed or entry.candidate) in touched]
    conflicting = [
        entry
        for entry in suspects
        if candidates.is_in_conflict(tools.repository, tools.rundir.scratch, entry.head, effect.head)
    ]
    return tuple(entry.task for entry in conflicting or suspects)
