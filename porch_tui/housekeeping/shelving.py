"""Shelve unlanded work and restore it as it was: `porch clean --shelve` and `porch unshelve`.

Commits, and what git can store of the rest, are pinned under the run's refs. The files themselves, ignored
ones too, are moved to the run's directory: usually a rename, which keeps times and modes and is quick for
gigabytes too. What tools can recreate (caches, see `ignored_files`) is not kept.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

from msgspec import Struct

from porch_tui.core.model.plan import Isolation, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.wording import listed
from porch_tui.errors import PlanError, PorchError
from porch_tui.executors.checkout import worktree_of
from porch_tui.git import refs
from porch_tui.git.repository import Repository
from porch_tui.git.rescue import shelf
from porch_tui.git.rescue.shelf import Shelf
from porch_tui.git.worktree import removal
from porch_tui.git.worktree.copying import copy_files
from porch_tui.git.worktree.ignored_files import move_aside, move_back
from porch_tui.git.worktree_list import find_worktree
from porch_tui.housekeeping.candidates import BranchCandidate, WorktreeCandidate
from porch_tui.journal.lease import Lease
from porch_tui.journal.rundir import RunDir, all_runs
from porch_tui.session.session import Session


def shelve_worktree(repository: Repository, rundir: RunDir, state: RunState, one: WorktreeCandidate) -> str:
    """Shelve everything in a worktree and remove it; return the command that restores it.

    Its branch stays. Raises PorchError or OSError; nothing is lost then.
    """
    paths = removal.uncommitted_paths(repository.at(one.path)) if one.path.exists() else ()
    branch = state.plan.branch_of(one.task, state.run) if one.task else None
    owner = one.task or one.path.name
    pinned = shelf.pin(repository, state.run, owner, branch=branch, worktree=one.path)
    if one.task:
        wanted = dict.fromkeys((*paths, *one.precious))
        there = [name for name in wanted if os.path.lexists(one.path / name)]
        move_aside(one.path, there, _files_of(rundir, pinned))
    removal.remove(repository, one.path, paths)
    if one.task:
        return unshelving(rundir.run, one.task)
    ref = f"{pinned.ref}/{'work' if pinned.work else 'head'}"
    return shlex.join(["git", "-C", str(repository.root), "worktree", "add", "--detach", str(one.path), ref])


def shelve_branch(repository: Repository, rundir: RunDir, one: BranchCandidate) -> None:
    """Shelve and delete a branch that no worktree has checked out. Raises PorchError."""
    shelf.pin(repository, rundir.run, one.task, branch=one.name)
    refs.delete(repository, {f"refs/heads/{one.name}": one.oid})


def drop_branch(repository: Repository, rundir: RunDir, one: BranchCandidate) -> None:
    """Delete a branch whose worktree was shelved; shelving a clone may have moved the branch."""
    ref = f"refs/heads/{one.name}"
    pinned = {found.branch for found in shelf.shelves(repository, rundir.run) if found.owner == one.task}
    tip = refs.read(repository, ref)
    refs.delete(repository, {ref: tip if tip and tip in pinned else one.oid})


def unshelving(run: str, task: str) -> str:
    """Return the command that restores the work of a task."""
    return shlex.join(["porch", "unshelve", task, "--run", run])


class Restored(Struct, frozen=True):
    """Where shelved work was restored."""

    task: TaskId
    path: Path
    branch: str
    doubt: str = ""
    """What is not as it was."""


def unshelve(repository: Repository, rundir: RunDir, tasks: Sequence[str]) -> list[Restored]:
    """Restore the shelved work of tasks; PlanError if a task has none."""
    with Lease.take(rundir):
        state = Session(rundir).state
        found = [one for one in shelf.shelves(repository, rundir.run) if one.owner in state.tasks]
        known = {one.owner for one in found}
        if missing := [task for task in tasks if task not in known]:
            runs = [one.run for one in all_runs(repository.common_dir)]
            others = [run for run in runs if shelf.shelves(repository, run)]
            elsewhere = f"runs with shelved work: {listed(others) or 'none'}"
            hint = f"it has {listed(sorted(known))}" if known else elsewhere
            raise PlanError(f"nothing of {listed(missing)} is shelved in run {rundir.run}; {hint}")
        return [_restore(repository, rundir, state, one) for one in found if one.owner in tasks]


def _restore(repository: Repository, rundir: RunDir, state: RunState, one: Shelf) -> Restored:
    """Recreate worktree and branch, under other names if the plan's names are taken by now."""
    task = TaskId(one.owner)
    path, branch = next(
        (path, branch)
        for path, branch in _names(repository, state, task)
        if not os.path.lexists(path)
        and find_worktree(repository, path) is None
        and refs.read(repository, f"refs/heads/{branch}") is None
    )
    is_clone = state.specs[task].isolation is Isolation.CLONE
    shelf.restore(repository, one, path, branch, f"porch {state.run}/{task}", is_clone=is_clone)
    doubt = ""
    try:
        copy_files(repository.main, repository.at(path), state.plan.copy)
    except PorchError as error:
        doubt = str(error)
    move_back(_files_of(rundir, one), path)
    shelf.forget(repository, one)
    return Restored(task, path, branch, doubt)


def _files_of(rundir: RunDir, pinned: Shelf) -> Path:
    """Return the folder for the files of a shelf; it need not exist."""
    return rundir.shelved / pinned.owner / pinned.name


def _names(repository: Repository, state: RunState, task: TaskId) -> Iterator[tuple[Path, str]]:
    """Yield where a task's work may be restored: first where it was."""
    path = worktree_of(repository, state, task)
    yield path, state.plan.branch_of(task, state.run)
    for number in count(1):
        suffix = "" if number == 1 else f"-{number}"
        yield path.with_name(f"{path.name}-{state.run}{suffix}"), f"left/{state.run}/{task}{suffix}"
