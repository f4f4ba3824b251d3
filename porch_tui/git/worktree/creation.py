"""Create worktrees and clones, or make sure that they exist: the only place where porch makes them.

Only worktrees whose lock reason is porch's own are ever accepted or changed. `registration` puts them on
git's record; here they are checked out.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from porch_tui.errors import RepositoryError
from porch_tui.git import locks
from porch_tui.git.git_files import content
from porch_tui.git.locks import exclusive
from porch_tui.git.repository import Repository
from porch_tui.git.runner import GitError
from porch_tui.git.working_tree import WorkingTree
from porch_tui.git.worktree import base_checkout, clones, hooks, pool
from porch_tui.git.worktree.passing_on import Move
from porch_tui.git.worktree.registration import (
    Registration,
    WorktreeRequest,
    delete_branch,
    ensure_registered,
    override_misleading_settings,
    refuse_occupied,
    unregister,
    write_link,
)
from porch_tui.git.worktree_list import FRESH, OURS, UNFILLED, admin_dir, git_dir_at, worktrees_lock

_CHECKING_OUT = "porch-checkout"
"""File in a worktree's git directory, locked while porch's own git changes what is checked out there."""
_BY_COPY = "copy"
"""Content of the mark of an unfilled worktree that may hold copied files of another commit."""
_LONGEST_S = 600.0
"""So long a checkout that outlived its porch is waited for."""

IDLE_WAIT_S = 2.0
"""So long an unhurried thread waits for a moment without hurried ones."""

_quickest: dict[Path, float] = {}
_times_lock = threading.Lock()


class PrioritySlots:
    """A number of slots for threads, where hurried ones go first."""

    def __init__(self, slots: int) -> None:
        self._free = slots
        self._waiting = self._running = 0
        """How many hurried threads wait for a slot, and have one."""
        self._changed = threading.Condition()

    @contextmanager
    def slot(self, *, is_hurried: bool) -> Iterator[None]:
        """Hold a slot while the block runs.

        An unhurried thread takes none while a hurried one waits, and for a while also not while a hurried one
        runs, so as not to slow it down.
        """
        with self._changed:
            if is_hurried:
                self._waiting += 1
                try:
                    self._changed.wait_for(lambda: self._free)
                finally:
                    self._waiting -= 1
            else:
                self._changed.wait_for(lambda: not (self._waiting or self._running), IDLE_WAIT_S)
                self._changed.wait_for(lambda: self._free and not self._waiting)
            self._free -= 1
            self._running += is_hurried
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._running -= is_hurried
                self._changed.notify_all()


_CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
_CHECKOUTS = PrioritySlots(max(2, _CORES))
"""A checkout keeps a core busy: more at once end no sooner, and each of them later. Six of 800 files on two
cores were done after 0.67 s on average by 2, 0.92 s by 4; the last after 1.1 and 1.2 s. Tasks go before
validations, because the run takes as long as its longest task."""


def ensure(
    repository: Repository,
    path: Path,
    branch: str,
    base: str,
    reason: str,
    *,
    is_clone: bool = False,
    pool_keep: tuple[str, ...] | None = None,
    move: Move | None = None,
) -> str:
    """Make sure that a worktree of ours is at `path`, on `branch`; or a clone in its place.

    A new branch starts at `base`, an object id; one that porch made earlier is left where it is. Safe to
    repeat after a crash at any point, and from many threads. `reason` is "porch <run>/<task>". With
    `pool_keep` the worktree may come from the pool, and ignored files that match these patterns stay. `move`
    is one at `base` in which nothing else is: it is moved here, if that is possible.
    Raises `RepositoryError` when path or branch belong to someone else, which are not touched then, or when
    the worktree cannot be made, and then nothing is left of it. Returns a message about the person's
    post-checkout hook if that failed.
    """
    assert reason.startswith(OURS), reason
    keep = None if is_clone else pool_keep
    wanted = WorktreeRequest(path.resolve(), reason, base, branch, is_clone, keep, move)
    began = time.monotonic()
    entry = ensure_registered(repository, wanted)
    message = _fill(repository, wanted, entry)
    if entry.is_new and not is_clone and not entry.is_moved:
        seconds, key = time.monotonic() - began, repository.common_dir
        with _times_lock:
            _quickest[key] = min(seconds, _quickest.get(key, seconds))
    return message


def ensure_detached(
    repository: Repository,
    path: Path,
    commit: str,
    reason: str = "porch validation",
    *,
    pool_keep: tuple[str, ...] | None = None,
    is_cleaned: bool = True,
) -> str:
    """Make sure that a worktree of ours is at `path`, at `commit`, without leftovers.

    Tracked files are as in `commit` and untracked ones gone, unless `is_cleaned` is false; ignored ones
    (build caches) stay. No process but porch's own git may work in it; one of a killed porch is waited for.
    Returns what `ensure` does.
    """
    assert reason.startswith(OURS), reason
    wanted = WorktreeRequest(path.resolve(), reason, commit, None, pool_keep=pool_keep)
    entry = ensure_registered(repository, wanted)
    if not entry.is_new and wanted.path.is_dir() and not os.path.lexists(wanted.path / ".git"):
        # there is no work of a person in it, and the last command there may have deleted too much
        write_link(wanted.path, entry.admin)
    message = _fill(repository, wanted, entry)
    if entry.is_new:
        return message
    with exclusive(entry.admin / _CHECKING_OUT, f"check {commit[:10]} out in {path}", _LONGEST_S) as held:
        # git continues when the process that started it is killed, and keeps this lock: what is left is stale
        (entry.admin / "index.lock").unlink(missing_ok=True)
        tree = repository.at(path)
        message = check_out(tree, commit, held)
        if is_cleaned:
            tree.git.run("clean", "-ffdq", pass_fds=(held,))
    return message


def ensure_shared(
    repository: Repository, path: Path, commit: str, reason: str, *, pool_keep: tuple[str, ...] | None = None
) -> str:
    """Make sure that a worktree of ours is at `path`, made at `commit`; one that is there stays as it is.

    Several processes may work in it by then. Returns what `ensure` does.
    """
    assert reason.startswith(OURS), reason
    wanted = WorktreeRequest(path.resolve(), reason, commit, None, pool_keep=pool_keep)
    return _fill(repository, wanted, ensure_registered(repository, wanted))


def check_out(tree: WorkingTree, commit: str, *held: int) -> str:
    """Check a commit out, detached, over what was changed; return what `ensure` does. Raises `GitError`.

    Git returns a post-checkout hook's exit code when all is checked out. So a failed checkout is repeated
    without hooks: if that succeeds, it was the hook.
    """
    words = ("checkout", "-q", "--detach", "-f", "--no-recurse-submodules", commit)
    done = tree.git.run(*words, check=False, pass_fds=held)
    if done.code == 0:
        return ""
    tree.git.run("-c", "core.hooksPath=/dev/null", *words, pass_fds=held)
    return hooks.post_checkout_failed(tree, done)


def is_fresh(repository: Repository, path: Path) -> bool:
    """Whether no setup has run in the worktree since it was filled."""
    return (admin_dir(repository, path) / FRESH).exists()


def mark_set_up(repository: Repository, path: Path) -> None:
    """Note that the setup has run in a worktree, if that still exists."""
    with suppress(RepositoryError):
        (admin_dir(repository, path) / FRESH).unlink(missing_ok=True)


def quickest_s(repository: Repository) -> float | None:
    """Return the seconds for the quickest worktree that this process has made here; None before the first.

    Where several are made at once, the others wait for cores.
    """
    return _quickest.get(repository.common_dir)


def _fill(repository: Repository, wanted: WorktreeRequest, entry: Registration) -> str:
    """Check HEAD out into a registered worktree, once, and run the person's hook; return its message."""
    if _is_filled(wanted.path, entry.admin):
        override_misleading_settings(repository, wanted.path)
        return ""
    # git holds the lock too while it checks out, also when the process that started it is killed
    with exclusive(entry.admin / _CHECKING_OUT, f"fill {wanted.path}", _LONGEST_S) as held:
        if _is_filled(wanted.path, entry.admin):
            return ""
        try:
            if not entry.is_moved:
                _create_folder(repository, wanted, entry.admin)
            worktree = override_misleading_settings(repository, wanted.path)
            if not entry.is_moved:
                _check_out_head(worktree, wanted, entry.admin, repository.common_dir, held)
        except (RepositoryError, OSError):
            _undo(repository, wanted, entry)
            raise
        message = hooks.run_post_checkout(worktree) if entry.may_have_hook else ""
        (entry.admin / UNFILLED).touch()  # worktrees of early versions have no marks
        (entry.admin / UNFILLED).rename(entry.admin / FRESH)
        return message


def _is_filled(path: Path, admin: Path) -> bool:
    is_begun = (git_dir_at(path, admin) / "index").exists() and (path / ".git").exists()
    return is_begun and not (admin / UNFILLED).exists()


def _create_folder(repository: Repository, wanted: WorktreeRequest, admin: Path) -> None:
    """Create the folder with its `.git`, and nothing checked out."""
    path = wanted.path
    if wanted.is_clone and (path / ".git").is_dir():
        return
    shutil.rmtree(path / clones.ASIDE, ignore_errors=True)
    if not (path / ".git").exists():
        if not (admin / UNFILLED).exists() and path.is_dir() and any(path.iterdir()):
            repository.at(path)  # it was complete once: this raises what is wrong with it now
        refuse_occupied(path)
    if wanted.is_clone and wanted.branch is not None:
        path.mkdir(parents=True, exist_ok=True)
        clones.make_clone(repository, path, wanted.branch)
    else:
        write_link(path, admin)


def _check_out_head(
    worktree: WorkingTree, wanted: WorktreeRequest, admin: Path, common_dir: Path, held: int
) -> None:
    """Check HEAD out, whatever is there by now. Raises `GitError`."""
    for name in ("index.lock", "HEAD.lock"):  # of a git that was killed: a living one would hold our lock
        (worktree.git_dir / name).unlink(missing_ok=True)
    if wanted.branch is not None:  # `reset` locks it too; that lock may belong to anyone
        shared = worktree.git_dir if worktree.is_clone else common_dir
        locks.remove_stale([shared / "refs/heads" / f"{wanted.branch}.lock"], since=0.0)
    words = ("reset", "-q", "--hard", "--no-recurse-submodules")
    source = None if wanted.is_clone or pool.is_from_pool(admin) else base_checkout.of(common_dir)
    with _CHECKOUTS.slot(is_hurried=wanted.branch is not None):
        if source is not None:
            (admin / UNFILLED).write_text(_BY_COPY)
            if source.copy(worktree, held):
                with suppress(GitError):
                    worktree.git.run(*words, pass_fds=(held,), is_repeatable=False)
                    return
            (worktree.git_dir / "index").unlink(missing_ok=True)
        done = worktree.git.run(*words, check=False, pass_fds=(held,))
        if done.code == 0 and pool.is_from_pool(admin):
            pool.delete_ignored(worktree, wanted.pool_keep or ())
        if done.code == 0 and content(admin / UNFILLED) == _BY_COPY:
            done = worktree.git.run("clean", "-ffdxq", check=False, pass_fds=(held,))
    if done.code != 0:
        raise worktree.git.failure(("reset", "--hard"), done)


def _undo(repository: Repository, wanted: WorktreeRequest, entry: Registration) -> None:
    """Leave nothing of a worktree that could not be filled, if no one can have worked in it."""
    if not (entry.admin / UNFILLED).exists():
        return
    with worktrees_lock(repository), suppress(OSError):
        unregister(repository, entry.admin)
        if (wanted.path / ".git").exists():
            shutil.rmtree(wanted.path, ignore_errors=True)
        elif wanted.is_clone:
            wanted.path.rmdir()  # it was made for the clone; with someone's files in it this fails
    if entry.begun is not None:
        delete_branch(repository, entry.begun, wanted.commit)
