"""Stale artifacts: what processes of git and porch leave behind when they die, and what to do about it.

Locks, half-written records, worktrees that are gone or not needed, refs without an object. Changes nothing.
"""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

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
from porch_tui.housekeeping.findings import Finding, advice
from porch_tui.housekeeping.survey import Survey, is_obsolete, names_of
from porch_tui.journal import lease
from porch_tui.present.amounts import duration
from porch_tui.process.processes import open_in

STALE_S = 60.0
"""Git keeps a lock this long only while it checks out or packs something huge."""
RECORD = ("gitdir", "HEAD", "commondir")
"""The files of git's record of a linked worktree; if one lacks any of them, git cannot list any worktree."""
PURPOSES = {
    "cand": "a merge that porch makes again when needed",
    "probe": "a merge that porch makes again when needed",
    "head": "the finished work of a task; if its branch has lost it too, use porch retry",
    "base": "a commit of the target branch",
    "landed": "a commit of the target branch",
    "resolve": "the record of a resolved conflict",
    **dict.fromkeys(("attempt", "left", "clone", "stash", "rescue"), "a safety copy of work"),
}
"""What a ref of a run kept, by what follows the run in its name."""


def broken_records(repository: Repository) -> Iterator[Finding]:
    """Report worktrees whose record was left half written, by another tool or on a full disk."""
    for admin in sorted((repository.common_dir / "worktrees").glob("*")):
        broken = [name for name in RECORD if not _has_content(admin / name)]
        if broken and admin.is_dir() and _age_s(admin) > STALE_S:
            text = f"git's record {admin} is half written ({listed(broken)}), so git cannot list worktrees"
            yield advice("worktree", text, f"if no git is running: rm -r {shlex.quote(str(admin))}")


def stale_worktrees(survey: Survey, ours: Sequence[Worktree]) -> Iterator[Finding]:
    """Report worktrees of runs that differ from git's record, or are no longer needed."""
    states = {str(rundir.run): state for rundir, state in survey.states.items()}
    for one in ours:
        run, state = one.run, states.get(one.run)
        place = shlex.quote(str(one.path))
        try:
            refuse_foreign(survey.repository, one.path)
        except NotItsFolderError as error:
            yield advice("worktree", error.what, error.advice)
            continue
        if state is None and is_clone(survey.repository, one.path):
            # git does not remove a folder with a repository inside, but forgets one that is gone
            do = f"check what is in it, then: rm -rf {place}; git worktree remove -f -f {place}"
            yield advice("worktree", f"{one.path} is a clone of a run that no longer exists", do)
        elif state is None:
            remove = f"git worktree unlock {place}; git worktree remove {place}"
            text = f"{one.path} belongs to a run that no longer exists"
            yield advice("worktree", text, f"{remove}  (git refuses if anything in it is uncommitted)")
        elif not one.path.exists() and one.branch and one.branch not in survey.branches:
            text = f"{one.path} and its branch {one.branch} are gone"
            yield advice("worktree", text, f"porch clean {run}")
        elif not one.path.exists():
            text = f"{one.path} is gone; its commits are on {one.branch or one.head}"
            restore = f"git worktree unlock {place}; git worktree add -f {place} {one.branch or one.head}"
            yield advice("worktree", text, f"porch clean {run}; or, to restore it: {restore}")
        elif not isinstance(state, str) and is_obsolete(state, one):
            text = f"{one.path} was made for a resolver, and its conflict is settled"
            yield advice("worktree", text, f"porch clean {run}")


def stale_locks(repository: Repository, idle: Sequence[Worktree]) -> Iterator[Finding]:
    """Report lock files a killed git has left: in `idle` worktrees at once, elsewhere once they are old."""
    common = repository.common_dir
    found = [*common.glob("*.lock"), *(common / "refs").rglob("*.lock")]
    stale = {lock: "the whole repository" for lock in found if _age_s(lock) > STALE_S}
    for one in idle:
        with suppress(RepositoryError):
            directory = git_dir_of(repository, one.path)
            stale |= dict.fromkeys(directory.glob("*.lock"), f"{one.path}, where no task is active")
    users = open_in(stale)
    for lock, where in stale.items():
        used = f"; {names_of(users[lock])} has it open" if users[lock] else ""
        text = f"{lock.name} locks {where}; it is {duration(_age_s(lock))} old{used}"
        yield advice("lock", text, f"if no git is running there: rm {shlex.quote(str(lock))}")


def interrupted_landing(survey: Survey) -> Iterator[Finding]:
    """Report a landing that was started and not completed."""
    interrupted = transaction.read_intent(survey.repository)
    if interrupted and not any(map(lease.holder, survey.runs)):
        text = (
            f"a landing on {interrupted.target} was interrupted; {interrupted.worktree} may be half updated"
        )
        yield advice("landing", text, "porch resume completes or undoes it")


def shelved_work(survey: Survey) -> Iterator[Finding]:
    """Report work that was shelved, and how to restore it."""
    for rundir in survey.runs:
        owners = sorted({one.owner for one in shelf.shelves(survey.repository, rundir.run)})
        if owners:
            restore = shlex.join(["porch", "unshelve", *owners, "--run", rundir.run])
            yield Finding("set aside", f"{listed(owners)} of run {rundir.run}: {restore}")


def broken_refs(repository: Repository) -> Iterator[Finding]:
    """Report refs of porch whose object no longer exists: git gc and git fetch fail on them."""
    for ref, oid in refs.broken(repository).items():
        _, _, _, kind, *_ = (*ref.split("/"), "")
        purpose = PURPOSES.get(kind, "something a run needed")
        text = (
            f"{ref} points to {oid}, which no longer exists; it was {purpose}. "
            "Until the ref is deleted, git gc and git fetch may fail here"
        )
        do = "git update-ref -d " + shlex.join([ref, oid])
        yield advice("refs", text, f"{do}  (the object is lost already; nothing more is lost)")


def loose_objects(repository: Repository) -> Iterator[Finding]:
    """Report more loose objects than git itself tolerates before it packs them."""
    count = int(repository.git.text("count-objects").split()[0])
    if count > DEFAULT_LOOSE_LIMIT:
        text = f"{count} loose objects, which slow git down"
        yield advice("objects", text, "git gc, while no task is running")


def undeleted_trash(repository: Repository) -> Iterator[Finding]:
    """Report worktrees that were removed but not deleted yet."""
    left = list((repository.own_dir / "trash").glob("*"))
    if left:
        yield advice("trash", f"{counted(len(left), 'worktree')} removed, not deleted yet", "porch clean")


def _has_content(file: Path) -> bool:
    with suppress(OSError):
        return file.stat().st_size > 0
    return False


def _age_s(file: Path) -> float:
    with suppress(OSError):
        return max(0.0, time.time() - os.lstat(file).st_mtime)
    return 0.0
