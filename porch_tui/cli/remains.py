"""What `porch doctor` finds out about a repository: whether porch can work in it, and what dead runs left."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from porch_tui.cli.findings import Finding, advice, problem
from porch_tui.cli.leftovers import Survey
from porch_tui.core.explain import listed
from porch_tui.core.plan import TaskId
from porch_tui.core.state import RunState
from porch_tui.core.transitions import IllegalTransition
from porch_tui.errors import PorchError
from porch_tui.git import intent, pool, preflight, signing
from porch_tui.git.entry import admin_dir
from porch_tui.git.listing import Worktree, listing
from porch_tui.git.repository import Repository
from porch_tui.journal import lease
from porch_tui.journal.rundir import RunDir, all_runs
from porch_tui.process import liveness, whereabouts
from porch_tui.report.amounts import counted, size
from porch_tui.session.session import Session

LITTLE_SPACE = 0.05
"""Of a disk: a worktree is a full copy of the tree, and a build in each of them more than that."""


def repository_findings(repository: Repository) -> Iterator[Finding]:
    """Look at the repository, its disk, its worktrees and its runs. Changes nothing."""
    yield _can_commit(repository)
    yield from _can_sign(repository)
    yield _can_lock(repository)
    yield _space(repository)
    runs = all_runs(repository.common_dir)
    states = {rundir: _state(rundir) for rundir in runs}
    yield from _worktrees(repository, runs, states)
    yield from _orphans(runs)
    for rundir, found in states.items():
        yield from [found] if isinstance(found, Finding) else _run(rundir, found)
    yield from _landing(repository, runs)
    yield from _trash(repository)


def _can_commit(repository: Repository) -> Finding:
    try:
        warnings = preflight.check_repository(repository)
    except PorchError as error:
        return problem("repository", str(repository.root), str(error))
    if warnings:
        return advice("repository", str(repository.root), "; ".join(warnings))
    return Finding("repository", f"{repository.root}: porch can commit and merge here")


def _can_sign(repository: Repository) -> Iterator[Finding]:
    if not signing.wants_signatures(repository):
        return
    try:
        signing.check_signing(repository)
        yield Finding("signing", "commits are signed, and it works")
    except PorchError as error:
        yield advice("signing", "commits should be signed", str(error))


def _can_lock(repository: Repository) -> Finding:
    """Try what leases need in the folder they lie in, or will lie in."""
    folder = repository.own_dir if repository.own_dir.is_dir() else repository.common_dir
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.fsync(file)
    except OSError as error:
        text = f"{folder} takes no locked files: {error.strerror}"
        return problem("file system", text, "make it writable, or clone the repository to a local disk")
    return Finding("file system", "it can lock and sync files")


def _space(repository: Repository) -> Finding:
    parent = repository.root.parent
    free = shutil.disk_usage(parent)
    text = f"{size(free.free)} free beside the repository, where worktrees go"
    if not os.access(parent, os.W_OK | os.X_OK):
        do = "make it writable, or give plans a `worktree:` elsewhere"
        return problem("disk", f"porch may not write in {parent}, where worktrees go", do)
    if free.free < LITTLE_SPACE * free.total:
        return advice("disk", text, "porch clean, or make room otherwise")
    return Finding("disk", text)


def _state(rundir: RunDir) -> RunState | Finding:
    try:
        return Session(rundir).state
    except (PorchError, IllegalTransition) as error:
        return advice(f"run {rundir.run}", str(error), f"if nothing in it matters, remove {rundir.path}")


def _worktrees(
    repository: Repository, runs: list[RunDir], states: dict[RunDir, RunState | Finding]
) -> Iterator[Finding]:
    known = listing(repository)
    ours = [one for one in known if one.is_ours]
    linked = counted(len(known) - 1, "worktree")
    yield Finding("worktrees", f"{linked} beside the main one, {len(ours)} of them porch's")
    warm = pool.members(repository)
    if warm:
        yield Finding("pool", f"{counted(len(warm), 'worktree')} kept warm in {warm[0].parent}")
    for orphan in Survey(repository).orphans({str(rundir.run) for rundir in runs}):
        do = f"look into it, then: git worktree remove -f -f {orphan.path}"
        yield advice("worktree", f"{orphan.path} is of a run that is no more", do)
    living = {str(path) for found in states.values() if isinstance(found, RunState) for path in _busy(found)}
    for one in ours:
        yield from _stale_lock(repository, one, living)


def _busy(state: RunState) -> Iterator[Path]:
    """Yield the worktrees in which git may be at work this moment."""
    for task in state.active:
        template = state.plan.worktree_of(task, Path(state.root).name, state.run)
        yield Path(os.path.normpath(Path(state.root) / template))


def _stale_lock(repository: Repository, worktree: Worktree, living: set[str]) -> Iterator[Finding]:
    lock = admin_dir(repository, worktree.path) / "index.lock"
    if lock.exists() and str(worktree.path) not in living:
        do = f"if no git is at work there: rm {lock}"
        yield advice("lock", f"{worktree.path} is locked (index.lock), and nothing runs in it", do)


def _run(rundir: RunDir, state: RunState) -> Iterator[Finding]:
    """Tell of attempts that nobody looks after."""
    if not state.active or lease.holder(rundir):
        return
    resume = f"porch resume {rundir.run}"
    found = {task: _liveness(rundir, state, task) for task in state.active}
    lost = [task for task, one in found.items() if isinstance(one, liveness.Lost)]
    running = [task for task, one in found.items() if isinstance(one, liveness.Running)]
    if lost:
        yield advice(f"run {rundir.run}", f"lost with the machine or their shim: {listed(lost)}", resume)
    if running:
        yield advice(f"run {rundir.run}", f"go on without an engine: {listed(running)}", resume)
    if len(lost) + len(running) < len(found):
        yield advice(f"run {rundir.run}", "its engine went away in the middle of the work", resume)


def _liveness(rundir: RunDir, state: RunState, task: TaskId) -> liveness.Liveness | None:
    attempt = state.tasks[task].attempt
    return liveness.find(rundir.attempt(str(attempt.id))) if attempt else None


def _orphans(runs: Sequence[RunDir]) -> Iterator[Finding]:
    """Tell of processes whose shim was killed, of attempts, validations and resolvers alike."""
    for rundir in runs:
        left = whereabouts.orphans(rundir.path)
        if left:
            names = listed([f"{one.name} ({one.pid}) of {one.directory.name}" for one in left])
            pids = " ".join(str(one.pid) for one in left)
            yield advice(f"run {rundir.run}", f"nobody looks after {names}", f"look, then: kill {pids}")


def _landing(repository: Repository, runs: list[RunDir]) -> Iterator[Finding]:
    cut_off = intent.read(repository)
    if cut_off is None or any(map(lease.holder, runs)):
        return
    text = f"a landing on {cut_off.target} was cut off; {cut_off.worktree} may look half changed"
    yield advice("landing", text, "porch resume finishes it or takes it back")


def _trash(repository: Repository) -> Iterator[Finding]:
    left = list((repository.own_dir / "trash").glob("*"))
    if left:
        yield advice("trash", f"{counted(len(left), 'worktree')} taken away, not yet deleted", "porch clean")
