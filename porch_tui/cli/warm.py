"""Which worktrees `porch clean` keeps warm for the next run, instead of deleting them.

As many as the newest run's plan says, for that is what the person wants by now: a plan that says
nothing of a pool empties it.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from msgspec import Struct

from porch_tui.core.model.transitions import IllegalTransition
from porch_tui.errors import PorchError
from porch_tui.git.repository import Repository
from porch_tui.git.worktree import pool
from porch_tui.git.worktree_list import worktrees_lock
from porch_tui.journal.rundir import all_runs
from porch_tui.session.session import Session


class Warmth(Struct, frozen=True):
    """What a plan says of the pool."""

    size: int = 0
    keep: tuple[str, ...] = ()
    """Patterns of ignored files and folders that stay in a worktree of the pool."""


def warmth(repository: Repository) -> Warmth:
    """Return what the newest run's plan says; a run that cannot be read says nothing."""
    for rundir in all_runs(repository.common_dir):
        try:
            plan = Session(rundir).state.plan
        except (PorchError, IllegalTransition):
            continue
        return Warmth(plan.pool, plan.pool_keep)
    return Warmth()


def put_into_pool(repository: Repository, path: Path, wish: Warmth) -> bool:
    """Keep a worktree warm; False if there is no room for it, or it is not fit for that."""
    if not wish.size:
        return False
    with worktrees_lock(repository):
        return pool.give(repository, path, wish.size, wish.keep)


def unkept(names: Sequence[str], wish: Warmth) -> tuple[str, ...]:
    """Return the ignored files and folders that would not stay in the pool."""
    return tuple(name for name in names if not any(_is_kept(name, pattern) for pattern in wish.keep))


def _is_kept(name: str, pattern: str) -> bool:
    parts = PurePosixPath(name).parts
    return any(fnmatch.fnmatchcase(part, pattern.strip("/")) for part in parts)


def tidy(repository: Repository, wish: Warmth) -> int:
    """Discard what is too much, or half moved; return how many are kept warm."""
    if not pool.pool_folder(repository).is_dir():
        return 0
    with worktrees_lock(repository):
        pool.sweep(repository)
        return pool.trim(repository, wish.size)
