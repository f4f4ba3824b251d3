"""The small files in which git keeps where things are, read in three system calls instead of nine.

A worktree is verified before each command, so these are most of what a run of many small tasks reads.
"""

from __future__ import annotations

import os
from pathlib import Path

_ONE_READ = 64 * 1024
"""Bytes: more than there is in any of them."""


def content(path: Path) -> str | None:
    """Return what is in a file, without the newline at its end; None if there is none that can be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe in its place is not waited for
    except OSError:
        return None
    try:
        pieces = [os.read(descriptor, _ONE_READ)]
        while len(pieces[-1]) == _ONE_READ:
            pieces.append(os.read(descriptor, _ONE_READ))
    except OSError:  # a folder
        return None
    finally:
        os.close(descriptor)
    return os.fsdecode(b"".join(pieces)).removesuffix("\n")


def put(path: Path, text: str) -> None:
    """Write a file that is not there yet. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        os.write(descriptor, os.fsencode(text))
    finally:
        os.close(descriptor)
