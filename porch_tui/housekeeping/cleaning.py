"""Remove what runs have left and no one needs. Never loses what a person wrote.

First all candidates of a run are examined, then they are removed, under the run's lease, so that no engine
starts meanwhile. Committed work stays until it has landed, and uncommitted work stays with its worktree,
unless both are shelved. Ignored files that no tool can recreate are moved to the run's directory. That
directory, with journal, logs and report, is never removed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import assert_never

from msgspec import Struct

from porch_tui.core.model.copying import replace
from porch_tui.core.model.state import RunState
from porch_tui.core.model.transitions import IllegalTransition
from porch_tui.core.model.wording import listed
from porch_tui.errors import PorchError, RefusedError, RepositoryError
from porch_tui.executors import throwaway
from porch_tui.git import refs
from porch_tui.git.repository import Repository
from porch_tui.git.worktree import base_checkout, passing_on, pool, removal
from porch_tui.git.worktree_list import worktrees_lock
from porch_tui.housekeeping import shelving
from porch_tui.housekeeping.candidates import (
    BranchCandidate,
    CleanupCandidate,
    Reason,
    RefsCandidate,
    WorktreeCandidate,
    cleanup_candidates,
)
from porch_tui.housekeeping.far_leftovers import CleanedPlace, boxes_in_use, clean_places, end_jobs
from porch_tui.housekeeping.landed_worktrees import remove_worktree
from porch_tui.housekeeping.survey import Survey
from porch_tui.journal import lease
from porch_tui.journal.rundir import RunDir
from porch_tui.places.carriers import box
from porch_tui.process import control
from porch_tui.process.machine import proc_trouble
from porch_tui.process.orphans import fenced, living_in
from porch_tui.session.session import Session


class CleanedRun(Struct, frozen=True):
    """What became of a run's cleanup candidates."""

    rundir: RunDir
    candidates: tuple[CleanupCandidate, ...] = ()
    kept: Reason | None = None
    """Why nothing of the run was examined."""
    moved: tuple[Path, ...] = ()
    """Where ignored files are now."""
    places: tuple[CleanedPlace, ...] = ()
    """What it has left on other machines."""
    jobs: tuple[str, ...] = ()
    """The batch systems that still had jobs of it."""
    boxes: frozenset[str] = frozenset()
    """The names of places made for it that still hold some of that."""


class Cleanup(Struct, frozen=True):
    """What was done, or would be."""

    runs: tuple[CleanedRun, ...]
    pooled: int = 0
    """How many worktrees are in the pool, for the next run."""
    trouble: str = ""
    """Which folder could not be deleted, and why; the next cleanup tries again."""
    left: tuple[str, ...] = ()
    """What may still run behind the fences of attempts, and why it could not be ended."""
    throwaways: int = 0
    """How many worktrees there were of a `porch plan` that was killed."""
    places: tuple[str, ...] = ()
    """What runs had made to run tasks in, such as containers, by name."""
    places_left: tuple[str, ...] = ()
    """What could not be taken away of that, and why."""


def clean(repository: Repository, named: Sequence[RunDir], *, is_dry: bool, is_shelving: bool) -> Cleanup:
    """Clean up after the named runs, or all; with `is_dry` only return what would be done."""
    busy = [rundir.run for rundir in named if lease.holder(rundir)]
    if busy:
        raise RefusedError(f"an engine is running {listed(busy)}; stop it or wait until it ends, then clean")
    if not is_dry and (trouble := proc_trouble()):
        raise RepositoryError(
            f"porch cannot see which processes use a worktree, so it removes none: {trouble}"
        )
    if not is_dry:
        with worktrees_lock(repository):
            passing_on.finish(repository)
    survey = Survey(repository)
    left = () if is_dry else tuple(_end_behind_fences(survey, named or survey.runs))
    cleaner = _Cleaner(survey, is_dry, is_shelving)
    cleaned = tuple(cleaner.clean(rundir) for rundir in named or survey.runs)
    # of those of named runs others may still have use
    made = () if named or any(run.kept for run in cleaned) else box.made_in(repository.own_dir)
    needed = {name for run in cleaned for name in run.boxes}
    places = tuple(name for name in made if name not in needed)
    if is_dry:
        count = 0 if named else len(throwaway.left_by_killed(repository))
        return Cleanup(cleaned, throwaways=count, places=places)
    reasons = {name: box.take_away(repository.own_dir, name, os.environ) for name in places}
    swept = 0 if named else throwaway.sweep(repository)
    return Cleanup(
        cleaned,
        *cleaner.finish(cleaned),
        left=left,
        throwaways=swept,
        places=tuple(name for name, why in reasons.items() if not why),
        places_left=tuple(f"{name}: {why}" for name, why in reasons.items() if why),
    )


def _end_behind_fences(survey: Survey, runs: Iterable[RunDir]) -> Iterator[str]:
    """End what killed shims have left behind their fences; yield what could not be ended, and why."""
    for rundir in runs:
        if lease.holder(rundir):
            continue  # its engine does that
        state = survey.states.get(rundir)
        env = dict(state.plan.env) if isinstance(state, RunState) else {}
        for directory in fenced(rundir.path):
            if why := control.end_behind_fence(directory, {**os.environ, **env}):
                yield f"{rundir.run}/{directory.name}: {why}"


class _Cleaner:
    """Cleans up after one run after the other."""

    def __init__(self, survey: Survey, is_dry: bool, is_shelving: bool) -> None:
        self._survey, self._repository = survey, survey.repository
        self._is_dry, self._is_shelving = is_dry, is_shelving
        states = map(survey.state_of, survey.runs)
        # the newest run's plan has the pool settings that are wanted now
        plan = next((state.plan for state in states if isinstance(state, RunState)), None)
        self._pool_size, self._pool_keep = (plan.pool, plan.pool_keep) if plan else (0, ())

    def clean(self, rundir: RunDir) -> CleanedRun:
        """Examine what a run has left and, unless this is a dry run, remove what may be removed."""
        if lease.holder(rundir):
            return CleanedRun(rundir, kept=Reason("an engine is running it", f"porch attach {rundir.run}"))
        try:
            with nullcontext() if self._is_dry else lease.Lease.take(rundir):
                state = Session(rundir).state
                why = ""
                if state.active:
                    why = f"attempts may still be running: {listed(state.active)}"
                elif alive := living_in(rundir.path):
                    why = f"still running: {listed(alive)}"
                if why:
                    return CleanedRun(rundir, kept=Reason(why, f"porch resume {rundir.run}"))
                return self._clean(rundir, state)
        except (PorchError, IllegalTransition) as error:
            return CleanedRun(rundir, kept=Reason(str(error)))

    def _clean(self, rundir: RunDir, state: RunState) -> CleanedRun:
        done: list[CleanupCandidate] = []
        moved: list[Path] = []
        for one in cleanup_candidates(self._survey, state):
            try:
                match one:
                    case WorktreeCandidate():
                        done.append(self._clean_worktree(rundir, state, one, moved))
                    case BranchCandidate():
                        done.append(self._clean_branch(rundir, one, done))
                    case RefsCandidate():
                        if one.kept is None and not self._is_dry:
                            refs.delete(self._repository, one.refs)
                        done.append(one)
                    case _:
                        assert_never(one)
            except (PorchError, OSError) as error:
                done.append(replace(one, kept=Reason(str(error))))
        jobs = end_jobs(self._repository, rundir.run, is_dry=self._is_dry)
        places = clean_places(self._repository, rundir, state, is_dry=self._is_dry) if state.places else ()
        boxes = frozenset(boxes_in_use(self._repository, state, places))
        return CleanedRun(rundir, tuple(done), moved=tuple(moved), places=places, boxes=boxes, jobs=jobs)

    def _clean_worktree(
        self, rundir: RunDir, state: RunState, one: WorktreeCandidate, moved: list[Path]
    ) -> WorktreeCandidate:
        """Remove a worktree that is not kept, or shelve it; `moved` gets its precious files."""
        if one.kept and one.kept.is_work and (self._is_shelving or one.is_obsolete):
            if self._is_dry:
                return replace(one, restore=shelving.unshelving(rundir.run, one.task or one.name))
            return replace(one, restore=shelving.shelve_worktree(self._repository, rundir, state, one))
        if one.kept is None and not self._is_dry:
            moved += remove_worktree(
                self._repository, rundir, one, size=self._pool_size, keep=self._pool_keep
            )
        return one

    def _clean_branch(
        self, rundir: RunDir, one: BranchCandidate, done: Sequence[CleanupCandidate]
    ) -> BranchCandidate:
        """Delete a branch that is not kept, or shelve it; it shares the fate of its worktree."""
        own = [other for other in done if isinstance(other, WorktreeCandidate) and other.task == one.task]
        is_shelved = any(other.restore for other in own)
        if any(other.stays for other in own):
            return replace(one, kept=one.kept or Reason("its worktree stays"))
        if one.kept is None:
            if not self._is_dry:
                refs.delete(self._repository, {f"refs/heads/{one.name}": one.oid})
            return one
        if not (self._is_shelving and one.kept.is_work):
            return one
        if not self._is_dry:
            shelve = shelving.drop_branch if is_shelved else shelving.shelve_branch
            shelve(self._repository, rundir, one)
        restore = shelving.unshelving(rundir.run, one.task)
        return replace(one, kept=None if is_shelved else one.kept, restore=restore)

    def finish(self, cleaned: Iterable[CleanedRun]) -> tuple[int, str]:
        """Trim the pool; delete what was removed, and empty folders. Returns `pooled` and `trouble`."""
        folder, pooled, trouble = pool.pool_folder(self._repository), 0, ""
        if folder.is_dir():
            with worktrees_lock(self._repository):
                pool.sweep(self._repository)
                pooled = pool.trim(self._repository, self._pool_size)
        try:
            base_checkout.delete_left(self._repository)
            removal.empty_trash(self._repository)
        except OSError as error:
            trouble = f"{error.filename}: {error.strerror}"
        parents = {
            one.path.parent
            for run in cleaned
            for one in run.candidates
            # a folder that is called like the run is porch's own
            if isinstance(one, WorktreeCandidate) and (not one.task or run.rundir.run in one.path.parent.name)
        }
        for parent in (*parents, folder):
            with suppress(OSError):  # something is in it
                parent.rmdir()
                parent.parent.rmdir()
        return pooled, trouble
