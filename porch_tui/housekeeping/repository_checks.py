"""Repository checks: whether porch can work in a repository, its worktrees and its runs."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from porch_tui.core.model.state import RunState
from porch_tui.core.model.wording import counted, listed
from porch_tui.core.scheduling.shared import worktree_place
from porch_tui.errors import PorchError, RepositoryError
from porch_tui.executors import throwaway
from porch_tui.executors.checkout import worktree_path
from porch_tui.git.merge import commits
from porch_tui.git.repository import Repository
from porch_tui.git.worktree import pool, preflight
from porch_tui.housekeeping import stale_artifacts
from porch_tui.housekeeping.findings import Finding, advice, problem
from porch_tui.housekeeping.orphan_processes import orphan_processes
from porch_tui.housekeeping.survey import Survey, usage_text
from porch_tui.journal import lease
from porch_tui.journal.rundir import RunDir
from porch_tui.present.amounts import duration, size
from porch_tui.process import liveness

CLOCK_S = 60.0
"""The clocks of machines that share a disk may differ by this much."""
LITTLE_SPACE = 0.05
"""A fraction of the disk. Each worktree is a full copy of the tree, and a build in it takes more."""


def repository_findings(repository: Repository) -> Iterator[Finding]:
    """Check the repository, its disk, its worktrees and its runs. Changes nothing."""
    yield _can_commit(repository)
    yield from _can_sign(repository)
    yield _can_lock(repository)
    yield _space(repository)
    yield from _peculiarities(repository)
    survey = Survey(repository)
    yield from _worktrees(survey)
    for rundir, state in survey.states.items():
        if isinstance(state, RunState):
            yield from _run(repository, rundir, state)
        else:
            yield advice(f"run {rundir.run}", state, f"if you do not need it, remove {rundir.path}")
    yield from stale_artifacts.interrupted_landing(survey)
    yield from stale_artifacts.shelved_work(survey)
    yield from stale_artifacts.broken_refs(repository)
    yield from stale_artifacts.loose_objects(repository)
    yield from stale_artifacts.undeleted_trash(repository)


def _can_commit(repository: Repository) -> Finding:
    try:
        warnings = preflight.check_repository(repository)
    except PorchError as error:
        return problem("repository", str(repository.root), str(error))
    if warnings:
        return advice("repository", str(repository.root), "; ".join(warnings))
    return Finding("repository", f"{repository.root}: porch can commit and merge here")


def _can_sign(repository: Repository) -> Iterator[Finding]:
    if not commits.wants_signatures(repository):
        return
    try:
        commits.check_signing(repository)
        yield Finding("signing", "commits are signed, and signing works")
    except PorchError as error:
        yield advice("signing", "commits cannot be signed", str(error))


def _can_lock(repository: Repository) -> Finding:
    """Try what leases need, in the folder where they are or will be."""
    folder = repository.own_dir if repository.own_dir.is_dir() else repository.common_dir
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.fsync(file)
    except OSError as error:
        text = f"files in {folder} cannot be locked: {error.strerror}"
        return problem("file system", text, "make it writable, or clone the repository to a local disk")
    return Finding("file system", "files can be locked and synced")


def _peculiarities(repository: Repository) -> Iterator[Finding]:
    """Report what is allowed but surprises people in worktrees."""
    if (repository.root / ".gitmodules").exists():
        do = "setup: git submodule update --init --recursive, in the plan"
        yield advice("submodules", "they are empty in new worktrees", do)
    folds = repository.git.run("config", "--type=bool", "--get", "core.ignoreCase", check=False)
    if folds.stdout.strip() == b"true":
        text = "names that differ only in case are the same file, branch and folder here"
        yield Finding("file names", text)


def _space(repository: Repository) -> Finding:
    parent = repository.root.parent
    free = shutil.disk_usage(parent)
    text = f"{size(free.free)} free beside the repository, where worktrees are created"
    if not os.access(parent, os.W_OK | os.X_OK):
        do = "make it writable, or give plans a `worktree:` elsewhere"
        return problem("disk", f"porch cannot write to {parent}, where worktrees are created", do)
    files = os.statvfs(parent)
    if files.f_files and files.f_favail < LITTLE_SPACE * files.f_files:
        return advice("disk", f"only {files.f_favail} more files fit there", "porch clean, or delete files")
    if free.free < LITTLE_SPACE * free.total:
        return advice("disk", text, "porch clean, or make room in another way")
    return Finding("disk", text)


def _worktrees(survey: Survey) -> Iterator[Finding]:
    repository = survey.repository
    yield from stale_artifacts.broken_records(repository)
    try:
        known = survey.worktrees
    except RepositoryError as error:
        yield problem("worktrees", "git cannot list them", str(error))
        return
    ours = [one for one in known if one.is_ours and one.made_for not in (pool.REASON, throwaway.REASON)]
    pooled = pool.members(repository)
    linked, room = counted(len(known) - 1, "worktree"), usage_text(survey.usage([one.path for one in ours]))
    yield Finding("worktrees", f"{linked} besides the main one, {len(ours)} of them made by porch ({room})")
    if pooled:
        room = usage_text(survey.usage(pooled))
        yield Finding("pool", f"{counted(len(pooled), 'worktree')} kept warm in {pooled[0].parent} ({room})")
    if left := throwaway.left_by_killed(repository):
        text = f"{counted(len(left), 'worktree')} of a porch plan that was killed, not removed yet"
        yield advice("worktree", text, "porch clean")
    yield from stale_artifacts.stale_worktrees(survey, ours)
    states = [state for state in survey.states.values() if isinstance(state, RunState)]
    roots = [(state, Path(state.root)) for state in states]
    busy = {
        worktree_path(root, worktree_place(state, task, root.name))
        for state, root in roots
        for task in state.active
    }
    idle = [one for one in ours if one.path not in busy and one.path.exists()]
    yield from stale_artifacts.stale_locks(repository, idle)
    yield from orphan_processes(survey, idle)


def _run(repository: Repository, rundir: RunDir, state: RunState) -> Iterator[Finding]:
    """Report attempts without an engine, and what does not fit the run."""
    name, resume = f"run {rundir.run}", f"porch resume {rundir.run}"
    if Path(state.root) != repository.root:
        text = f"it was started in {state.root}, and this is {repository.root}: a copy, or moved since"
        do = "after a move: git worktree repair; in a copy, leave its worktrees to the original"
        yield advice(name, text, do)
    if state.changed_at > time.time() + CLOCK_S:
        ahead = duration(state.changed_at - time.time())
        text = f"its last record is {ahead} ahead of the clock, which was set back; its times are wrong"
        yield advice(name, text, "set the clock; nothing else in the run depends on it")
    if not state.active or lease.holder(rundir):
        return
    attempts = {task: state.tasks[task].attempt for task in state.active}
    found = {task: one and liveness.find(rundir.attempt(str(one.id))) for task, one in attempts.items()}
    lost = [task for task, one in found.items() if isinstance(one, liveness.Lost)]
    running = [task for task, one in found.items() if isinstance(one, liveness.Running)]
    elsewhere = {task: one.where for task, one in found.items() if isinstance(one, liveness.Elsewhere)}
    if lost:
        yield advice(name, f"lost when the machine or their shim died: {listed(lost)}", resume)
    if running:
        yield advice(name, f"running without an engine: {listed(running)}", resume)
    for task, where in elsewhere.items():
        yield advice(
            name, f"{task} is still running {where}, without an engine", f"{resume} waits until it ends"
        )
    if len(lost) + len(running) + len(elsewhere) < len(found):
        yield advice(name, "its engine died while it was working", resume)
