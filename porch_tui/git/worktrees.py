"""Make sure that a worktree is there: the one way porch makes them.

Only those whose lock reason is porch's own are ever accepted or changed. Taking one away is
`removal`, saving what is in one `salvage`, filling one with ignored files `copying`.
"""

from __future__ import annotations

import time
import uuid
from contextlib import AbstractContextManager
from pathlib import Path

from porch_tui.errors import RepositoryError
from porch_tui.git import trash
from porch_tui.git.entry import admin_dir, register, write_link
from porch_tui.git.listing import OURS, Worktree, find, listing
from porch_tui.git.locks import exclusive
from porch_tui.git.refs import MUST_NOT_EXIST, read
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Git

_BEGUN = "porch: begin "
"""How the reflog of a branch starts that porch made."""

_CHECKOUT_WAIT_S = 20.0

_CHECKING_OUT = "porch-checkout"
"""File in a worktree's git directory, locked while porch's own git changes what is checked out there."""


def ensure(repository: Repository, path: Path, branch: str, base: str, reason: str) -> None:
    """See to it that a worktree of ours is at `path`, on `branch`.

    A new branch starts at `base`; one porch made earlier is left where it is. Safe to repeat after
    a crash at any point, and from many threads. `reason` begins with "porch ". Raises
    `RepositoryError` when path or branch belong to somebody else; they are not touched then.
    """
    assert reason.startswith(OURS), reason
    with _worktrees_lock(repository):
        known = find(repository, path)
        if known is None:
            _refuse_occupied(path)
            _begin_branch(repository, branch, base, reason)
            register(repository, path.resolve(), f"ref: refs/heads/{branch}", reason)
        else:
            _refuse_foreign(known)
            if known.branch != branch:
                raise RepositoryError(
                    f"a worktree on branch {branch} should be at {path}, but there it is on "
                    f"{known.branch or 'a detached HEAD'}. Switch it back, or begin the task again."
                )
    _fill(repository, path)


def ensure_detached(
    repository: Repository, path: Path, commit: str, reason: str = "porch validation"
) -> None:
    """See to it that a worktree of ours is at `path`, at `commit`, without leftovers.

    Tracked files are as in `commit` and untracked ones gone; ignored ones (build caches) stay. No
    process but porch's own git may be at work in it; one of a porch that was killed is waited for.
    """
    assert reason.startswith(OURS), reason
    with _worktrees_lock(repository):
        known = find(repository, path)
        if known is None:
            _refuse_occupied(path)
            register(repository, path.resolve(), commit, reason)
        else:
            _refuse_foreign(known)
    _fill(repository, path)
    with exclusive(admin_dir(repository, path) / _CHECKING_OUT, f"check {commit[:10]} out in {path}") as held:
        # git goes on when whoever started it is killed, and holds the lock as long; what is left now is stale
        (admin_dir(repository, path) / "index.lock").unlink(missing_ok=True)
        git = Git(path)
        git.run("checkout", "-q", "--detach", "-f", commit, pass_fds=(held,))
        git.run("clean", "-fdq", pass_fds=(held,))


def measure_overhead(repository: Repository, commit: str) -> float:
    """Make a worktree at `commit` beside the repository and discard it; return the seconds to make it.

    Its files are left to `trash.empty`: on some disks whatever is created within minutes of a
    large deletion is 10 to 30 times slower, and the run's own worktrees come next.
    """
    path = repository.root.parent / f".porch-{repository.name}-measured-{uuid.uuid4().hex[:8]}"
    started = time.monotonic()
    try:
        ensure_detached(repository, path, commit, "porch measuring")
        return time.monotonic() - started
    except OSError as error:
        raise RepositoryError(
            f"porch makes worktrees beside the repository, and cannot write in {path.parent}: "
            f"{error.strerror}. Make it writable, or give the plan a `worktree:` elsewhere."
        ) from error
    finally:
        if find(repository, path) is not None:
            trash.discard(repository, path)


def _worktrees_lock(repository: Repository) -> AbstractContextManager[int]:
    return exclusive(repository.own_dir / "worktrees.lock", "change the list of worktrees")


def _refuse_occupied(path: Path) -> None:
    if path.is_symlink() or (path.exists() and (not path.is_dir() or any(path.iterdir()))):
        raise RepositoryError(
            f"a worktree should be made at {path}, but something porch did not make is there. "
            "Move it away, or give the plan another `worktree:`."
        )


def _refuse_foreign(known: Worktree) -> None:
    if not known.is_ours:
        raise RepositoryError(
            f"there is a worktree at {known.path} that porch did not make, so porch leaves it alone. "
            "Remove it with `git worktree remove`, or give the plan another `worktree:`."
        )


def _begin_branch(repository: Repository, branch: str, base: str, reason: str) -> None:
    """Create the branch, or accept one porch made before it was cut off and nobody has checked out."""
    ref, message = f"refs/heads/{branch}", f"{_BEGUN}{reason}"
    created = repository.git.run(
        "update-ref", "--create-reflog", "-m", message, ref, base, MUST_NOT_EXIST, check=False
    )  # fmt: skip
    if created.code == 0:
        return
    if read(repository, ref) is None:
        raise RepositoryError(
            f"porch could not make the branch {branch}: {created.stderr.strip()}. "
            "Rename what is in the way, or give the plan another `branch:`."
        )
    holders = [one.path for one in listing(repository) if one.branch == branch]
    if holders or not _was_begun_by_us(repository, ref):
        where = f" and is checked out in {holders[0]}" if holders else ""
        raise RepositoryError(
            f"porch should make the branch {branch}, but there is one already that it did not make{where}. "
            "Rename or delete it, or give the plan another `branch:`."
        )


def _was_begun_by_us(repository: Repository, ref: str) -> bool:
    reflog = repository.git.run("reflog", "show", "--format=%gs", ref, check=False).stdout.splitlines()
    return bool(reflog) and reflog[-1].startswith((_BEGUN + OURS).encode())


def _fill(repository: Repository, path: Path) -> None:
    """Check HEAD out into a registered worktree, once; its index is written when that is complete."""
    admin = admin_dir(repository, path)
    if (admin / "index").exists() and (path / ".git").exists():
        return
    if not (path / ".git").exists():
        _refuse_occupied(path)
    write_link(path, admin)
    git, deadline = Git(path), time.monotonic() + _CHECKOUT_WAIT_S
    while True:
        done = git.run("reset", "-q", "--hard", "--no-recurse-submodules", check=False)
        if done.code == 0:
            break
        if "index.lock" not in done.stderr:
            raise git.failure(("reset", "--hard"), done)
        if time.monotonic() > deadline:  # no checkout lives that long: whoever held it was killed
            (admin / "index.lock").unlink(missing_ok=True)
            deadline += _CHECKOUT_WAIT_S
        time.sleep(0.02)
        if (admin / "index").exists():
            return
    head = git.text("rev-parse", "HEAD")
    git.run("hook", "run", "--ignore-missing", "post-checkout", "--", "0" * len(head), head, "1")
