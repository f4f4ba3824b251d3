"""The files of a commit: their names, sizes and contents, read from git's objects and not from a checkout.

So it works for a target that is not checked out, in a sparse checkout, and without a worktree. In a partial
clone nothing is fetched: what is not on this machine is left out.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from msgspec import Struct

from porch_tui.git.changes import REGULAR, SYMLINK
from porch_tui.git.configuration import read_settings
from porch_tui.git.repository import Repository

MOST_BYTES = 1 << 20
"""Of a file that is read: what is larger was written by a program."""
_AT_ONCE_BYTES = 32 << 20
"""Contents that are in memory at the same time."""


class TrackedFile(Struct, frozen=True):
    """A file, or a symbolic link, of a commit."""

    path: str
    mode: str
    oid: str
    size: int | None
    """None: its content is not on this machine."""

    @property
    def is_readable(self) -> bool:
        """Whether its content may be read: a regular file that is here and not too large."""
        return self.mode in REGULAR and self.size is not None and self.size <= MOST_BYTES


def files_of(repository: Repository, commit: str) -> tuple[TrackedFile, ...]:
    """Return the files of a commit in git's order. Raises `GitError`."""
    entries = []
    for record in repository.git.lines_z("ls-tree", "-r", "-z", "--full-tree", commit):
        about, _, path = record.partition(b"\t")
        mode, _, oid = about.decode().split(" ")
        if mode in (*REGULAR, SYMLINK):  # and no submodule
            entries.append((os.fsdecode(path), mode, oid))
    sizes = _sizes(repository, commit, {oid for _, _, oid in entries})
    return tuple(TrackedFile(path, mode, oid, sizes.get(oid)) for path, mode, oid in entries)


def _sizes(repository: Repository, commit: str, oids: set[str]) -> dict[str, int]:
    """Return the bytes of the objects that are on this machine."""
    here = sorted(oids - _not_here(repository, commit))
    asked = "\n".join(here).encode()
    answer = repository.git.run("cat-file", "--batch-check=%(objectname) %(objectsize)", stdin=asked).stdout
    lines = (line.split(" ") for line in answer.decode().splitlines())
    return {oid: int(size) for oid, size in lines if size.isdecimal()}


def _not_here(repository: Repository, commit: str) -> frozenset[str]:
    """Return the objects of a commit's files that a partial clone has left out. Fetches nothing."""
    if not left_out(repository):
        return frozenset()
    listed = repository.git.text(
        "rev-list", "--objects", "--missing=print", "--no-object-names", f"{commit}^{{tree}}"
    )
    return frozenset(line[1:] for line in listed.splitlines() if line.startswith("?"))


def left_out(repository: Repository) -> tuple[str, ...]:
    """Return the filters of a partial clone, `blob:none` say: git fetches what is missing. Else nothing."""
    settings = read_settings(repository.common_dir / "config")
    return tuple(
        value
        for key, values in settings.items()
        if key.startswith("remote.") and key.endswith(".partialclonefilter")
        for value in values
    )


def contents(repository: Repository, files: Iterable[TrackedFile]) -> Iterator[tuple[TrackedFile, bytes]]:
    """Yield the readable ones of the files with their contents. Raises `GitError`."""
    batch: list[TrackedFile] = []
    batch_bytes = 0
    for file in files:
        if not file.is_readable:
            continue
        if batch and batch_bytes + (file.size or 0) > _AT_ONCE_BYTES:
            yield from _read(repository, batch)
            batch, batch_bytes = [], 0
        batch.append(file)
        batch_bytes += file.size or 0
    yield from _read(repository, batch)


def _read(repository: Repository, files: list[TrackedFile]) -> Iterator[tuple[TrackedFile, bytes]]:
    if not files:
        return
    asked = "\n".join(file.oid for file in files).encode()
    answer, at = memoryview(repository.git.run("cat-file", "--batch", stdin=asked).stdout), 0
    for file in files:
        # `OID blob SIZE`, the content, and a newline
        at += len(f"{file.oid} blob {file.size}\n")
        yield file, bytes(answer[at : at + (file.size or 0)])
        at += (file.size or 0) + 1
