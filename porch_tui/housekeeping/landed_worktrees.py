"""Worktrees that are removed: by `porch clean`, and by an engine as soon as their task has landed.

One that is not needed goes into the pool, if there is room, or is deleted. `clean` moves ignored files that
no tool can recreate to the run's directory first; an engine leaves a worktree that has any to `clean`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.wording import listed
from porch_tui.git.repository import Repository
from porch_tui.git.worktree import pool, removal
from porch_tui.git.worktree.ignored_files import holds, move_aside
from porch_tui.git.worktree_list import worktrees_lock
from porch_tui.housekeeping.candidates import WorktreeCandidate, worktree_candidate
from porch_tui.housekeeping.survey import Survey
from porch_tui.journal.rundir import RunDir


def remove_landed(repository: Repository, rundir: RunDir, state: RunState, task: TaskId) -> str:
    """Remove the worktree of a task that has landed; return why it stays, empty if it is gone.

    Raises PorchError or OSError if it cannot be examined or removed. The caller has the run's lease.
    """
    survey, plan = Survey(repository), state.plan
    for worktree in survey.worktrees_of(state.run):
        if worktree.task != task:
            continue
        one = worktree_candidate(survey, state, worktree)
        if one.kept is not None:
            return one.kept.why
        pooled = names_to_pool(one, plan.pool_keep) if plan.pool else []
        if files := [name for name in one.precious if name not in pooled]:
            return f"ignored files in it are only there: {listed(files)}"
        remove_worktree(repository, rundir, one, size=plan.pool, keep=plan.pool_keep)
    removal.empty_trash(repository)
    return ""


def remove_worktree(
    repository: Repository, rundir: RunDir, one: WorktreeCandidate, *, size: int, keep: Sequence[str]
) -> list[Path]:
    """Put a worktree into the pool or delete it; return where its precious files are now.

    `size` is that of the pool, `keep` the patterns of what stays in its worktrees.
    """
    aside = rundir.ignored / str(one.task)
    pooled = names_to_pool(one, keep)
    moved = move_aside(one.path, [name for name in one.precious if name not in pooled], aside)
    if size:
        with worktrees_lock(repository):
            if pool.give(repository, one.path, size, keep):
                return moved
    moved += move_aside(one.path, pooled, aside)
    removal.remove(repository, one.path)
    return moved


def names_to_pool(one: WorktreeCandidate, keep: Sequence[str]) -> list[str]:
    """Return the precious files that stay in a worktree which goes into the pool."""
    patterns = [pattern.strip("/") for pattern in keep]
    return [
        name
        for name in one.precious
        if any(fnmatchcase(part, kept) for part in PurePosixPath(name).parts for kept in patterns)
        and not holds(name, one.repositories)
    ]
