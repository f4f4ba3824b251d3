"""The commits whose parents a repository does not have: the file `shallow`, which git reads and prunes.

`git prune` deletes lines of commits without a ref; after that git looks for their parents. It does so only if
the file has not changed since it began. So a line is written before its commit comes, that no one misses the
parents, and the file once more when the commit has its ref: either that prune gives up, or the next one knows
the ref.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from porch_tui.errors import RepositoryError
from porch_tui.git import locks
from porch_tui.git.repository import Repository
from porch_tui.git.transfer.headers import is_oid

_LONGEST_WAIT_S = 20.0
_POLL_S = 0.02


def read(repository: Repository) -> frozenset[str]:
    """Return the commits whose parents are not in the repository."""
    with suppress(FileNotFoundError):
        return frozenset(filter(is_oid, (repository.common_dir / "shallow").read_text().splitlines()))
    return frozenset()


def write(repository: Repository, *, more: Collection[str] = (), fewer: Collection[str] = ()) -> None:
    """Add commits to the file, or take some out; it is written even if that changes nothing.

    Raises `RepositoryError` if another process keeps it locked.
    """
    file = repository.common_dir / "shallow"
    lock = file.with_name("shallow.lock")
    descriptor = _locked(file, lock)
    try:
        lines = sorted((read(repository) | set(more)) - set(fewer))
        os.write(descriptor, "".join(f"{line}\n" for line in lines).encode())
        os.fsync(descriptor)
        if not lines:
            file.unlink(missing_ok=True)
            lock.unlink()
        else:
            lock.rename(file)
    except BaseException:
        lock.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)


def _locked(file: Path, lock: Path) -> int:
    """Make git's own lock of a file, and return its descriptor: it becomes the file."""
    deadline = time.monotonic() + _LONGEST_WAIT_S
    while True:
        try:
            return os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        except FileExistsError:
            if time.monotonic() > deadline:
                raise RepositoryError(
                    f"porch wants to note in {file} which commits have no parents here, but {lock} is there. "
                    "If no git is running in that repository, delete it; then try again."
                ) from None
            locks.remove_stale([lock], since=0.0, wait_s=0.0)
            time.sleep(_POLL_S)
