"""One thing at a time, across threads and processes, on one file. Knows nothing of git."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from porch_tui.errors import RepositoryError

_POLL_S = 0.02


@contextmanager
def exclusive(path: Path, doing: str, wait_s: float = 60.0) -> Iterator[int]:
    """Hold the lock on `path` while the block runs; give its file descriptor.

    The lock lives as long as any process has the descriptor open, so a child that
    inherits it keeps it held even when this process is killed. `doing` completes "porch
    wants to …". Raises `RepositoryError` when another process holds it longer than `wait_s`.
    """
    path.parent.mkdir(mode=0o700, exist_ok=True)  # no parents: a repository that was deleted stays so
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _wait(descriptor, path, doing, wait_s)
        yield descriptor
    finally:
        os.close(descriptor)


def _wait(descriptor: int, path: Path, doing: str, wait_s: float) -> None:
    deadline = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise RepositoryError(
                    f"porch wants to {doing}, but another process has held {path} for {wait_s:.0f} s. "
                    "Look for a porch or git that hangs in this repository, end it, and try again."
                ) from None
            time.sleep(_POLL_S)
