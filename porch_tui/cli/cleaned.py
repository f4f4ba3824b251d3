"""What `porch clean` has done, or would do, told to a person or a program."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import assert_never

from msgspec import Struct

from porch_tui.cli.disk import told
from porch_tui.cli.leftovers import BranchLeft, CandidatesLeft, Leftover, Reason, WorktreeLeft
from porch_tui.core.model.wording import listed
from porch_tui.git.repository import Repository
from porch_tui.git.worktree.clones import is_clone
from porch_tui.git.worktree.disk_usage import NOTHING
from porch_tui.journal.rundir import RunDir, runs_of
from porch_tui.present.amounts import short
from porch_tui.present.clean import clean as shown


class Cleaned(Struct, frozen=True):
    """What became of a run's leftovers; what has a reason stays."""

    rundir: RunDir
    leftovers: tuple[Leftover, ...] = ()
    kept: Reason | None = None
    """Why the run was not looked at at all."""
    moved: tuple[Path, ...] = ()
    """Ignored files, where they are now."""


def cleaned_lines(repository: Repository, cleaned: Sequence[Cleaned], is_dry: bool) -> Iterator[str]:
    """Yield what went, what stays and why, and what brings back what was set aside."""
    if not any(one.leftovers or one.kept for one in cleaned):
        yield "nothing to clean: no run has left a worktree or a branch"
    for one in cleaned:
        if one.kept or one.leftovers:
            yield f"run {shown(one.rundir.run)}" + (f" stays: {shown(one.kept.why)}" if one.kept else "")
        if one.kept and one.kept.look:
            yield f"    {shown(one.kept.look)}"
        for leftover in one.leftovers:
            yield from _lines_of(repository, leftover, is_dry)
        for place in one.moved:
            yield f"  ignored, moved to {shown(str(place))}"
    gone = [left for one in cleaned for left in one.leftovers if isinstance(left, WorktreeLeft)]
    freed = sum((left.room for left in gone if left.kept is None), NOTHING)
    if freed.allocated_bytes:
        yield f"worktrees that {'would go' if is_dry else 'went'} took {told(freed)} on disk"


def advice_lines(repository: Repository, cleaned: Sequence[Cleaned]) -> Iterator[str]:
    """Yield what porch does not do by itself: set work aside, throw it away, and forget runs."""
    kept = {one.rundir.run: [left.kept for left in one.leftovers if left.stays] for one in cleaned}
    with_work = [run for run, reasons in kept.items() if any(reason and reason.is_work for reason in reasons)]
    if with_work:
        yield (
            f"porch: what holds work stays; {shlex.join(['porch', 'clean', '--shelve', *with_work])} "
            "sets it aside, and porch unshelve puts it back"
        )
    if any(kept.values()):
        stay = (left for one in cleaned for left in one.leftovers if left.stays)
        has_clone = any(isinstance(left, WorktreeLeft) and is_clone(repository, left.path) for left in stay)
        first = "rm -rf FOLDER of a clone, " if has_clone else ""  # git removes no folder with a repository
        yield f"porch: to throw it away: {first}git worktree remove -f -f FOLDER, and git branch -D BRANCH"
    if cleaned:
        folder = shlex.quote(str(runs_of(repository.common_dir)))
        has_files = any(one.rundir.ignored.is_dir() or one.rundir.shelved.is_dir() for one in cleaned)
        more = ", and the files that were moved there" if has_files else ""
        yield f"porch: journal, logs and report of each run stay; rm -r {folder}/RUN forgets one{more}"


def _lines_of(repository: Repository, leftover: Leftover, is_dry: bool) -> Iterator[str]:
    what = f"{_kind(leftover)} {shown(_name(repository, leftover))}"
    back = leftover.back
    why = f": {shown(leftover.kept.why)}" if leftover.kept else ""
    if back:
        yield f"  {'would be set' if is_dry else 'set'} aside: {what}{why}"
        if not is_dry and not (isinstance(leftover, BranchLeft) and leftover.kept is None):
            yield f"    {shown(back)}"
    elif leftover.kept is None:
        yield f"  {'would go' if is_dry else 'removed'}: {what}"
    else:
        yield f"  kept: {what}{why}"
        if leftover.kept.look:
            yield f"    {shown(leftover.kept.look)}"
    if isinstance(leftover, WorktreeLeft) and leftover.precious and is_dry and not back:
        yield f"    first, into the run's directory: ignored {shown(listed(leftover.precious))}"


def _kind(leftover: Leftover) -> str:
    match leftover:
        case WorktreeLeft():
            others = "resolver's worktree" if leftover.is_over else "validation worktree"
            return "worktree" if leftover.task else others
        case BranchLeft():
            return "branch"
        case CandidatesLeft():
            return "refs of"
        case _:
            assert_never(leftover)


def _name(repository: Repository, leftover: Leftover) -> str:
    match leftover:
        case WorktreeLeft():
            place = shlex.quote(os.path.relpath(leftover.path, repository.root))
            taken = leftover.room.allocated_bytes
            return f"{place} ({told(leftover.room)})" if taken else place
        case BranchLeft():
            return f"{leftover.name} at {short(leftover.oid)}"
        case CandidatesLeft():
            return leftover.name
        case _:
            assert_never(leftover)


def cleaned_document(cleaned: Sequence[Cleaned], is_dry: bool) -> dict[str, object]:
    """Return the same for programs."""
    return {
        "dry_run": is_dry,
        "runs": [
            {
                "run": one.rundir.run,
                "kept": one.kept.why if one.kept else None,
                "leftovers": [_leftover(leftover) for leftover in one.leftovers],
                "moved": [str(place) for place in one.moved],
            }
            for one in cleaned
        ],
    }


def _leftover(leftover: Leftover) -> dict[str, object]:
    taken = leftover.room if isinstance(leftover, WorktreeLeft) else None
    return {
        "kind": _kind(leftover).replace(" ", "-"),
        "name": leftover.name,
        "removed": not leftover.stays,
        "why": leftover.kept.why if leftover.kept else "",
        "look": leftover.kept.look if leftover.kept else "",
        "back": leftover.back,
        "disk_bytes": taken.allocated_bytes if taken else 0,
    }
