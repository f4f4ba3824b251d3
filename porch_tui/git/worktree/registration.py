"""The list of worktrees and the branches they begin on: changed under one lock, for all who wait at once.

What is asked for together is made together: every new branch in one transaction, then one admin
folder after the other. What fails leaves neither branch nor worktree. No file of anybody's work is
touched here; `worktrees` checks them out, once this lock is free again.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain, count
from pathlib import Path

from msgspec import Struct

from porch_tui.errors import PorchError, RepositoryError
from porch_tui.git.configuration import BARE, WORKTREE, effective, find_misleading_setting
from porch_tui.git.git_files import create
from porch_tui.git.refs import BEGUN, read
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Argument, Completed
from porch_tui.git.working_tree import WorkingTree
from porch_tui.git.worktree import pool
from porch_tui.git.worktree.concurrency import Batcher
from porch_tui.git.worktree_list import (
    MADE_FOR,
    UNFILLED,
    Register,
    Worktree,
    admin_dir,
    entry_name,
    find_worktree,
    has_plain_layout,
    list_worktrees,
    run_among_races,
    worktrees_lock,
)


class WorktreeRequest(Struct, frozen=True):
    """A worktree that should be on record."""

    path: Path
    """Resolved."""
    reason: str
    commit: str
    branch: str | None
    """Begins at `commit` if it is new; None: HEAD is to be detached at `commit`."""
    is_clone: bool = False
    """It is to be a clone; git's record of it is the same."""
    pool_keep: tuple[str, ...] | None = None
    """It may be one of the pool, where these patterns are spared of what is ignored; None: it may not."""

    @property
    def head(self) -> str:
        """The content of its HEAD."""
        return self.commit if self.branch is None else f"ref: refs/heads/{self.branch}"


class Registration(Struct, frozen=True):
    """A worktree that is on record."""

    admin: Path
    is_new: bool
    begun: str | None
    """The branch that was begun for it just now, at the commit that was asked for."""
    may_have_hook: bool
    """Whether git is to be asked for a post-checkout hook, which costs as much as a small checkout."""


class _Desk:
    """Where the threads of this process ask for worktrees of one repository."""

    def __init__(self, repository: Repository) -> None:
        register_ = Register(repository)
        self.gathering = Batcher[WorktreeRequest, Registration](
            lambda batch: register_all(repository, batch, register_)
        )


_desks: dict[Path, _Desk] = {}
_desks_lock = threading.Lock()


def ensure_registered(repository: Repository, wanted: WorktreeRequest) -> Registration:
    """See to it that a worktree of ours is on record; raise `RepositoryError` if it cannot be."""
    with _desks_lock:
        desk = _desks.get(repository.common_dir)
        if desk is None:
            desk = _desks[repository.common_dir] = _Desk(repository)
    return desk.gathering.ask(wanted)


def take_back_branch(repository: Repository, branch: str, commit: str) -> None:
    """Delete a branch that was begun for nothing, unless it has moved from `commit`."""
    repository.git.run("update-ref", "--no-deref", "-d", f"refs/heads/{branch}", commit, check=False)


def refuse_occupied(path: Path) -> None:
    """Raise `RepositoryError` if anything is at `path` but an empty folder."""
    if path.is_symlink() or (path.exists() and (not path.is_dir() or any(path.iterdir()))):
        raise RepositoryError(
            f"a worktree should be made at {path}, but something porch did not make is there. "
            "Move it away, or give the plan another `worktree:`."
        )


def register_all(
    repository: Repository, batch: Sequence[WorktreeRequest], known: Register | None = None
) -> list[Registration | PorchError | OSError]:
    """Return what is on record now for each request, or the error that keeps it from being made."""
    with worktrees_lock(repository):
        sweep(repository)
        if any(wanted.pool_keep is not None for wanted in batch):
            pool.sweep(repository)
        admins = (known or Register(repository)).find([wanted.path for wanted in batch])
        found = {one: _found(repository, one, admins.get(one.path)) for one in batch}
        new = [one for one, answer in found.items() if answer is None]
        begun = _begin_branches(repository, [one for one in new if one.branch is not None])
        may_have_hook = bool(new) and _may_have_hook(repository)
        made = {one: _made(repository, one, begun.get(one, False), may_have_hook) for one in new}
        return [found[one] or made[one] for one in batch]


def _found(
    repository: Repository, wanted: WorktreeRequest, admin: Path | None
) -> Registration | PorchError | OSError | None:
    """What is on record, or why it cannot be used; None if it is to be made."""
    try:
        if admin is None and wanted.path.exists():
            with suppress(RepositoryError):  # it may have been moved here since its record was read
                admin = admin_dir(repository, wanted.path)
        if admin is None:
            refuse_occupied(wanted.path)
            return None
        _refuse_other(repository, wanted)
    except (PorchError, OSError) as error:
        return error
    return Registration(admin, is_new=False, begun=None, may_have_hook=True)


def _refuse_other(repository: Repository, wanted: WorktreeRequest) -> None:
    known = find_worktree(repository, wanted.path)
    assert known is not None  # its folder of git's is there, and we hold the lock
    _refuse_foreign(known)
    if wanted.branch is not None and known.branch != wanted.branch:
        raise RepositoryError(
            f"a worktree on branch {wanted.branch} should be at {wanted.path}, but there it is on "
            f"{known.branch or 'a detached HEAD'}. Switch it back, or begin the task again."
        )


def _refuse_foreign(known: Worktree) -> None:
    if not known.is_ours:
        raise RepositoryError(
            f"there is a worktree at {known.path} that porch did not make, so porch leaves it alone. "
            "Remove it with `git worktree remove`, or give the plan another `worktree:`."
        )


def _made(
    repository: Repository, wanted: WorktreeRequest, begun: bool | RepositoryError, may_have_hook: bool
) -> Registration | PorchError | OSError:
    if isinstance(begun, RepositoryError):
        return begun
    try:
        admin = _from_pool(repository, wanted)
        if admin is None:
            admin = register(repository, wanted.path, wanted.head, wanted.reason)
    except (PorchError, OSError) as error:
        if begun and wanted.branch is not None:
            take_back_branch(repository, wanted.branch, wanted.commit)
        return error
    return Registration(admin, True, wanted.branch if begun else None, may_have_hook)


def _from_pool(repository: Repository, wanted: WorktreeRequest) -> Path | None:
    if wanted.pool_keep is None:
        return None
    return pool.take(repository, wanted.path, wanted.head, wanted.reason)


def _begin_branches(
    repository: Repository, new: Sequence[WorktreeRequest]
) -> dict[WorktreeRequest, bool | RepositoryError]:
    """Create branches in one transaction for each run, which is what the reflog names.

    True: it was made. False: it was there, made by porch before it was cut off. Where a transaction
    cannot be, each of its branches is made by itself, so that one clash is one task's failure.
    """
    done: dict[WorktreeRequest, bool | RepositoryError] = {}
    for run in dict.fromkeys(map(_run_in, new)):
        batch = [one for one in new if _run_in(one) == run]
        if len(batch) > 1 and _create(repository, run, batch).code == 0:
            done |= dict.fromkeys(batch, True)
        else:
            done |= {one: _begin_branch(repository, run, one) for one in batch}
    return done


def _run_in(wanted: WorktreeRequest) -> str:
    """The reason without the task: `porch <run>`."""
    return wanted.reason.partition("/")[0]


def _create(repository: Repository, run: str, batch: Sequence[WorktreeRequest]) -> Completed:
    lines = "".join(f"create refs/heads/{one.branch} {one.commit}\n" for one in batch)
    command = ("update-ref", "--create-reflog", "-m", f"{BEGUN}{run}", "--stdin")
    return repository.git.run(*command, stdin=lines.encode("utf-8", "surrogateescape"), check=False)


def _begin_branch(repository: Repository, run: str, wanted: WorktreeRequest) -> bool | RepositoryError:
    created = _create(repository, run, [wanted])
    if created.code == 0:
        return True
    ref = f"refs/heads/{wanted.branch}"
    if read(repository, ref) is None:
        return RepositoryError(
            f"porch could not make the branch {wanted.branch}: {created.stderr.strip()}. "
            "Rename what is in the way, or give the plan another `branch:`."
        )
    holders = [one.path for one in list_worktrees(repository) if one.branch == wanted.branch]
    if holders or not _was_begun_for(repository, ref, wanted):
        where = f" and is checked out in {holders[0]}" if holders else ""
        return RepositoryError(
            f"porch should make the branch {wanted.branch}, but there is one already that it did not make"
            f"{where}. Rename or delete it, or give the plan another `branch:`."
        )
    return False


def _was_begun_for(repository: Repository, ref: str, wanted: WorktreeRequest) -> bool:
    reflog = repository.git.run("reflog", "show", "--format=%gs", ref, check=False).stdout.splitlines()
    # an earlier version of porch wrote the task there as well
    known = {f"{BEGUN}{reason}".encode() for reason in (_run_in(wanted), wanted.reason)}
    return bool(reflog) and reflog[-1] in known


def _may_have_hook(repository: Repository) -> bool:
    """Whether post-checkout could be anywhere: git knows hooks as files, and as settings of late."""
    if (repository.common_dir / "hooks" / "post-checkout").exists():
        return True
    keys = effective(repository).values()
    return any(key == "core.hookspath" or key.startswith("hook.") for key in keys)


_ASIDE = "entry-"
"""How the folders begin in which admin folders are written, and to which they are renamed to go."""


def register(repository: Repository, path: Path, head: str, reason: str) -> Path:
    """Make git know a locked worktree at `path`, with nothing checked out; return its admin folder.

    `head` is the content of its HEAD: an object id, or `ref: refs/heads/…` of a branch that exists.
    The caller holds the worktrees lock. When it raises, nothing is left of it.
    """
    if has_plain_layout(repository):
        return _rename_in(repository, path, head, reason)
    branch = head.removeprefix("ref: refs/heads/")
    where: tuple[Argument, ...] = (path, branch) if branch != head else ("--detach", path, head)
    add = ("worktree", "add", "--no-checkout", "--lock", "--reason", reason)
    run_among_races(repository.git, *add, *where)
    admin = admin_dir(repository, path)
    (admin / MADE_FOR).write_text(f"{reason}\n", "utf-8", "surrogateescape")
    (admin / UNFILLED).touch()
    return admin


def unregister(repository: Repository, admin: Path) -> None:
    """Make git forget a worktree at once. Needs no room on the disk; the caller holds the lock."""
    away = repository.own_dir / f"{_ASIDE}gone-{admin.name}"
    shutil.rmtree(away, ignore_errors=True)
    admin.rename(away)
    shutil.rmtree(away, ignore_errors=True)


def sweep(repository: Repository) -> None:
    """Delete what a killed process left written aside. The caller holds the worktrees lock."""
    for left in repository.own_dir.glob(f"{_ASIDE}*"):
        shutil.rmtree(left, ignore_errors=True)


def write_link(path: Path, admin: Path) -> None:
    """Make the folder of a registered worktree, and the `.git` file in it that leads to `admin`."""
    path.mkdir(parents=True, exist_ok=True)
    (path / ".git").write_text(f"gitdir: {admin}\n", "utf-8", "surrogateescape")


def claim_folder(repository: Repository, path: Path) -> WorkingTree:
    """See to it that git, run by anybody in a worktree of ours, acts on it; return that worktree.

    With `extensions.worktreeConfig` a `core.worktree` or `core.bare` of the shared configuration counts in
    linked worktrees too (git writes one for every submodule); then this worktree's own configuration says
    otherwise. Porch's own git would not need it, but the task's does.
    """
    tree = repository.at(path)
    if not tree.is_clone and find_misleading_setting(tree, repository.common_dir) is not None:
        for key, value in ((BARE, "false"), (WORKTREE, str(tree.path))):
            repository.git.run("config", "--file", tree.git_dir / "config.worktree", key, value)
    return tree


def _rename_in(repository: Repository, path: Path, head: str, reason: str) -> Path:
    admin = _unused(repository.common_dir / "worktrees" / entry_name(path))
    contents = {
        "HEAD": f"{head}\n",
        "commondir": "../..\n",
        "gitdir": f"{path}/.git\n",
        "locked": f"{reason}\n",
        MADE_FOR: f"{reason}\n",
        UNFILLED: "",
    }
    try:
        admin.parent.mkdir(exist_ok=True)
        repository.own_dir.mkdir(mode=0o700, exist_ok=True)
        aside = repository.own_dir / f"{_ASIDE}{admin.name}"  # nobody else makes one: we hold the lock
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(mode=0o755)
        try:
            for name, content in contents.items():
                create(f"{aside}/{name}", content)
            aside.rename(admin)
        except OSError:
            shutil.rmtree(aside, ignore_errors=True)
            raise
    except OSError as error:
        raise RepositoryError(
            f"porch wanted to register a worktree for {path} as {admin}, and could not: {error.strerror}. "
            "If that folder is left over, `git worktree prune` or removing it helps."
        ) from error
    return admin


def _unused(admin: Path) -> Path:
    """The name, or a numbered one: what was here once may be elsewhere, and keeps its name."""
    names = chain([admin], (admin.with_name(f"{admin.name}-{number}") for number in count(2)))
    return next(name for name in names if not name.exists())
