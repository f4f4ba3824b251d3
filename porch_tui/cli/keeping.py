"""`porch clean`: takes away what ended runs have left and nobody needs. Never loses what a person wrote.

What may go is decided first, for all of a run, and printed by --dry-run; then
it is done, under the run's lease, so that no engine begins meanwhile. Committed
work stays until it has landed, uncommitted work stays with its worktree, unless
--shelve sets both aside; ignored files that no tool can make anew are moved into
the run's directory. That directory, with journal, logs and report, is never removed.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import assert_never

from porch_tui.cli.cleaned import Cleaned, advice_lines, cleaned_document, cleaned_lines
from porch_tui.cli.ignored import holds, move_aside
from porch_tui.cli.leftovers import BranchLeft, CandidatesLeft, Leftover, Reason, Survey, WorktreeLeft
from porch_tui.cli.lookup import repository_at
from porch_tui.cli.output.printing import say, write, write_json
from porch_tui.cli.shelving import drop_branch, shelve_branch, shelve_worktree, unshelving
from porch_tui.cli.warm import put_into_pool, tidy, unkept, warmth
from porch_tui.core.model.copying import replace
from porch_tui.core.model.state import RunState
from porch_tui.core.model.transitions import IllegalTransition
from porch_tui.core.model.wording import counted, listed
from porch_tui.errors import PlanError, PorchError, RefusedError, RepositoryError
from porch_tui.git import refs
from porch_tui.git.repository import Repository
from porch_tui.git.worktree import removal
from porch_tui.git.worktree.pool import pool_folder
from porch_tui.journal import lease
from porch_tui.journal.finding import find
from porch_tui.journal.rundir import RunDir, all_runs
from porch_tui.present.clean import clean as shown
from porch_tui.process.machine import proc_trouble
from porch_tui.process.orphans import living_in
from porch_tui.session.session import Session


def clean(options: argparse.Namespace) -> int:
    """Remove worktrees and branches that hold nothing unlanded, and say what stays and why."""
    repository, is_dry = repository_at(options.directory), options.dry_run
    named = list(dict.fromkeys(find(repository.common_dir, name) for name in options.runs))
    busy = [rundir.run for rundir in named if lease.holder(rundir)]
    if busy:
        raise RefusedError(f"an engine is at work on {listed(busy)}; stop it, or let it end, then clean")
    if options.shelve and not named:
        raise PlanError("--shelve takes work out of sight: say of which runs; porch runs lists them")
    if not is_dry and (trouble := proc_trouble()):
        raise RepositoryError(f"porch cannot see who is at work in a worktree, so none is removed: {trouble}")
    cleaner, warm = Cleaner(repository, is_dry, options.shelve), 0
    cleaned = [cleaner.clean(rundir) for rundir in named or all_runs(repository.common_dir)]
    if not is_dry:
        warm = tidy(repository, cleaner.wish)
        _make_room(repository, cleaned)
    if options.json:
        write_json(cleaned_document(cleaned, is_dry))
        return 0
    write("".join(f"{line}\n" for line in cleaned_lines(repository, cleaned, is_dry)))
    if warm:
        folder = os.path.relpath(pool_folder(repository), repository.root)
        write(f"{counted(warm, 'worktree')} kept warm for the next run in {shown(folder)}\n")
    for line in advice_lines(repository, cleaned):
        say(line)
    return 0


class Cleaner:
    """Cleans up after one run after the other."""

    def __init__(self, repository: Repository, is_dry: bool, is_shelving: bool) -> None:
        self._repository = repository
        self._is_dry, self._is_shelving = is_dry, is_shelving
        self._survey = Survey(repository)
        self.wish = warmth(repository)
        """What is to be kept warm."""

    def clean(self, rundir: RunDir) -> Cleaned:
        """Look at a run's leftovers and, unless it is dry, take away what may go."""
        if lease.holder(rundir):
            return Cleaned(rundir, kept=Reason("an engine is at work on it", f"porch attach {rundir.run}"))
        try:
            with nullcontext() if self._is_dry else lease.Lease.take(rundir):
                state = Session(rundir).state
                if state.active:
                    why = f"attempts may still run: {listed(state.active)}"
                    return Cleaned(rundir, kept=Reason(why, f"porch resume {rundir.run}"))
                if alive := living_in(rundir.path):
                    why = f"still at work on it: {listed(alive)}"
                    return Cleaned(rundir, kept=Reason(why, f"porch resume {rundir.run}"))
                return self._take_away(rundir, state)
        except (PorchError, IllegalTransition) as error:
            return Cleaned(rundir, kept=Reason(str(error)))

    def _take_away(self, rundir: RunDir, state: RunState) -> Cleaned:
        done: list[Leftover] = []
        moved: list[Path] = []
        for leftover in self._survey.of_run(state):
            kept = leftover.kept
            is_wanted = self._is_shelving or (isinstance(leftover, WorktreeLeft) and leftover.is_over)
            is_aside = is_wanted and kept is not None and kept.is_work
            held = _held(leftover, done) or (None if is_aside else kept)
            try:
                if held:
                    done.append(replace(leftover, kept=kept or held))
                elif is_aside:
                    done.append(self._set_aside(rundir, state, leftover, done))
                else:
                    moved += self._remove(rundir, leftover)
                    done.append(leftover)
            except (PorchError, OSError) as error:
                done.append(replace(leftover, kept=Reason(str(error))))
        return Cleaned(rundir, tuple(done), moved=tuple(moved))

    def _set_aside(
        self, rundir: RunDir, state: RunState, leftover: Leftover, done: Sequence[Leftover]
    ) -> Leftover:
        """Do what --shelve asks for; a branch whose worktree was set aside is so too by then."""
        match leftover:
            case WorktreeLeft():
                if self._is_dry:
                    return replace(leftover, back=unshelving(rundir.run, leftover.name))
                return replace(leftover, back=shelve_worktree(self._repository, rundir, state, leftover))
            case BranchLeft():
                if any(
                    one.task == leftover.task and one.back for one in done if isinstance(one, WorktreeLeft)
                ):
                    if not self._is_dry:
                        drop_branch(self._repository, rundir, leftover)
                    return replace(leftover, kept=None, back=unshelving(rundir.run, leftover.task))
                if not self._is_dry:
                    shelve_branch(self._repository, rundir, leftover)
                return replace(leftover, back=unshelving(rundir.run, leftover.task))
            case CandidatesLeft():
                return leftover
            case _:
                assert_never(leftover)

    def _remove(self, rundir: RunDir, leftover: Leftover) -> list[Path]:
        """Take one thing away, unless it is dry; return where its precious files are now."""
        if self._is_dry:
            return []
        match leftover:
            case WorktreeLeft():
                aside = rundir.ignored / str(leftover.task)
                held = tuple(name for name in leftover.precious if holds(name, leftover.inside))
                first = tuple(dict.fromkeys((*unkept(leftover.precious, self.wish), *held)))
                moved = move_aside(leftover.path, first, aside)
                if not put_into_pool(self._repository, leftover.path, self.wish):
                    rest = [name for name in leftover.precious if name not in first]
                    moved += move_aside(leftover.path, rest, aside)
                    removal.remove(self._repository, leftover.path)
                return moved
            case BranchLeft():
                refs.delete(self._repository, {f"refs/heads/{leftover.name}": leftover.oid})
            case CandidatesLeft():
                refs.delete(self._repository, leftover.refs)
            case _:
                assert_never(leftover)
        return []


def _held(leftover: Leftover, done: Sequence[Leftover]) -> Reason | None:
    """Keep a branch whose worktree was to go, and did not."""
    worktrees = (one for one in done if isinstance(one, WorktreeLeft) and one.stays)
    is_held = isinstance(leftover, BranchLeft) and any(one.task == leftover.task for one in worktrees)
    return Reason("its worktree stays") if is_held else None


def _make_room(repository: Repository, cleaned: Iterable[Cleaned]) -> None:
    """Delete what was taken away, and the folders that held validations' worktrees if nothing is in them."""
    try:
        removal.empty_trash(repository)
    except OSError as error:
        what = f"{error.filename}: {error.strerror}"
        say(f"porch: not all could be deleted: {what}; porch clean tries again")
    done = (leftover for one in cleaned for leftover in one.leftovers)
    for folder in {one.path.parent for one in done if isinstance(one, WorktreeLeft) and one.task is None}:
        with suppress(OSError):  # something is in it
            folder.rmdir()
            folder.parent.rmdir()
    with suppress(OSError):
        pool_folder(repository).rmdir()
        pool_folder(repository).parent.rmdir()
