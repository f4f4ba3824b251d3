"""Make sure that a worktree is there: the one way porch makes them.

Only those whose lock reason is porch's own are ever accepted or changed. How git comes to know of one
is `registration`; taking one away is `removal`, saving what is in one `salvage`, filling one with
ignored files `copying`.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from contextlib import suppress
from pathlib import Path

from porch_tui.errors import RepositoryError
from porch_tui.git import locks
from porch_tui.git.locks import exclusive
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Completed
from porch_tui.git.working_tree import WorkingTree
from porch_tui.git.worktree import clones, pool
from porch_tui.git.worktree.concurrency import PrioritySlots
from porch_tui.git.worktree.registration import (
    Registration,
    WorktreeRequest,
    claim_folder,
    ensure_registered,
    refuse_occupied,
    take_back_branch,
    unregister,
    write_link,
)
from porch_tui.git.worktree_list import (
    FRESH,
    OURS,
    UNFILLED,
    admin_dir,
    git_dir_at,
    worktrees_lock,
)

_CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
_CHECKOUTS = PrioritySlots(max(2, _CORES))
"""A checkout keeps a core busy: more at once end no sooner, and each of them later. Six of 800 files on two
cores were done after 0.67 s on average by 2, 0.92 s by 4; the last after 1.1 and 1.2 s. A task's goes before
a validation's: the run takes as long as its longest task."""

_CHECKING_OUT = "porch-checkout"
"""File in a worktree's git directory, locked while porch's own git changes what is checked out there."""
_SHOWN = 200
_LONGEST_S = 600.0
"""A checkout that outlived its porch is waited for as long."""

_quickest: dict[Path, float] = {}
_times_lock = threading.Lock()


def ensure(
    repository: Repository,
    path: Path,
    branch: str,
    base: str,
    reason: str,
    *,
    is_clone: bool = False,
    pool_keep: tuple[str, ...] | None = None,
) -> str:
    """See to it that a worktree of ours is at `path`, on `branch`; or a clone in its place.

    A new branch starts at `base`, an object id; one porch made earlier is left where it is. Safe to
    repeat after a crash at any point, and from many threads. `reason` is "porch <run>/<task>". Raises
    `RepositoryError` when path or branch belong to somebody else, which are not touched then, or
    when it cannot be made, of which nothing is left then. With `pool_keep` it may be one of the pool,
    where these patterns are spared of what is ignored. Returns what is to be said of the person's
    post-checkout hook: nothing, unless it failed.
    """
    assert reason.startswith(OURS), reason
    wanted = WorktreeRequest(path.resolve(), reason, base, branch, is_clone, None if is_clone else pool_keep)
    began = time.monotonic()
    entry = ensure_registered(repository, wanted)
    said = _fill(repository, wanted, entry)
    if entry.is_new and not is_clone:
        _note_time(repository, time.monotonic() - began)
    return said


def ensure_detached(
    repository: Repository,
    path: Path,
    commit: str,
    reason: str = "porch validation",
    *,
    pool_keep: tuple[str, ...] | None = None,
    is_cleaned: bool = True,
) -> str:
    """See to it that a worktree of ours is at `path`, at `commit`, without leftovers.

    Tracked files are as in `commit` and untracked ones gone, unless `is_cleaned` is false; ignored ones
    (build caches) stay. No process but porch's own git may be at work in it; one of a porch that was killed
    is waited for. Returns what `ensure` does.
    """
    assert reason.startswith(OURS), reason
    wanted = WorktreeRequest(path.resolve(), reason, commit, None, pool_keep=pool_keep)
    entry = ensure_registered(repository, wanted)
    if not entry.is_new and wanted.path.is_dir() and not os.path.lexists(wanted.path / ".git"):
        # nobody's work is in it, and what ran there last may have deleted more than it should
        write_link(wanted.path, entry.admin)
    said = _fill(repository, wanted, entry)
    if entry.is_new:
        return said
    with exclusive(entry.admin / _CHECKING_OUT, f"check {commit[:10]} out in {path}", _LONGEST_S) as held:
        # git goes on when whoever started it is killed, and holds the lock as long; what is left now is stale
        (entry.admin / "index.lock").unlink(missing_ok=True)
        tree = repository.at(path)
        said = check_out(tree, commit, held)
        if is_cleaned:
            tree.git.run("clean", "-ffdq", pass_fds=(held,))
    return said


def check_out(tree: WorkingTree, commit: str, *held: int) -> str:
    """Check a commit out, detached, over what was changed; return what `ensure` does. Raises `GitError`.

    Git ends with a post-checkout hook's exit code when all is checked out. So what failed is done once more
    without hooks: if that goes well, it was the hook.
    """
    words = ("checkout", "-q", "--detach", "-f", "--no-recurse-submodules", commit)
    done = tree.git.run(*words, check=False, pass_fds=held)
    if done.code == 0:
        return ""
    tree.git.run("-c", "core.hooksPath=/dev/null", *words, pass_fds=held)
    return _hook_failed(tree, done)


def is_fresh(repository: Repository, path: Path) -> bool:
    """Whether nobody has said since it was filled that the worktree is set up."""
    return (admin_dir(repository, path) / FRESH).exists()


def mark_set_up(repository: Repository, path: Path) -> None:
    """Note that the setup has run in a worktree, if that is still there."""
    with suppress(RepositoryError):
        (admin_dir(repository, path) / FRESH).unlink(missing_ok=True)


def quickest_s(repository: Repository) -> float | None:
    """The seconds that the quickest worktree took which this process has made here; None before the first.

    Where several are made at once, the others wait for cores.
    """
    return _quickest.get(repository.common_dir)


def tracked_files(repository: Repository) -> int:
    """The number of files in the main worktree's index, from its header (gitformat-index); 0 without one."""
    try:
        with (repository.git_dir / "index").open("rb") as index:
            return int.from_bytes(index.read(12)[8:12], "big")
    except OSError:
        return 0


def _note_time(repository: Repository, seconds: float) -> None:
    with _times_lock:
        _quickest[repository.common_dir] = min(seconds, _quickest.get(repository.common_dir, seconds))


def _fill(repository: Repository, wanted: WorktreeRequest, entry: Registration) -> str:
    """Check HEAD out into a registered worktree, once, and run the person's hook; return what it said."""
    if _is_filled(wanted.path, entry.admin):
        claim_folder(repository, wanted.path)
        return ""
    # git holds the lock too while it checks out, also when whoever started it is killed
    with exclusive(entry.admin / _CHECKING_OUT, f"fill {wanted.path}", _LONGEST_S) as held:
        if _is_filled(wanted.path, entry.admin):
            return ""
        try:
            _begin_folder(repository, wanted, entry.admin)
            worktree = claim_folder(repository, wanted.path)
            done = _checked_out(worktree, wanted, entry.admin, repository.common_dir, held)
        except (RepositoryError, OSError):
            _take_back(repository, wanted, entry)
            raise
        if done.code != 0:
            _take_back(repository, wanted, entry)
            raise worktree.git.failure(("reset", "--hard"), done)
        said = _run_hook(worktree) if entry.may_have_hook else ""
        (entry.admin / UNFILLED).touch()  # a worktree may have been registered before there were marks
        (entry.admin / UNFILLED).rename(entry.admin / FRESH)
        return said


def _is_filled(path: Path, admin: Path) -> bool:
    is_begun = (git_dir_at(path, admin) / "index").exists() and (path / ".git").exists()
    return is_begun and not (admin / UNFILLED).exists()


def _begin_folder(repository: Repository, wanted: WorktreeRequest, admin: Path) -> None:
    """Have git know the folder for what it is to be, with nothing checked out."""
    path = wanted.path
    if wanted.is_clone and (path / ".git").is_dir():
        return
    shutil.rmtree(path / clones.ASIDE, ignore_errors=True)
    if not (path / ".git").exists():
        if not (admin / UNFILLED).exists() and path.is_dir() and any(path.iterdir()):
            repository.at(path)  # it was whole once, and says what is wrong with it now
        refuse_occupied(path)
    if wanted.is_clone and wanted.branch is not None:
        path.mkdir(parents=True, exist_ok=True)
        clones.make_clone(repository, path, wanted.branch)
    else:
        write_link(path, admin)


def _checked_out(
    worktree: WorkingTree, wanted: WorktreeRequest, admin: Path, common_dir: Path, held: int
) -> Completed:
    for name in ("index.lock", "HEAD.lock"):  # of a git that was killed: a living one would hold our lock
        (worktree.git_dir / name).unlink(missing_ok=True)
    if wanted.branch is not None:  # `reset` locks it too; that lock may be anybody's
        shared = worktree.git_dir if worktree.is_clone else common_dir
        locks.remove_stale([shared / "refs/heads" / f"{wanted.branch}.lock"], since=0.0)
    with _CHECKOUTS.turn(is_hurried=wanted.branch is not None):
        done = worktree.git.run(
            "reset", "-q", "--hard", "--no-recurse-submodules", check=False, pass_fds=(held,)
        )
        if done.code == 0 and pool.is_from_pool(admin):
            pool.empty_of_ignored(worktree, wanted.pool_keep or ())
        return done


def _take_back(repository: Repository, wanted: WorktreeRequest, entry: Registration) -> None:
    """Leave nothing of a worktree that could not be filled, if nobody can have worked in it."""
    if not (entry.admin / UNFILLED).exists():
        return
    with worktrees_lock(repository), suppress(OSError):
        unregister(repository, entry.admin)
        if (wanted.path / ".git").exists():
            shutil.rmtree(wanted.path, ignore_errors=True)
        elif wanted.is_clone:
            wanted.path.rmdir()  # it was made for the clone, unless somebody's files are in it
    if entry.begun is not None:
        take_back_branch(repository, entry.begun, wanted.commit)


def _run_hook(worktree: WorkingTree) -> str:
    """Run the person's post-checkout hook as `git worktree add` would; return what is to be said of it."""
    head = worktree.git.text("rev-parse", "HEAD")
    words = ("--ignore-missing", "post-checkout", "--", "0" * len(head), head, "1")
    done = worktree.plain_git.run("hook", "run", *words, check=False)
    return "" if done.code == 0 else _hook_failed(worktree, done)


def _hook_failed(worktree: WorkingTree, done: Completed) -> str:
    """What is said of a hook that failed: the same of every worktree, so that it is said once."""
    lines = done.stderr.replace(str(worktree.path), ".").strip().splitlines()
    more = f". It said: {lines[0][:_SHOWN]}" if lines else ""
    return (
        "the post-checkout hook failed in a worktree that porch made (its exit code was not 0). The files "
        f"are complete and the run goes on, as it would after a git checkout{more}"
    )
