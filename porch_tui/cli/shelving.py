"""`porch clean --shelve` and `porch unshelve`: unlanded work goes out of the way, and comes back as it was.

Commits, and what git can hold of the rest, are pinned under the run's refs. The files themselves, ignored
ones too, are moved into the run's directory: a rename in most cases, so that times, modes and gigabytes are
nobody's trouble. What tools make anew (caches, by `ignored`) is not kept.
"""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from msgspec import Struct

from porch_tui.cli.ignored import move_aside, move_back
from porch_tui.cli.leftovers import BranchLeft, WorktreeLeft
from porch_tui.cli.lookup import repository_at, run_named
from porch_tui.cli.output.printing import say, write, write_json
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
from porch_tui.git.worktree_list import find_worktree
from porch_tui.journal.lease import Lease
from porch_tui.journal.rundir import RunDir, all_runs
from porch_tui.present.clean import clean as shown
from porch_tui.session.session import Session


def shelve_worktree(repository: Repository, rundir: RunDir, state: RunState, left: WorktreeLeft) -> str:
    """Set all that is in a worktree aside and remove it; return the command that puts it back.

    Its branch stays where it is. Raises PorchError or OSError, and nothing is lost then.
    """
    paths = removal.uncommitted_paths(repository.at(left.path)) if left.path.exists() else ()
    branch = state.plan.branch_of(left.task, state.run) if left.task else None
    owner = left.task or left.path.name
    pinned = shelf.pin(repository, state.run, owner, branch=branch, worktree=left.path)
    if left.task:
        wanted = dict.fromkeys((*paths, *left.precious))
        there = [name for name in wanted if os.path.lexists(left.path / name)]
        move_aside(left.path, there, files_of(rundir, pinned))
    removal.remove(repository, left.path, paths)
    if left.task:
        return unshelving(rundir.run, left.task)
    ref = f"{pinned.ref}/{'work' if pinned.work else 'head'}"
    return shlex.join(["git", "-C", str(repository.root), "worktree", "add", "--detach", str(left.path), ref])


def shelve_branch(repository: Repository, rundir: RunDir, left: BranchLeft) -> str:
    """Set a branch aside that no worktree is on; return the command that puts it back. Raises PorchError."""
    shelf.pin(repository, rundir.run, left.task, branch=left.name)
    refs.delete(repository, {f"refs/heads/{left.name}": left.oid})
    return unshelving(rundir.run, left.task)


def drop_branch(repository: Repository, rundir: RunDir, left: BranchLeft) -> None:
    """Delete a branch whose worktree was set aside; a clone may have moved it while that was done."""
    ref = f"refs/heads/{left.name}"
    pinned = {one.branch for one in shelf.shelves(repository, rundir.run) if one.owner == left.task}
    tip = refs.read(repository, ref)
    refs.delete(repository, {ref: tip if tip and tip in pinned else left.oid})


def unshelving(run: str, task: str) -> str:
    """Return the command that puts the work of a task back."""
    return shlex.join(["porch", "unshelve", task, "--run", run])


def files_of(rundir: RunDir, pinned: Shelf) -> Path:
    """Return the folder of the files that belong to a shelf; it need not exist."""
    return rundir.shelved / pinned.owner / pinned.name


class Back(Struct, frozen=True):
    """Where work is again that was set aside."""

    task: TaskId
    path: Path
    branch: str
    doubt: str = ""
    """What is not as it was."""


def unshelve(options: argparse.Namespace) -> int:
    """Put the work of tasks back that `porch clean --shelve` has set aside."""
    repository = repository_at(options.directory)
    rundir = run_named(repository, options.run)
    with Lease.take(rundir):
        state = Session(rundir).state
        found = [one for one in shelf.shelves(repository, rundir.run) if one.owner in state.tasks]
        _refuse_unknown(repository, rundir, options.tasks, found)
        wanted = [one for one in found if one.owner in options.tasks]
        done = [_put_back(repository, rundir, state, one) for one in wanted]
    if options.json:
        told = [{"task": one.task, "worktree": str(one.path), "branch": one.branch} for one in done]
        write_json({"run": rundir.run, "unshelved": told})
    else:
        for one in done:
            place = shlex.quote(os.path.relpath(one.path, repository.root))
            write(f"{one.task} is back in {shown(place)}, on branch {one.branch}\n")
    for one in done:
        if one.doubt:
            say(f"porch: {one.task}: {one.doubt}")
    return 0


def _refuse_unknown(repository: Repository, rundir: RunDir, tasks: list[str], found: list[Shelf]) -> None:
    known = {one.owner for one in found}
    missing = [task for task in tasks if task not in known]
    if not missing:
        return
    others = [run.run for run in all_runs(repository.common_dir) if shelf.shelves(repository, run.run)]
    hint = f"it has {listed(sorted(known))}" if known else f"shelves have: {listed(others) or 'no run'}"
    raise PlanError(f"nothing of {listed(missing)} is set aside in run {rundir.run}; {hint}")


def _put_back(repository: Repository, rundir: RunDir, state: RunState, one: Shelf) -> Back:
    """Make worktree and branch as they were; beside, where the plan's own names are taken by now."""
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
    move_back(files_of(rundir, one), path)
    shelf.forget(repository, one)
    return Back(task, path, branch, doubt)


def _names(repository: Repository, state: RunState, task: TaskId) -> Iterator[tuple[Path, str]]:
    """Yield where a task's work may go: first where it was."""
    path = worktree_of(repository, state, task)
    yield path, state.plan.branch_of(task, state.run)
    for number in count(1):
        suffix = "" if number == 1 else f"-{number}"
        yield path.with_name(f"{path.name}-{state.run}{suffix}"), f"left/{state.run}/{task}{suffix}"
