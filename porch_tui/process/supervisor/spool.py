"""The files of an attempt's directory: how they are written, read and locked.

    spec.json     what to run; written by the starter, useless after a power loss. Without the environment,
                  which holds secrets: that comes in a file without a name
    lock          locked exclusively by the shim while it lives; contains the leader of the step's session
    run.json      the shim's identity; exists once the attempt has begun. From before the first step on its
                  name survives a power loss, but not necessarily its content
    ctl.json      the last order to the shim, numbered
    lease         touched as long as whoever gave the order can be reached; missing where no one must
    state.json    the shim's answer to it, and what it cannot kill; missing before there is either
    output.log    what the steps write, both streams, in order
    tty.in        a pipe for what people type into the terminal or the open standard input of a step (see
                  frames.py): a name only while that has one, without a reader when its shim was killed
    tty.sizes     lines OFFSET COLS ROWS: from that byte of output.log on a terminal of that size was written
                  to; OFFSET 0 0: from there on it is text again. Missing where no step has a terminal
    tty.typed     20 digits: how long output.log was when a person last typed; missing before that
    calls.jsonl   that the attempt waits for a person, or does no more (see calls.py)
    lane          locked while others may begin behind this attempt, under the same shim
    recall        asks for those that have not begun
    exit.json     the end; when it exists, no process of the attempt does. Its content is durable, its name
                  is not: after a power loss it may be exit.json.tmp, the space reserved for it at the start

Stdlib only, nothing of porch: the shim imports this file from its own folder.
"""

# importing pathlib takes 4 of a shim's 19 ms:
# ruff: noqa: PTH104, PTH108, PTH116
from __future__ import annotations

import errno
import fcntl
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

TYPE_CHECKING = False  # importing typing takes 4 of a shim's 19 ms
if TYPE_CHECKING:
    from typing import Any

LOCK, LANE, RECALL, OUTPUT = "lock", "lane", "recall", "output.log"
TTY_IN, TTY_SIZES, TTY_TYPED = "tty.in", "tty.sizes", "tty.typed"
READ_BYTES = 64 * 1024
"""Holds all of most files here."""


def put(path: str, record: dict[str, Any], *, is_durable: bool = False) -> None:
    """Replace a JSON file atomically, readable by its owner only.

    Uses space reserved in its `.tmp`. Durable: its content survives a power loss, under this name or with
    `.tmp`. Raises OSError.
    """
    line = json.dumps(record).encode()
    fd = os.open(f"{path}.tmp", os.O_WRONLY | os.O_CREAT, 0o600)
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
    """Make the names in a directory survive a power loss; not the content of the files."""
    folder = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def reserve(path: str, size_bytes: int = 4096) -> None:
    """Reserve space for a later `put`: a full disk may cost output, never the result."""
    fd = os.open(f"{path}.tmp", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        if sys.platform == "linux":
            os.posix_fallocate(fd, 0, size_bytes)
        elif os.write(fd, b" " * size_bytes) == size_bytes:
            os.fsync(fd)  # many file systems allocate space only then
        else:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
    finally:
        os.close(fd)


def read(path: str) -> dict[str, Any]:
    """Return a JSON file's object; an empty one if the file is missing or unreadable."""
    try:
        record = json.loads(content(path))
    except (OSError, ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def read_open(fd: int) -> dict[str, Any]:
    """Return the object in an open JSON file; its position does not matter."""
    return dict(json.loads(os.pread(fd, os.fstat(fd).st_size, 0)))


def content(path: str) -> bytes:
    """Return the content of a small file, in three system calls where a stream takes nine. OSError."""
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # does not wait if it is a pipe
    try:
        pieces = [os.read(fd, READ_BYTES)]
        while len(pieces[-1]) == READ_BYTES:
            pieces.append(os.read(fd, READ_BYTES))
    finally:
        os.close(fd)
    return b"".join(pieces)


def has(path: str) -> bool:
    """Say whether a file exists."""
    return os.access(path, os.F_OK)


def renewed_at(directory: str) -> float:
    """Return when the lease was last renewed, by the file's own clock; 0 if it never was."""
    try:
        return os.stat(f"{directory}/lease").st_mtime
    except OSError:
        return 0.0


def note(log: int, line: str) -> None:
    """Write a line of porch's own into an open log, after ending an unfinished one. Ignores a full disk."""
    with suppress(OSError):
        size = os.fstat(log).st_size
        is_line_open = size > 0 and os.pread(log, 1, size - 1) != b"\n"
        os.write(log, b"\n" * is_line_open + f"{line}\n".encode(errors="surrogateescape"))


@contextmanager
def nameless(directory: str, text: str) -> Iterator[int]:
    """Create a file without a name that holds a text, open at its beginning."""
    path = f"{directory}/stdin"
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.unlink(path)
        left = memoryview(text.encode("utf-8", "surrogatepass"))
        while left:
            left = left[os.write(file, left) :]
        os.lseek(file, 0, os.SEEK_SET)
        yield file
    finally:
        os.close(file)


@contextmanager
def one_at_a_time(directory: str) -> Iterator[None]:
    """Exclude others who start this attempt or give it orders. The shim itself never waits for this."""
    fd = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def take_lock(directory: str, name: str = LOCK) -> int | None:
    """Take a lock until it is closed, or this process ends, and return it; None when another process has it.

    `is_locked` takes it, shared, for microseconds: hence the retries.
    """
    fd = os.open(f"{directory}/{name}", os.O_RDWR | os.O_CREAT, 0o600)
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
    """Write the leader of the step's session into the lock, and when it started (`kernel.born`).

    In place, because that needs no other file: a half-written record matches no process.
    """
    try:
        os.pwrite(lock, json.dumps({"pid": pid, "born": born}).encode().ljust(64), 0)
    except OSError:  # a full disk must not end the task
        return


def is_locked(directory: str, name: str = LOCK) -> bool:
    """Say whether a shim is alive. No pid is involved, so none can be mistaken for another's."""
    try:
        fd = os.open(f"{directory}/{name}", os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
