"""Files and folders that are private to their owner and survive a power cut once made.

The only place that names permission bits. It knows nothing of runs: what the
files mean is known by those who write them.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700

ASIDE = ".tmp"
"""How the name of a file ends that is still being written."""
LONGEST_STEM = 100
"""Of its name: with what is added it has to stay below the 255 bytes that file systems allow."""
SURELY_LOCKED_S = 1.0
"""A writer locks its file within moments of making it."""


def write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet, and wait until the disk has it.

    FileExistsError if it is there; OSError as the system gives it.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def sync_folder(path: Path) -> None:
    """Wait until the disk knows which names the folder holds."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network and user-space file systems cannot sync a folder; then there is nothing to wait for.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def replace(path: Path, content: bytes | Iterable[bytes], *, is_durable: bool = True) -> None:
    """Put a file in place of what is there, whole or not at all, and wait until the disk has it.

    The content may come in pieces. Any number of threads and processes may do so at once: each writes
    under a name of its own, and the last one stays. With `is_durable` false it does not wait for the disk.
    """
    aside = path.with_name(f".{path.name[:LONGEST_STEM]}.{os.urandom(6).hex()}{ASIDE}")
    try:
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)
        with os.fdopen(descriptor, "wb") as file:
            with suppress(OSError):  # a file system without locks: then `sweep` goes by the age alone
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            file.writelines([content] if isinstance(content, bytes) else content)
            file.flush()
            if is_durable:
                os.fsync(descriptor)
            aside.replace(path)
    except OSError:
        with suppress(OSError):
            aside.unlink()
        raise
    if is_durable:
        sync_folder(path.parent)


def open_file(path: Path) -> BinaryIO:
    """Open a file for reading; OSError if it is not a regular file: never wait for a pipe in its place."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is not a file", str(path))
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_file(path: Path) -> bytes:
    """Return the content of a file; OSError where it is none, as `open_file`."""
    with open_file(path) as file:
        return file.read()


def sweep(folder: Path) -> None:
    """Delete the temporary files that writers which were killed have left in a folder."""
    for path in folder.glob(f".*{ASIDE}"):
        with suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # fails while its writer lives
                if time.time() - os.fstat(descriptor).st_mtime > SURELY_LOCKED_S:
                    path.unlink()
            finally:
                os.close(descriptor)
