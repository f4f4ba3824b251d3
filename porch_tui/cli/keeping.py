"""`porch clean`: takes away what ended runs have left and nobody needs. Never loses what a person wrote.

What may go is decided first, for all of a run, and printed by --dry-run; then
it is done, under the run's lease, so that no engine begins meanwhile. Committed
work stays until it has landed, uncommitted work stays with its worktree, and
ignored files that no tool can make anew are moved into the run's directory. The
run's own directory, with journal, logs and report, is never removed.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import assert_never

from porch_tui.cli.ignored import move_aside
from porch_tui.cli.leftovers import BranchLeft, CandidatesLeft, Leftover, Reason, Survey, WorktreeLeft
from porch_tui.cli.places import repository_at
from porch_tui.cli.printing import write, write_json
from porch_tui.cli.warm import Warmth, put_into_pool, tidy, unkept, warmth
from porch_tui.core.explain import listed
from porch_tui.core.transitions import IllegalTransition
from porch_tui.errors import PorchError, RefusedError
from porch_tui.git import refs, removal, trash
from porch_tui.git.pool import pool_folder
from porch_tui.git.repository import Repository
from porch_tui.journal import lease
from porch_tui.journal.finding import find
from porch_tui.journal.rundir import RunDir, all_runs, runs_of
from porch_tui.report.amounts import counted, short
from porch_tui.report.clean import clean as shown
from porch_tui.session.session import Session


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What became of a run's leftovers; what has a reason stays."""

    rundir: RunDir
    leftovers: tuple[Leftover, ...] = ()
    kept: Reason | None = None
    """Why the run was not looked at at all."""
    moved: tuple[Path, ...] = ()
    """Ignored files, where they are now."""


def clean(options: argparse.Namespace) -> int:
    """Remove worktrees and branches that hold nothing unlanded, and say what stays and why."""
    repository = repository_at(options.directory)
    named = list(dict.fromkeys(find(repository.common_dir, name) for name in options.runs))
    busy = [rundir.run for rundir in named if lease.holder(rundir)]
    if busy:
        raise RefusedError(f"an engine is at work on {listed(busy)}; stop it, or let it end, then clean")
    survey, warm = Survey(repository), 0
    runs = named or all_runs(repository.common_dir)
    wish = warmth(repository)
    cleaned = [_clean_run(repository, rundir, survey, wish, options.dry_run) for rundir in runs]
    if not options.dry_run:
        warm = tidy(repository, wish)
        _make_room(repository, cleaned)
    if options.json:
        write_json(_document(cleaned, options.dry_run))
    else:
        write("".join(f"{line}\n" for line in _lines(repository, cleaned, options.dry_run)))
        if warm:
            folder = os.path.relpath(pool_folder(repository), repository.root)
            write(f"{counted(warm, 'worktree')} kept warm for the next run in {shown(folder)}\n")
        _advise(repository, cleaned)
    return 0


def _clean_run(repository: Repository, rundir: RunDir, survey: Survey, wish: Warmth, is_dry: bool) -> Cleaned:
    """Look at a run's leftovers and, unless `is_dry`, take away what may go."""
    if lease.holder(rundir):
        return Cleaned(rundir, kept=Reason("an engine is at work on it", f"porch attach {rundir.run}"))
    try:
        with nullcontext() if is_dry else lease.Lease.take(rundir):
            state = Session(rundir).state
            if state.active:
                why = f"attempts may still run: {listed(state.active)}"
                return Cleaned(rundir, kept=Reason(why, f"porch resume {rundir.run}"))
            found = survey.of_run(state)
            return Cleaned(rundir, tuple(found)) if is_dry else _take_away(repository, rundir, found, wish)
    except (PorchError, IllegalTransition) as error:
        return Cleaned(rundir, kept=Reason(str(error)))


def _take_away(repository: Repository, rundir: RunDir, found: Sequence[Leftover], wish: Warmth) -> Cleaned:
    done: list[Leftover] = []
    moved: list[Path] = []
    for leftover in found:
        kept = leftover.kept or _held(leftover, done)
        if kept is None:
            try:
                moved += _remove(repository, rundir, leftover, wish)
            except (PorchError, OSError) as error:
                kept = Reason(str(error))
        done.append(replace(leftover, kept=kept))
    return Cleaned(rundir, tuple(done), moved=tuple(moved))


def _held(leftover: Leftover, done: Sequence[Leftover]) -> Reason | None:
    """Keep a branch whose worktree was to go, and did not."""
    worktrees = (one for one in done if isinstance(one, WorktreeLeft) and one.kept)
    is_held = isinstance(leftover, BranchLeft) and any(one.task == leftover.task for one in worktrees)
    return Reason("its worktree stays") if is_held else None


def _remove(repository: Repository, rundir: RunDir, leftover: Leftover, wish: Warmth) -> list[Path]:
    """Take one thing away; return where its precious files are now."""
    match leftover:
        case WorktreeLeft():
            aside = rundir.path / "ignored" / str(leftover.task)
            first = unkept(leftover.precious, wish)
            moved = move_aside(leftover.path, first, aside)
            if not put_into_pool(repository, leftover.path, wish):
                rest = [name for name in leftover.precious if name not in first]
                moved += move_aside(leftover.path, rest, aside)
                removal.remove(repository, leftover.path)
            return moved
        case BranchLeft():
            refs.delete(repository, {f"refs/heads/{leftover.name}": leftover.oid})
        case CandidatesLeft():
            refs.delete(repository, leftover.refs)
        case _:
            assert_never(leftover)
    return []


def _make_room(repository: Repository, cleaned: Iterable[Cleaned]) -> None:
    """Delete what was taken away, and the folders that held validations' worktrees if nothing is in them."""
    try:
        trash.empty(repository)
    except OSError as error:
        what = f"{error.filename}: {error.strerror}"
        print(f"porch: not all could be deleted: {what}; porch clean tries again", file=sys.stderr)
    done = (leftover for one in cleaned for leftover in one.leftovers)
    for folder in {one.path.parent for one in done if isinstance(one, WorktreeLeft) and one.task is None}:
        with suppress(OSError):  # something is in it
            folder.rmdir()
            folder.parent.rmdir()
    with suppress(OSError):
        pool_folder(repository).rmdir()
        pool_folder(repository).parent.rmdir()


def _lines(repository: Repository, cleaned: Sequence[Cleaned], is_dry: bool) -> Iterator[str]:
    if not any(one.leftovers or one.kept for one in cleaned):
        yield "nothing to clean: no run has left a worktree or a branch"
    gone = "would go" if is_dry else "removed"
    for one in cleaned:
        if one.kept or one.leftovers:
            yield f"run {shown(one.rundir.run)}" + (f" stays: {shown(one.kept.why)}" if one.kept else "")
        if one.kept and one.kept.look:
            yield f"    {shown(one.kept.look)}"
        for leftover in one.leftovers:
            yield from _told(repository, leftover, gone)
        for place in one.moved:
            yield f"  ignored, moved to {shown(str(place))}"


def _advise(repository: Repository, cleaned: Sequence[Cleaned]) -> None:
    """Say what porch does not do: throw work away, and forget runs."""
    if any(leftover.kept for one in cleaned for leftover in one.leftovers):
        advice = "git worktree remove -f -f FOLDER, and git branch -D BRANCH"
        print(f"porch: to throw away what was kept: {advice}", file=sys.stderr)
    if cleaned:
        folder = shlex.quote(str(runs_of(repository.common_dir)))
        print(
            f"porch: journal, logs and report of each run stay; rm -r {folder}/RUN forgets one",
            file=sys.stderr,
        )


def _told(repository: Repository, leftover: Leftover, gone: str) -> Iterator[str]:
    what = f"{_kind(leftover)} {shown(_name(repository, leftover))}"
    if leftover.kept is None:
        yield f"  {gone}: {what}"
    else:
        yield f"  kept: {what}: {shown(leftover.kept.why)}"
        if leftover.kept.look:
            yield f"    {shown(leftover.kept.look)}"
    if isinstance(leftover, WorktreeLeft) and leftover.precious and gone != "removed":
        yield f"    first, into the run's directory: ignored {shown(listed(leftover.precious))}"


def _kind(leftover: Leftover) -> str:
    match leftover:
        case WorktreeLeft():
            return "worktree" if leftover.task else "validation worktree"
        case BranchLeft():
            return "branch"
        case CandidatesLeft():
            return "refs of"
        case _:
            assert_never(leftover)


def _name(repository: Repository, leftover: Leftover) -> str:
    match leftover:
        case WorktreeLeft():
            return shlex.quote(os.path.relpath(leftover.path, repository.root))
        case BranchLeft():
            return f"{leftover.name} at {short(leftover.oid)}"
        case CandidatesLeft():
            return leftover.name
        case _:
            assert_never(leftover)


def _document(cleaned: Sequence[Cleaned], is_dry: bool) -> dict[str, object]:
    return {
        "dry_run": is_dry,
        "runs": [
            {
                "run": one.rundir.run,
                "kept": one.kept.why if one.kept else None,
                "leftovers": [
                    {
                        "kind": _kind(leftover).replace(" ", "-"),
                        "name": leftover.name,
                        "removed": leftover.kept is None,
                        "why": leftover.kept.why if leftover.kept else "",
                        "look": leftover.kept.look if leftover.kept else "",
                    }
                    for leftover in one.leftovers
                ],
                "moved": [str(place) for place in one.moved],
            }
            for one in cleaned
        ],
    }
