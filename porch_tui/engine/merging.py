"""Performs BuildCandidate: merges a task's head upon the train, and says with whom it conflicts."""

from __future__ import annotations

import json

from porch_tui.core import events as e
from porch_tui.core.effects import BuildCandidate, BuildProbe
from porch_tui.core.guilt import unknown
from porch_tui.core.plan import Sha, TaskId
from porch_tui.core.state import RunState
from porch_tui.engine.resolving import ResolvedMerge, resolved_merge
from porch_tui.engine.tools import Tools
from porch_tui.errors import RepositoryError
from porch_tui.git import candidates, refs


def build_candidate(effect: BuildCandidate, state: RunState, tools: Tools) -> e.AnyEvent:
    """Return CandidateBuilt or CandidateConflicted; HeadMoved if the branch is to be taken as it is now.

    Raises GitError when git could not tell.
    """
    moved = _moved_head(effect, state, tools) if effect.takes_branch else None
    if moved is not None:
        return moved
    entry = state.entries[effect.task]
    built = candidates.build(
        tools.repository,
        tools.rundir.scratch,
        effect.onto,
        effect.head,
        message=message(state, effect.task),
        date=date(entry.queued_at),
    )
    match built:
        case candidates.Built():
            refs.keep(tools.repository, tools.refs.candidate(entry.place), built.commit)
            return e.CandidateBuilt(
                effect.task, effect.head, effect.onto, effect.upon, Sha(built.commit), Sha(built.tree)
            )
        case candidates.Conflicted():
            resolved = resolved_merge(effect, built, tools)
            if resolved is not None:
                return _built_by_hand(effect, state, resolved, tools)
            paths = tuple(dict.fromkeys(conflict.path for conflict in built.conflicts))
            text = "; ".join(one.text for one in built.messages if one.type.startswith("CONFLICT"))
            partners = _partners(effect, state, tools, paths)
            return e.CandidateConflicted(
                effect.task, effect.head, effect.onto, effect.upon, paths, partners, text
            )


def build_probe(effect: BuildProbe, state: RunState, tools: Tools) -> e.AnyEvent:
    """Return ProbeBuilt; GuiltFound where such a state cannot be made. Raises GitError as git does."""
    if effect.onto is None:
        tree = tools.repository.git.text("rev-parse", f"{effect.head}^{{tree}}")
        return e.ProbeBuilt(effect.task, effect.head, None, effect.head, Sha(tree))
    built = candidates.build(
        tools.repository,
        tools.rundir.scratch,
        effect.onto,
        effect.head,
        message=message(state, effect.task),
        date=date(state.entries[effect.task].queued_at),
    )
    if isinstance(built, candidates.Conflicted):
        return unknown(state, effect.task)
    refs.keep(tools.repository, tools.refs.probe(effect.task, str(effect.upon)), built.commit)
    return e.ProbeBuilt(effect.task, effect.head, effect.upon, Sha(built.commit), Sha(built.tree))


def _built_by_hand(
    effect: BuildCandidate, state: RunState, resolved: ResolvedMerge, tools: Tools
) -> e.CandidateBuilt:
    entry = state.entries[effect.task]
    commit = candidates.reparent(
        tools.repository,
        resolved.tree,
        effect.onto,
        effect.head,
        message=message(state, effect.task, resolved=resolved.paths, resolved_by=resolved.by),
        date=date(entry.queued_at),
    )
    refs.keep(tools.repository, tools.refs.candidate(entry.place), commit)
    return e.CandidateBuilt(
        effect.task,
        effect.head,
        effect.onto,
        effect.upon,
        Sha(commit),
        resolved.tree,
        resolved.paths,
        resolved.by,
    )


def _moved_head(effect: BuildCandidate, state: RunState, tools: Tools) -> e.HeadMoved | None:
    """Return where the task's branch is, and keep that alive beside its earlier head; None: where it was."""
    branch = state.plan.branch_of(effect.task, state.run)
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
    refs.keep(tools.repository, tools.refs.head(f"{attempt.id}-{found[:10]}"), found)
    return e.HeadMoved(effect.task, Sha(found))


def message(
    state: RunState,
    task: TaskId,
    validated: Sha | None = None,
    *,
    resolved: tuple[str, ...] = (),
    resolved_by: tuple[str, ...] = (),
    squashed: tuple[str, ...] | None = None,
) -> str:
    """Return the text of the merge commit: what landed, and trailers for those who ask later.

    `squashed`: the first lines of the commits that one commit stands for; None for a merge.
    """
    branch, title = state.plan.branch_of(task, state.run), state.specs[task].title
    trailers = [f"Porch-Task: {task}", f"Porch-Run: {state.run}"]
    if validated:
        trailers.append(f"Porch-Validated: {validated}")
    trailers += [f"Porch-Resolved: {_in_one_line(path)}" for path in resolved]
    trailers += [f"Porch-Resolved-By: {_in_one_line(author)}" for author in resolved_by]
    said = f"Merge branch '{branch}': {title}\n\n"
    if squashed is not None:
        said = f"{title}\n\n" + "".join(f"* {subject}\n" for subject in squashed) + "\n"
    return said + "\n".join(trailers) + "\n"


def _in_one_line(path: str) -> str:
    """Return a path as a trailer can hold it: quoted where it is not printable."""
    return path if path.isprintable() else json.dumps(path)


def date(at: float) -> str:
    """Return a date for git, fixed for an entry, so that building again gives the same commit."""
    return f"{int(at)} +0000"


def _partners(
    effect: BuildCandidate, state: RunState, tools: Tools, paths: tuple[str, ...]
) -> tuple[TaskId, ...]:
    """Return the tasks, landed or ahead on the train, with whom it conflicts, oldest first.

    Those whose own work does not merge with this one's; if it merges with each
    of them, all that touched the paths: it is their combination then.
    """
    attempt = state.tasks[effect.task].attempt
    assert attempt is not None  # its head came from one
    touched = set(candidates.touched_by(tools.repository, attempt.base, effect.onto, paths))
    ahead = [state.entries[task] for task in (*state.landed, *effect.upon)]
    suspects = [entry for entry in ahead if (entry.landed or entry.candidate) in touched]
    guilty = [
        entry
        for entry in suspects
        if candidates.is_in_conflict(tools.repository, tools.rundir.scratch, entry.head, effect.head)
    ]
    return tuple(entry.task for entry in guilty or suspects)
