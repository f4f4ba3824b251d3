"""Register worktrees with git, and create their branches, under one lock for all that wait at once.

Requests that come together are served together: every new branch in one transaction, then one admin folder
after the other. What fails leaves neither branch nor worktree. No files are checked out here.

`git worktree add` fails when two run at once, and even alone breaks `fetch` and `log --all` of anyone who
reads at that moment (measured with git 2.39). So the admin folder is written aside and renamed in. Where
the repository uses what this layout does not cover, git does it, one at a time.
"""

from __future__ import annotations

import errno
import os
import queue
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import chain, count
from pathlib import Path

from msgspec import Struct

from porch_tui.errors import PorchError, RepositoryError
from porch_tui.git.configuration import BARE, WORKTREE, effective, find_misleading_setting
from porch_tui.git.git_files import create
from porch_tui.git.refs import BEGUN, first_reflog_message, read
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Argument, Completed
from porch_tui.git.working_tree import WorkingTree
from porch_tui.git.worktree import passing_on, pool
from porch_tui.git.worktree_list import (
    MADE_FOR,
    UNFILLED,
    Register,
    admin_dir,
    entry_name,
    find_worktree,
    has_plain_layout,
    run_among_races,
    worktrees_lock,
    worktrees_on,
)

_ASIDE = "entry-"
"""Prefix of the folders in which admin folders are written, and to which they are renamed to go."""

_MOST_RENAMES = 20
"""How often one is renamed in while another git removes the empty folder around it."""


class WorktreeRequest(Struct, frozen=True):
    """A worktree that should be on record."""

    path: Path
    """Resolved."""
    reason: str
    commit: str
    branch: str | None
    """Begins at `commit` if it is new; None: HEAD is detached at `commit`."""
    is_clone: bool = False
    """A clone is made in its place; git's record of it is the same."""
    pool_keep: tuple[str, ...] | None = None
    """Ignored files that stay in a worktree from the pool; None: it must not come from the pool."""
    move: passing_on.Move | None = None
    """A worktree at `commit` with nothing else in it, which may be moved here if that is possible."""

    @property
    def head(self) -> str:
        """The content of its HEAD."""
        return self.commit if self.branch is None else f"ref: refs/heads/{self.branch}"

    @property
    def run(self) -> str:
        """The reason without the task: `porch <run>`."""
        return self.reason.partition("/")[0]


class Registration(Struct, frozen=True):
    """A worktree that is on record."""

    admin: Path
    is_new: bool
    begun: str | None
    """The branch that was created for it just now, at the commit of the request."""
    may_have_hook: bool
    """Whether git must be asked for a post-checkout hook, which costs as much as a small checkout."""
    is_moved: bool = False
    """It has all of its files, from another place."""


Answer = Registration | PorchError | OSError


class _Waiting(Struct):
    """A request of a thread, and what comes of it."""

    request: WorktreeRequest
    answer: Answer | None = None


class Batcher:
    """One thread at a time answers requests: its own, and those of all threads that wait by then.

    So sixty-four branches that are wanted at once are one transaction, and not sixty-four in a row.
    """

    def __init__(self, answer: Callable[[Sequence[WorktreeRequest]], Sequence[Answer]]) -> None:
        """`answer` returns for each request the answer, or the error that its thread raises.

        What it raises itself is raised in all of the threads: it should be about what they have in common.
        """
        self._answer = answer
        self._turn = threading.Lock()
        self._waiting: queue.SimpleQueue[_Waiting] = queue.SimpleQueue()

    def ask(self, request: WorktreeRequest) -> Registration:
        """Return the answer to a request, found in this thread's turn or an earlier one; raise its error."""
        own = _Waiting(request)
        self._waiting.put(own)
        with self._turn:
            if own.answer is None:
                self._serve()
        assert own.answer is not None, "the turn that took this request ended with a bug"
        if isinstance(own.answer, PorchError | OSError):
            raise own.answer
        return own.answer

    def _serve(self) -> None:
        """Answer all requests that wait by now."""
        batch: list[_Waiting] = []
        with suppress(queue.Empty):
            while True:
                batch.append(self._waiting.get_nowait())
        try:
            answers = self._answer([one.request for one in batch])
        except (PorchError, OSError) as error:
            answers = [error] * len(batch)
        for one, answer in zip(batch, answers, strict=True):
            one.answer = answer


_batchers: dict[Path, Batcher] = {}
_batchers_lock = threading.Lock()


def ensure_registered(repository: Repository, wanted: WorktreeRequest) -> Registration:
    """Make sure that a worktree of ours is on record; raise `RepositoryError` if it cannot be."""
    with _batchers_lock:
        batcher = _batchers.get(repository.common_dir)
        if batcher is None:
            known = Register(repository)
            with worktrees_lock(repository):
                passing_on.finish(repository)
            batcher = Batcher(lambda batch: register_all(repository, batch, known))
            _batchers[repository.common_dir] = batcher
    return batcher.ask(wanted)


def register_all(repository: Repository, batch: Sequence[WorktreeRequest], known: Register) -> list[Answer]:
    """Return what is on record now for each request, or the error that keeps it from being made."""
    with worktrees_lock(repository):
        for left in repository.own_dir.glob(f"{_ASIDE}*"):  # written aside by a killed process
            shutil.rmtree(left, ignore_errors=True)
        if any(wanted.pool_keep is not None for wanted in batch):
            pool.sweep(repository)
        admins = known.find([wanted.path for wanted in batch])
        on_record = {one: _find(repository, one, admins.get(one.path)) for one in batch}
        new = [one for one, answer in on_record.items() if answer is None]
        begun = _create_branches(repository, [one for one in new if one.branch is not None])
        # git knows hooks as files, and lately as settings
        is_file = (repository.common_dir / "hooks" / "post-checkout").exists()
        keys = effective(repository).values() if new else ()
        may_have_hook = is_file or any(key.startswith(("core.hookspath", "hook.")) for key in keys)
        made = {one: _register(repository, one, begun.get(one, False), may_have_hook) for one in new}
        return [on_record[one] or made[one] for one in batch]


def unregister(repository: Repository, admin: Path) -> None:
    """Make git forget a worktree at once. Needs no space on the disk; the caller holds the lock."""
    away = repository.own_dir / f"{_ASIDE}gone-{admin.name}"
    shutil.rmtree(away, ignore_errors=True)  # left by a killed process
    admin.rename(away)
    shutil.rmtree(away, ignore_errors=True)


def delete_branch(repository: Repository, branch: str, commit: str) -> None:
    """Delete a branch that was created in vain, unless it has moved from `commit`."""
    repository.git.run("update-ref", "--no-deref", "-d", f"refs/heads/{branch}", commit, check=False)


def refuse_occupied(path: Path) -> None:
    """Raise `RepositoryError` if anything is at `path` but an empty folder."""
    if path.is_symlink() or (path.exists() and (not path.is_dir() or any(path.iterdir()))):
        raise RepositoryError(
            f"a worktree should be made at {path}, but something porch did not make is there. "
            "Move it away, or give the plan another `worktree:`."
        )


def write_link(path: Path, admin: Path) -> None:
    """Make the folder of a registered worktree, with the `.git` file that leads to `admin`."""
    path.mkdir(parents=True, exist_ok=True)
    (path / ".git").write_text(f"gitdir: {admin}\n", "utf-8", "surrogateescape")


def override_misleading_settings(repository: Repository, path: Path) -> WorkingTree:
    """Make sure that anyone's git, run in a worktree of ours, acts on it; return that worktree.

    With `extensions.worktreeConfig` a `core.worktree` or `core.bare` of the shared configuration counts in
    linked worktrees too (git writes one for every submodule); then this worktree's own configuration
    overrides it. Porch's own git does not need that, but the task's does.
    """
    tree = repository.at(path)
    if not tree.is_clone and find_misleading_setting(tree, repository.common_dir) is not None:
        for key, value in ((BARE, "false"), (WORKTREE, str(tree.path))):
            repository.git.run("config", "--file", tree.git_dir / "config.worktree", key, value)
    return tree


def _find(repository: Repository, wanted: WorktreeRequest, admin: Path | None) -> Answer | None:
    """Return what is on record, or why it cannot be used; None if it has to be made."""
    try:
        if admin is None and wanted.path.exists():
            with suppress(RepositoryError):  # it may have been moved here since its record was read
                admin = admin_dir(repository, wanted.path)
        if admin is None:
            refuse_occupied(wanted.path)
            return None
        known = find_worktree(repository, wanted.path)
    except (PorchError, OSError) as error:
        return error
    assert known is not None  # its admin folder exists, and we hold the lock
    if not known.is_ours:
        return RepositoryError(
            f"there is a worktree at {known.path} that porch did not make, so porch leaves it alone. "
            "Remove it with `git worktree remove`, or give the plan another `worktree:`."
        )
    if wanted.branch is not None and known.branch != wanted.branch:
        return RepositoryError(
            f"a worktree on branch {wanted.branch} should be at {wanted.path}, but there it is on "
            f"{known.branch or 'a detached HEAD'}. Switch it back, or retry the task."
        )
    return Registration(admin, is_new=False, begun=None, may_have_hook=True)


def _register(
    repository: Repository, wanted: WorktreeRequest, begun: bool | RepositoryError, may_have_hook: bool
) -> Answer:
    """Make git know a new worktree: one of the pool, or one in which nothing is checked out.

    Returns the error if that fails; then nothing is left of it, nor of its branch.
    """
    if isinstance(begun, RepositoryError):
        return begun
    path, head, reason = wanted.path, wanted.head, wanted.reason
    try:
        is_plain, move = has_plain_layout(repository), wanted.move
        # a branch that was there is elsewhere, perhaps; a person's hook would have to run in it once more
        if move is not None and begun and is_plain and not may_have_hook:
            admin = passing_on.move(move, path, head, reason)
            if admin is not None:
                return Registration(admin, True, wanted.branch, may_have_hook, is_moved=True)
        admin = pool.take(repository, path, head, reason) if wanted.pool_keep is not None else None
        if admin is None and is_plain:
            admin = _rename_in(repository, path, head, reason)
        elif admin is None:
            where: tuple[Argument, ...] = (path, wanted.branch) if wanted.branch else ("--detach", path, head)
            add = ("worktree", "add", "--no-checkout", "--lock", "--reason", reason)
            run_among_races(repository.git, *add, *where)
            admin = admin_dir(repository, path)
            (admin / MADE_FOR).write_text(f"{reason}\n", "utf-8", "surrogateescape")
            (admin / UNFILLED).touch()
    except (PorchError, OSError) as error:
        if begun and wanted.branch is not None:
            delete_branch(repository, wanted.branch, wanted.commit)
        return error
    return Registration(admin, True, wanted.branch if begun else None, may_have_hook)


def _rename_in(repository: Repository, path: Path, head: str, reason: str) -> Path:
    """Make a locked admin folder for a worktree at `path`; `head` is the content of its HEAD."""
    usual = repository.common_dir / "worktrees" / entry_name(path)
    # a worktree that was here once may be elsewhere now, and keeps its name
    names = chain([usual], (usual.with_name(f"{usual.name}-{number}") for number in count(2)))
    admin = next(name for name in names if not name.exists())
    contents = {
        "HEAD": f"{head}\n",
        "commondir": "../..\n",
        "gitdir": f"{path}/.git\n",
        "locked": f"{reason}\n",
        MADE_FOR: f"{reason}\n",
        UNFILLED: "",
    }
    aside = repository.own_dir / f"{_ASIDE}{admin.name}"  # no one else makes one: we hold the lock
    try:
        repository.own_dir.mkdir(mode=0o700, exist_ok=True)
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(mode=0o755)
        for name, content in contents.items():
            create(f"{aside}/{name}", content)
        _move_in(aside, admin)
    except OSError as error:
        shutil.rmtree(aside, ignore_errors=True)
        raise RepositoryError(
            f"porch wanted to register a worktree for {path} as {admin}, and could not: {error.strerror}. "
            "If that folder is left over, `git worktree prune` or removing it helps."
        ) from error
    return admin


def _move_in(aside: Path, admin: Path) -> None:
    """Rename a finished admin folder to where git looks for it.

    The folder of all of them is made right before, and again: `git gc` removes it while it is empty.
    """
    for tried in range(_MOST_RENAMES):
        time.sleep(tried * 0.001)  # not in step with the other one
        admin.parent.mkdir(exist_ok=True)
        with suppress(FileNotFoundError):
            aside.rename(admin)
            return
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(admin.parent))


def _create_branches(
    repository: Repository, new: Sequence[WorktreeRequest]
) -> dict[WorktreeRequest, bool | RepositoryError]:
    """Create branches in one transaction for each run, which is what the reflog names.

    True: it was made. False: it existed, made by porch before it was cut off. Where a transaction fails,
    each of its branches is made on its own, so that one clash is one task's failure.
    """
    done: dict[WorktreeRequest, bool | RepositoryError] = {}
    for run in dict.fromkeys(one.run for one in new):
        batch = [one for one in new if one.run == run]
        if len(batch) > 1 and _create(repository, run, batch).code == 0:
            done |= dict.fromkeys(batch, True)
        else:
            done |= {one: _create_branch(repository, one) for one in batch}
    return done


def _create(repository: Repository, run: str, batch: Sequence[WorktreeRequest]) -> Completed:
    lines = "".join(f"create refs/heads/{one.branch} {one.commit}\n" for one in batch)
    command = ("update-ref", "--create-reflog", "-m", f"{BEGUN}{run}", "--stdin")
    return repository.git.run(*command, stdin=lines.encode("utf-8", "surrogateescape"), check=False)


def _create_branch(repository: Repository, wanted: WorktreeRequest) -> bool | RepositoryError:
    branch = str(wanted.branch)
    created = _create(repository, wanted.run, [wanted])
    if created.code == 0:
        return True
    if read(repository, f"refs/heads/{branch}") is None:
        return RepositoryError(
            f"porch could not make the branch {branch}: {created.stderr.strip()}. "
            "Rename what is in the way, or give the plan another `branch:`."
        )
    holders = worktrees_on(repository, branch)
    # an earlier version of porch wrote the task there as well
    is_begun_for_it = first_reflog_message(repository, branch) in (BEGUN + wanted.run, BEGUN + wanted.reason)
    if holders or not is_begun_for_it:
        where = f" and is checked out in {holders[0].path}" if holders else ""
        return RepositoryError(
            f"porch should make the branch {branch}, but there is one already that it did not make"
            f"{where}. Rename or delete it, or give the plan another `branch:`."
        )
    return False
