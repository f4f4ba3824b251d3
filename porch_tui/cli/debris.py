"""What dead processes leave in a repository, git's and porch's own, told by `porch doctor` with what to do.

Locks, half-written records, folders that went away. Nothing is mended here.
"""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from porch_tui.cli.findings import Finding, advice
from porch_tui.cli.strays import named
from porch_tui.core.model.wording import counted, listed
from porch_tui.errors import RepositoryError
from porch_tui.git import refs
from porch_tui.git.landing import transaction
from porch_tui.git.landing.checkout import git_dir_of
from porch_tui.git.objects import DEFAULT_LOOSE_LIMIT
from porch_tui.git.repository import Repository
from porch_tui.git.rescue import shelf
from porch_tui.git.working_tree import NotItsFolderError
from porch_tui.git.worktree.clones import is_clone
from porch_tui.git.worktree.removal import refuse_foreign
from porch_tui.git.worktree_list import Worktree
from porch_tui.journal import lease
from porch_tui.journal.rundir import RunDir
from porch_tui.present.amounts import duration
from porch_tui.process.processes import open_in

STALE_S = 60.0
"""No git holds a lock for as long, but one that is checking out or packing something huge."""
RECORD = ("gitdir", "HEAD", "commondir")
"""What git keeps of every linked worktree; without one of them it can list none."""


def broken_records(repository: Repository) -> Iterator[Finding]:
    """Tell of worktrees whose record is half written, by another tool or a full disk."""
    for admin in sorted((repository.common_dir / "worktrees").glob("*")):
        broken = [name for name in RECORD if not _has_content(admin / name)]
        if broken and admin.is_dir() and _age_s(admin) > STALE_S:
            text = f"git's record {admin} is half written ({listed(broken)}); git cannot list worktrees by it"
            yield advice("worktree", text, f"if no git is at work: rm -r {shlex.quote(str(admin))}")


def lost_worktrees(
    repository: Repository, ours: Sequence[Worktree], runs: set[str], past: set[Path]
) -> Iterator[Finding]:
    """Tell of worktrees of porch's that are not what git has on record, or that nobody has any use for.

    `past` are those whose run has no use for them any more.
    """
    for one in ours:
        run = one.run
        place = shlex.quote(str(one.path))
        try:
            refuse_foreign(repository, one.path)
        except NotItsFolderError as error:
            yield advice("worktree", error.what, error.advice)
            continue
        if not one.path.exists() and run in runs:
            if one.branch and refs.read(repository, f"refs/heads/{one.branch}") is None:
                yield advice(
                    "worktree", f"{one.path} and its branch {one.branch} are gone", f"porch clean {run}"
                )
                continue
            text = f"{one.path} is gone; what was committed there is on {one.branch or one.head}"
            restore = f"git worktree unlock {place}; git worktree add -f {place} {one.branch or one.head}"
            yield advice("worktree", text, f"porch clean {run}; or, to have it back: {restore}")
        elif one.path in past:
            text = f"{one.path} was made for a resolver, and that conflict is over"
            yield advice("worktree", text, f"porch clean {run}")
        elif run not in runs and is_clone(repository, one.path):
            # git takes no folder away that holds a repository, and forgets one that is gone
            do = f"look into it, then: rm -rf {place}; git worktree remove -f -f {place}"
            yield advice("worktree", f"{one.path} is a clone of a run that is no more", do)
        elif run not in runs:
            remove = f"git worktree unlock {place}; git worktree remove {place}"
            text = f"{one.path} is of a run that is no more"
            yield advice("worktree", text, f"{remove}  (git refuses if anything in it is uncommitted)")


def locks(repository: Repository, quiet: Sequence[Worktree]) -> Iterator[Finding]:
    """Tell of lock files a killed git has left: in `quiet` worktrees at once, elsewhere when they are old.

    What a living process has open is told with that.
    """
    common = repository.common_dir
    found = [*common.glob("*.lock"), *(common / "refs").rglob("*.lock")]
    stale = {lock: "all of the repository" for lock in found if _age_s(lock) > STALE_S}
    for one in quiet:
        with suppress(RepositoryError):
            directory = git_dir_of(repository, one.path)
            stale |= dict.fromkeys(directory.glob("*.lock"), f"{one.path}, and nothing runs in it")
    holders = open_in(stale)
    for lock, where in stale.items():
        held = f"; {named(holders[lock])} has it open" if holders[lock] else ""
        text = f"{lock.name} locks {where}; it is {duration(_age_s(lock))} old{held}"
        yield advice("lock", text, f"if no git is at work there: rm {shlex.quote(str(lock))}")


def cut_off_landing(repository: Repository, runs: Sequence[RunDir]) -> Iterator[Finding]:
    """Tell of a landing that was never ended."""
    cut_off = transaction.read_intent(repository)
    if cut_off is None or any(map(lease.holder, runs)):
        return
    text = f"a landing on {cut_off.target} was cut off; {cut_off.worktree} may look half changed"
    yield advice("landing", text, "porch resume finishes it or takes it back")


def trash_left(repository: Repository) -> Iterator[Finding]:
    """Tell of what was taken away and not deleted yet."""
    left = list((repository.own_dir / "trash").glob("*"))
    if left:
        yield advice("trash", f"{counted(len(left), 'worktree')} taken away, not yet deleted", "porch clean")


def set_aside(repository: Repository, runs: Sequence[RunDir]) -> Iterator[Finding]:
    """Tell of work that was set aside, and how to have it back."""
    for rundir in runs:
        owners = sorted({one.owner for one in shelf.shelves(repository, rundir.run)})
        if owners:
            back = shlex.join(["porch", "unshelve", *owners, "--run", rundir.run])
            yield Finding("set aside", f"{listed(owners)} of run {rundir.run}: {back}")


def loose_objects(repository: Repository) -> Iterator[Finding]:
    """Tell when git would tidy up by itself, as it may once nothing runs."""
    count = int(repository.git.text("count-objects").split()[0])
    if count > DEFAULT_LOOSE_LIMIT:
        yield advice("objects", f"{count} loose ones, which makes git slower", "git gc, while no task runs")


def broken_refs(repository: Repository) -> Iterator[Finding]:
    """Tell of refs of porch's whose object is gone: git's own gc and fetch fail by them."""
    for ref, oid in refs.broken(repository).items():
        text = (
            f"{ref} points to {oid}, which is gone; it was {_meant(ref)}. "
            "While the ref is there, git gc and git fetch may fail here"
        )
        do = "git update-ref -d " + shlex.join([ref, oid])
        yield advice("refs", text, f"{do}  (the object is lost already: this loses nothing more)")


def _meant(ref: str) -> str:
    """Return what a ref of a run was there to keep."""
    _, _, _, kind, *_ = (*ref.split("/"), "")
    match kind:
        case "cand" | "probe":
            return "a merge that porch makes again when it needs it"
        case "head":
            return "the finished work of a task; its branch may have it, or else porch retry does it again"
        case "base" | "landed":
            return "a commit of the target, as the run found or left it"
        case "resolve":
            return "the record of a resolved conflict"
        case "attempt" | "left" | "clone" | "stash" | "rescue":
            return "a safety copy of work"
        case _:
            return "something a run needed"


def _has_content(file: Path) -> bool:
    with suppress(OSError):
        return file.stat().st_size > 0
    return False


def _age_s(file: Path) -> float:
    with suppress(OSError):
        return max(0.0, time.time() - os.lstat(file).st_mtime)
    return 0.0
