"""`porch clean`: remove worktrees and branches without unlanded work, and say what stays and why."""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Iterator, Sequence

from porch_tui.cli.arguments import add_json
from porch_tui.cli.lookup import repository_at
from porch_tui.cli.output.printing import say, write, write_json
from porch_tui.core.model.wording import counted, listed
from porch_tui.errors import PlanError
from porch_tui.git.repository import Repository
from porch_tui.git.worktree.clones import is_clone
from porch_tui.git.worktree.disk_usage import NOTHING
from porch_tui.git.worktree.pool import pool_folder
from porch_tui.housekeeping import cleaning
from porch_tui.housekeeping.candidates import BranchCandidate, CleanupCandidate, WorktreeCandidate
from porch_tui.housekeeping.cleaning import CleanedRun, Cleanup
from porch_tui.housekeeping.far_leftovers import CleanedPlace
from porch_tui.housekeeping.survey import usage_text
from porch_tui.journal.finding import find
from porch_tui.journal.rundir import runs_of
from porch_tui.present.amounts import short
from porch_tui.present.clean import clean as shown


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("runs", nargs="*", metavar="RUN", help="which runs (default: all that have ended)")
    parser.add_argument(
        "--shelve", action="store_true", help="also shelve the unlanded work of RUN, for porch unshelve"
    )
    parser.add_argument("--dry-run", action="store_true", help="only print what would be removed")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Clean up, and say what was removed and what stays."""
    repository, is_dry = repository_at(options.directory), options.dry_run
    named = list(dict.fromkeys(find(repository.common_dir, name) for name in options.runs))
    if options.shelve and not named:
        raise PlanError("--shelve needs the runs whose work to shelve; porch runs lists them")
    done = cleaning.clean(repository, named, is_dry=is_dry, is_shelving=options.shelve)
    if done.trouble:
        say(f"porch: could not delete everything: {done.trouble}; porch clean tries again")
    for left in done.left:
        say(f"porch: what was started behind a fence may still run: {left}; porch clean tries again")
    for left in done.places_left:
        say(f"porch: a place could not be taken away: {left}; porch clean tries again")
    if options.json:
        write_json(_document(done, is_dry))
        return 0
    write("".join(f"{line}\n" for line in _lines(repository, done, is_dry)))
    if done.pooled:
        folder = os.path.relpath(pool_folder(repository), repository.root)
        write(f"{counted(done.pooled, 'worktree')} kept warm for the next run in {shown(folder)}\n")
    for line in _advice(repository, done.runs):
        say(line)
    return 0


def _lines(repository: Repository, done: Cleanup, is_dry: bool) -> Iterator[str]:
    """Yield what was removed, what stays and why, and what restores what was shelved."""
    runs = done.runs
    if done.throwaways:
        what = counted(done.throwaways, "worktree")
        yield f"{'would remove' if is_dry else 'removed'}: {what} of a porch plan that was killed"
    elif not done.places and not any(run.candidates or run.kept or run.places or run.jobs for run in runs):
        yield "nothing to clean: no run has left a worktree or a branch"
    for name in done.places:
        yield f"{'would take' if is_dry else 'taken'} away: the place {shown(name)}"
    for run in runs:
        if run.kept or run.candidates or run.places or run.jobs:
            yield f"run {shown(run.rundir.run)}" + (f" stays: {shown(run.kept.why)}" if run.kept else "")
        if run.kept and run.kept.command:
            yield f"    {shown(run.kept.command)}"
        for one in run.candidates:
            yield from _lines_of(repository, one, is_dry)
        for name in run.jobs:
            yield f"  {'would end' if is_dry else 'ended'}: the jobs of {shown(name)}"
        for there in run.places:
            yield from _lines_at(there, is_dry)
        for place in run.moved:
            yield f"  ignored file moved to {shown(str(place))}"
    gone = [one for run in runs for one in run.candidates if isinstance(one, WorktreeCandidate)]
    freed = sum((one.usage for one in gone if one.kept is None), NOTHING)
    if freed.allocated_bytes:
        yield f"worktrees {'to remove' if is_dry else 'removed'}: {usage_text(freed)} on disk"


def _lines_of(repository: Repository, one: CleanupCandidate, is_dry: bool) -> Iterator[str]:
    name = one.name
    if isinstance(one, WorktreeCandidate):
        size = f" ({usage_text(one.usage)})" if one.usage.allocated_bytes else ""
        name = f"{shlex.quote(os.path.relpath(one.path, repository.root))}{size}"
    elif isinstance(one, BranchCandidate):
        name += f" at {short(one.oid)}"
    what = f"{one.kind} {shown(name)}"
    why = f": {shown(one.kept.why)}" if one.kept else ""
    if one.restore:
        yield f"  {'would shelve' if is_dry else 'shelved'}: {what}{why}"
        if not is_dry and not (isinstance(one, BranchCandidate) and one.kept is None):
            yield f"    {shown(one.restore)}"
    elif one.kept is None:
        yield f"  {'would remove' if is_dry else 'removed'}: {what}"
    else:
        yield f"  kept: {what}{why}"
        if one.kept.command:
            yield f"    {shown(one.kept.command)}"
    if isinstance(one, WorktreeCandidate) and one.precious and is_dry and not one.restore:
        yield f"    ignored files would move to the run's directory: {shown(listed(one.precious))}"


def _lines_at(there: CleanedPlace, is_dry: bool) -> Iterator[str]:
    if there.kept:
        yield f"  kept: what is on {shown(there.place)}: {shown(there.kept)}"
    for one in there.worktrees:
        name = shown(f"{there.place}:{one.name}")
        done = "kept" if one.kept else "would remove" if is_dry else "removed"
        yield f"  {done}: worktree {name}" + (f": {shown(one.kept)}" if one.kept else "")


def _advice(repository: Repository, runs: Sequence[CleanedRun]) -> Iterator[str]:
    """Yield how to shelve or discard work, and how to delete runs."""
    staying = [(run, one) for run in runs for one in run.candidates if one.stays]
    with_work = dict.fromkeys(run.rundir.run for run, one in staying if one.kept and one.kept.is_work)
    if with_work:
        yield (
            f"porch: work stays; {shlex.join(['porch', 'clean', '--shelve', *with_work])} "
            "shelves it, and porch unshelve restores it"
        )
    if staying:
        worktrees = [one for _, one in staying if isinstance(one, WorktreeCandidate)]
        has_clone = any(is_clone(repository, one.path) for one in worktrees)
        # git does not remove a folder with a repository inside
        first = "rm -rf FOLDER of a clone, " if has_clone else ""
        yield f"porch: to discard it: {first}git worktree remove -f -f FOLDER, and git branch -D BRANCH"
    if runs:
        folder = shlex.quote(str(runs_of(repository.common_dir)))
        has_files = any(run.rundir.ignored.is_dir() or run.rundir.shelved.is_dir() for run in runs)
        more = " and the files that were moved there" if has_files else ""
        yield f"porch: journal, logs and report of each run stay; rm -r {folder}/RUN deletes them{more}"


def _document(done: Cleanup, is_dry: bool) -> dict[str, object]:
    """Return the same for programs."""
    return {
        "dry_run": is_dry,
        "throwaways": done.throwaways,
        "places": list(done.places),
        "runs": [
            {
                "run": run.rundir.run,
                "kept": run.kept.why if run.kept else None,
                "leftovers": [
                    {
                        "kind": one.kind.replace(" ", "-"),
                        "name": one.name,
                        "removed": not one.stays,
                        "why": one.kept.why if one.kept else "",
                        "look": one.kept.command if one.kept else "",
                        "back": one.restore,
                        "disk_bytes": one.usage.allocated_bytes if isinstance(one, WorktreeCandidate) else 0,
                    }
                    for one in run.candidates
                ],
                "places": [
                    {
                        "place": there.place,
                        "kept": there.kept or None,
                        "worktrees": [
                            {"name": one.name, "removed": not one.kept, "why": one.kept}
                            for one in there.worktrees
                        ],
                    }
                    for there in run.places
                ],
                "moved": [str(place) for place in run.moved],
            }
            for run in done.runs
        ],
    }
