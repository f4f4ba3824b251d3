"""The files of `copy:` on their way to another machine: a list with their content; nothing leads out.

Folders and regular files go along, with their modes and times; symlinks do not, because where they lead is
another place there. A list has a digest, so that the same files are sent once. What arrives is unpacked into
a new folder, which appears only when all of it is there and right.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from msgspec import Struct

from porch_tui.errors import PlanError
from porch_tui.git.transfer.headers import TransferError, shown

MOST_BYTES = 256 << 20
MOST_FILES = 50_000
_FIRST = b"# porch copies 1\n"
_LONGEST_LINE = 1 << 15
_LONGEST_PATH = 4096
_LONGEST_NAME = 255
_CHUNK = 1 << 20
_ASIDE, GOING = ".arriving-", ".going-"
"""How folders begin that are not complete."""
_OWNERS = 0o600
"""What the owner may do with each file in any case; in folders also enter them."""


class ChangedError(TransferError):
    """A file is not what it was when it was read first."""


class Entry(Struct, frozen=True):
    """A file, or a folder."""

    path: str
    """Relative, with `/` between names; of a folder also at its end."""
    mode: int
    """The permissions alone."""
    mtime_ns: int
    size: int = 0
    sha256: str = ""


class Copies(Struct, frozen=True):
    """Files to be copied."""

    entries: tuple[Entry, ...]
    """Folders before what is in them."""
    digest: str
    """Of all paths, permissions, times and contents; in hexadecimal."""
    size_bytes: int


def listed(root: Path, names: Sequence[str], *, most_bytes: int = MOST_BYTES) -> Copies:
    """Read what is at these names below a root, files or folders, and return the list.

    Sockets and pipes are left out. Raises `PlanError` for a symlink and for too much, OSError.
    """
    entries = list[Entry]()
    for entry in surveyed(root, names, most_bytes=most_bytes):
        with suppress(FileNotFoundError):  # gone meanwhile
            entries.append(_with_hash(root, entry))
    digest = hashlib.sha256(b"".join(map(_line, entries))).hexdigest()
    return Copies(tuple(entries), digest, sum(one.size for one in entries))


def surveyed(root: Path, names: Sequence[str], *, most_bytes: int = MOST_BYTES) -> list[Entry]:
    """Return what `listed` does, without reading the files: their hashes are empty."""
    entries, size = list[Entry](), 0
    for name in sorted(set(names)):
        for entry in _walked(root, os.path.normpath(name)):
            if not is_safe(entry.path.removesuffix("/")):
                raise PlanError(
                    f"copy: {name!r} has {entry.path!r}, which no task may have written for it on another "
                    "machine. Name what is beside it."
                )
            entries.append(entry)
            size += entry.size
            if size > most_bytes or len(entries) > MOST_FILES:
                raise PlanError(
                    f"copy: {name!r} should go to another machine with the task, but `copy` has more than "
                    f"{most_bytes >> 20} MB or {MOST_FILES} files. Have `setup` make them there; or run the "
                    "task here (`place: threads`)."
                )
    return list(dict.fromkeys(entries))


def write(root: Path, copies: Copies, file: BinaryIO) -> None:
    """Write the files into an empty one. Raises `ChangedError` if one has changed since, OSError."""
    file.write(_FIRST)
    for entry in copies.entries:
        file.write(_line(entry))
        if not _is_folder(entry):
            with (root / entry.path).open("rb") as source:
                for piece in _pieces(source, entry):
                    file.write(piece)
                if source.read(1):
                    raise _changed(entry)
    file.flush()


def unpack(file: BinaryIO, digest: str, folder: Path, *, most_bytes: int = MOST_BYTES) -> None:
    """Make a folder with the files that `write` has written, unless there is one; then that counts as used.

    Raises `TransferError` if that is not exactly what has this digest, or would write elsewhere; then there
    is nothing. The folder above is there.
    """
    if folder.exists():
        os.utime(folder)
        return
    file.seek(0)
    aside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=_ASIDE))
    try:
        if file.readline(_LONGEST_LINE) != _FIRST:
            raise TransferError("these are no copies: the first line is another")
        entries, seen = list[Entry](), hashlib.sha256()
        left = most_bytes
        while line := file.readline(_LONGEST_LINE):
            seen.update(line)
            entry = _read_entry(line)
            left -= entry.size
            if left < 0 or len(entries) >= MOST_FILES:
                raise TransferError(f"copies have more than {most_bytes} bytes or {MOST_FILES} files")
            _make(aside, entry, file)
            entries.append(entry)
        if seen.hexdigest() != digest:
            raise TransferError("the list of copies is not the one that was announced")
        for entry in reversed(entries):
            if _is_folder(entry):
                _finish(aside / entry.path, entry, 0o100)
        with suppress(FileExistsError):
            _rename(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def has(store: Path, digest: str) -> bool:
    """Whether the files with this digest are below a folder; that they were asked for counts as use."""
    try:
        os.utime(store / digest)
    except FileNotFoundError:
        return False
    return True


def sweep(store: Path) -> None:
    """Delete what a process that was killed was unpacking or deleting. No other may be doing that now."""
    for start in (_ASIDE, GOING):
        for left in store.glob(f"{start}*"):
            shutil.rmtree(left, ignore_errors=True)


def is_safe(path: str) -> bool:
    """Whether a path leads nowhere but below the folder it is relative to, and not into git's own files."""
    return (
        0 < len(os.fsencode(path)) <= _LONGEST_PATH
        and "\0" not in path
        and all(
            part not in ("", ".", "..")
            and part.lower().rstrip(". ") != ".git"
            and len(os.fsencode(part)) <= _LONGEST_NAME
            for part in path.split("/")
        )
    )


def _walked(root: Path, name: str) -> Iterator[Entry]:
    try:
        status = (root / name).lstat()
    except FileNotFoundError:
        return  # gone since its folder was read, or since the check
    mode = stat.S_IMODE(status.st_mode) & 0o777
    if stat.S_ISLNK(status.st_mode):
        raise PlanError(
            f"copy: {name!r} is a symlink, and those are not copied to another machine. Name what it "
            "leads to, or have `setup` make it there."
        )
    if stat.S_ISDIR(status.st_mode):
        yield Entry(f"{name}/", mode, status.st_mtime_ns)
        for inner in sorted(os.listdir(root / name)):  # noqa: PTH208
            yield from _walked(root, f"{name}/{inner}")
    elif stat.S_ISREG(status.st_mode):
        yield Entry(name, mode, status.st_mtime_ns, status.st_size)


def _with_hash(root: Path, entry: Entry) -> Entry:
    if _is_folder(entry):
        return entry
    hashed, size = hashlib.sha256(), 0
    with (root / entry.path).open("rb") as source:
        while piece := source.read(_CHUNK):
            hashed.update(piece)
            size += len(piece)
    return Entry(entry.path, entry.mode, entry.mtime_ns, size, hashed.hexdigest())


def _line(entry: Entry) -> bytes:
    fields = [entry.path, entry.mode, entry.mtime_ns, entry.size, entry.sha256]
    return json.dumps(fields).encode() + b"\n"


def _read_entry(line: bytes) -> Entry:
    try:
        fields: Any = json.loads(line)
        path, *numbers, sha256 = fields
        mode, mtime_ns, size = (int(one) for one in numbers)
    except (ValueError, TypeError, RecursionError):
        raise TransferError(f"the list of copies has {shown(line)!r}, which is no file") from None
    is_text = isinstance(path, str) and isinstance(sha256, str)
    if not is_text or not is_safe(path.removesuffix("/")):
        raise TransferError(f"the list of copies has {shown(str(path))!r}, which is no path below a worktree")
    entry = Entry(path, mode & 0o777, mtime_ns, size, sha256)
    if size < 0 or (_is_folder(entry) and size):
        raise TransferError(f"the list of copies has {shown(path)!r} with {size} bytes")
    return entry


def _make(root: Path, entry: Entry, file: BinaryIO) -> None:
    """Make one file or folder below a root in which no one else writes, and which has no symlinks."""
    path = root / entry.path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if _is_folder(entry):
            path.mkdir(exist_ok=True)
            return
        with path.open("xb") as target:
            for piece in _pieces(file, entry):
                target.write(piece)
        _finish(path, entry)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        raise TransferError(f"the list of copies has {shown(entry.path)!r} twice") from None


def _finish(path: Path, entry: Entry, more: int = 0) -> None:
    path.chmod(entry.mode | _OWNERS | more)
    with suppress(OverflowError):
        os.utime(path, ns=(entry.mtime_ns, entry.mtime_ns))


def _pieces(source: BinaryIO, entry: Entry) -> Iterator[bytes]:
    """Yield the content of a file from where it begins. Raises `TransferError` if it is another."""
    hashed, left = hashlib.sha256(), entry.size
    while left:
        piece = source.read(min(left, _CHUNK))
        if not piece:
            raise _changed(entry)
        left -= len(piece)
        hashed.update(piece)
        yield piece
    if hashed.hexdigest() != entry.sha256:
        raise _changed(entry)


def _changed(entry: Entry) -> ChangedError:
    return ChangedError(f"{shown(entry.path)!r} of `copy` is not what it was when it was read first")


def _is_folder(entry: Entry) -> bool:
    return entry.path.endswith("/")


def _rename(aside: Path, folder: Path) -> None:
    """Give the folder its name, unless another process has made it meanwhile."""
    try:
        aside.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
