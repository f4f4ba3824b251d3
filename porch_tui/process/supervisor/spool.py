"""The files of an attempt's directory: how they are written, read and locked.

    spec.json     what to do; written by the starter, and of no use to anybody after a loss of power. Without
                  the environment, which holds secrets: that comes in a file without a name
    lock          held, exclusively, by the shim for as long as it lives; says who leads the step's session
    run.json      who the shim is; it exists from the moment the attempt has begun, and from before its first
                  step on it does so through a loss of power, which may cost what is in it
    lease         renewed by its owner, if the attempt is to end without one; only its time of change counts
    ctl.json      the last order given to the shim, numbered
    state.json    the shim's answer to it, and what it cannot kill; there is none before either
    output.log    what the steps write, both streams, in order
    exit.json     the end; when it exists no process of the attempt does. Durable, but for its name: after a
                  loss of power it may be found as exit.json.tmp, where room was made for it at the start

Stdlib only and nothing of porch: the shim imports this file as it lies beside it.
"""

# pathlib would make every shim start 4 ms later, of 19:
# ruff: noqa: PTH104
from __future__ import annotations

import errno
import fcntl
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

TYPE_CHECKING = False  # typing would make every shim start 4 ms later, of 19
if TYPE_CHECKING:
    from typing import Any

LEASE = "lease"
ONE_READ = 64 * 1024
"""Bytes: all of most files here."""


def put(path: str, record: dict[str, Any], *, is_durable: bool = False) -> None:
    """Replace a JSON file as a whole, readable by its owner only.

    Room reserved in its `.tmp` is used up first. Durable: its content outlives a loss of power, under this
    name or with `.tmp`. Raises OSError.
    """
    line = json.dumps(record).encode()
    fd = os.open(f"{path}.tmp", os.O_WRONLY | os.O_CREAT, 0o600)  # bare calls: a shim does little else
    try:
        if os.write(fd, line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        os.ftruncate(fd, len(line))
        if is_durable:
            os.fsync(fd)
    finally:
        os.close(fd)
    os.rename(f"{path}.tmp", path)


def keep_names(directory: str) -> None:
    """Have the names in a directory outlive a loss of power from now on; not what is in the files."""
    folder = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def reserve(path: str, size_bytes: int = 4096) -> None:
    """Take room for a later `put` now: a full disk may cost output, never the result."""
    fd = os.open(f"{path}.tmp", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        if sys.platform == "linux":
            os.posix_fallocate(fd, 0, size_bytes)
        elif os.write(fd, b" " * size_bytes) == size_bytes:
            os.fsync(fd)  # many file systems find room for it only when they have to
        else:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
    finally:
        os.close(fd)


def read(path: str) -> dict[str, Any]:
    """Return a JSON file's object; an empty one when there is none, or nothing that can be read."""
    try:
        record = json.loads(content(path))
    except (OSError, ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def read_open(fd: int) -> dict[str, Any]:
    """Return the object in a JSON file that is open, from its beginning, wherever it is read just now."""
    return dict(json.loads(os.pread(fd, os.fstat(fd).st_size, 0)))


def content(path: str) -> bytes:
    """Return what is in a small file, in three system calls where a stream takes nine. Raises OSError."""
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe in its place is not waited for
    try:
        pieces = [os.read(fd, ONE_READ)]
        while len(pieces[-1]) == ONE_READ:
            pieces.append(os.read(fd, ONE_READ))
    finally:
        os.close(fd)
    return b"".join(pieces)


def has(path: str) -> bool:
    """Say whether there is a file, whatever is in it."""
    return os.access(path, os.F_OK)  # that there is none is no exception, and costs a fraction of one


def note(log: int, line: str) -> None:
    """Write a line of porch's own into an open log, never on the end of an unfinished one.

    That the disk is full is no error.
    """
    with suppress(OSError):
        size = os.fstat(log).st_size
        is_line_open = size > 0 and os.pread(log, 1, size - 1) != b"\n"
        os.write(log, b"\n" * is_line_open + f"{line}\n".encode(errors="surrogateescape"))


@contextmanager
def one_at_a_time(directory: str) -> Iterator[None]:
    """Make others who start this attempt or give it orders wait. The shim itself never does."""
    fd = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def take_lock(directory: str) -> int | None:
    """Take the lock until this process ends, and return it; None when another process has it.

    A reader asking `is_locked` holds it, shared, for microseconds: hence the repeats.
    """
    fd = os.open(f"{directory}/lock", os.O_RDWR | os.O_CREAT, 0o600)
    for _ in range(50):
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.01)
        else:
            return fd
    os.close(fd)
    return None


def name_leader(lock: int, pid: int, born: int) -> None:
    """Note in the lock which process leads the session of the step, and when it started (`kernel.born`).

    In place, for no other file has to be made then: of what is read half, no process has number and start.
    """
    try:
        os.pwrite(lock, json.dumps({"pid": pid, "born": born}).encode().ljust(64), 0)
    except OSError:  # a full disk must not end the task
        return


def is_locked(directory: str) -> bool:
    """Return whether a shim lives. No number of a process is involved, so none can be mistaken."""
    try:
        fd = os.open(f"{directory}/lock", os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
