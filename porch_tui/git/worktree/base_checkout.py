"""The base of a run, checked out once: new worktrees are copied from it.

For each file of a worktree git unpacks an object; copying the files, and noting in the index how they are
on disk now, takes half of that, and next to nothing where the file system shares their blocks.
A copy is only a beginning: `git reset --hard` has the last word on every file, and where no copy can be made
it writes all of them.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import struct
import subprocess
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from msgspec import Struct

from porch_tui.errors import PorchError, RepositoryError
from porch_tui.git.configuration import effective
from porch_tui.git.locks import exclusive
from porch_tui.git.repository import Repository
from porch_tui.git.working_tree import WorkingTree
from porch_tui.git.worktree_list import has_plain_layout
from porch_tui.process.children import Child

WORTH_TASKS, WORTH_FILES = 3, 300
"""For fewer it is not done: two worktrees are made at a time, and copying takes some ms to start."""

_PREFIX = "base-checkout-"
"""Of the folder below porch's own, with the process id of the porch that made it."""
_LOCK = "lock"
"""In that folder: held as long as the folder is used."""
_AGE_NS = 2_000_000_000
"""Git reads a file again, each time, if it is not older than the index, in whole seconds."""
_OWN_FILTER = re.compile(r"filter\.(?!lfs\.).*\.(?:smudge|process)", re.DOTALL)
"""A filter of the person's may write something else into each worktree; that of git-lfs does not."""

_HEADER = struct.Struct(">4sII")
_TIMES_AND_PLACE, _OWNER_AND_SIZE = struct.Struct(">6I"), struct.Struct(">3I")
_MODE_AT, _OWNER_AT, _HASH_AT = 24, 28, 40
"""An entry of the index begins with ctime and mtime in seconds and nanoseconds, device and inode; then come
its mode; user, group and size; hash, flags and path. See gitformat-index."""
_WORD = 0xFFFF_FFFF
_GITLINK = 0o160000
_EXTENDED, _LENGTH = 0x4000, 0x0FFF


class IndexLayout(Struct, frozen=True):
    """An index, and where in it the entries are that say something of a file on disk."""

    content: bytes
    """Without the checksum at its end."""
    entries: tuple[tuple[int, bytes], ...]
    """Offset and path."""
    hash_name: str

    def for_copy_at(self, root: Path) -> bytes:
        """Return the index for a copy of the folder at `root`. Raises OSError if a file is missing there."""
        copied, folder = bytearray(self.content), os.fsencode(root) + b"/"
        for at, path in self.entries:
            found = os.lstat(folder + path)
            ctime_s, ctime_ns = divmod(found.st_ctime_ns, 1_000_000_000)
            mtime_s, mtime_ns = divmod(found.st_mtime_ns, 1_000_000_000)
            times = (ctime_s & _WORD, ctime_ns, mtime_s & _WORD, mtime_ns)
            place = (found.st_dev & _WORD, found.st_ino & _WORD)
            _TIMES_AND_PLACE.pack_into(copied, at, *times, *place)
            owner_and_size = (found.st_uid & _WORD, found.st_gid & _WORD, found.st_size & _WORD)
            _OWNER_AND_SIZE.pack_into(copied, at + _OWNER_AT, *owner_and_size)
        return bytes(copied) + hashlib.new(self.hash_name, copied).digest()


def layout_of(index: bytes, hash_size: int) -> IndexLayout:
    """Return the layout of an index whose hashes have that many bytes. Of its extensions only `TREE` is kept.

    Raises ValueError for one of another format than version 2 and 3, or split, or sparse.
    """
    signature, version, count = _HEADER.unpack_from(index)
    if signature != b"DIRC" or version not in (2, 3):
        raise ValueError(f"an index of version {version}")
    entries, at = [], _HEADER.size
    for _ in range(count):
        flags_at = at + _HASH_AT + hash_size
        flags = int.from_bytes(index[flags_at : flags_at + 2], "big")
        path_at = flags_at + (4 if flags & _EXTENDED else 2)
        path_end = index.index(0, path_at + (flags & _LENGTH))
        if int.from_bytes(index[at + _MODE_AT : at + _OWNER_AT], "big") != _GITLINK:
            entries.append((at, index[path_at:path_end]))
        at += (path_end - at) // 8 * 8 + 8  # one to eight zeros end an entry
    content, end = index[:at], len(index) - hash_size
    while at < end:
        name, size = index[at : at + 4], 8 + int.from_bytes(index[at + 4 : at + 8], "big")
        if name[:1].islower():  # it changes what the entries mean
            raise ValueError(f"an index with the extension {name!r}")
        content += index[at : at + size] if name == b"TREE" else b""
        at += size
    return IndexLayout(content, tuple(entries), "sha1" if hash_size == 20 else "sha256")


class BaseCheckout:
    """A folder with the files of a commit, and the index git made for them. Git has no record of it."""

    def __init__(self, repository: Repository, commit: str, copies: int) -> None:
        """Begin to check the commit out. Nothing is raised: what goes wrong makes it useless.

        After so many copies it is deleted.
        """
        self._place = repository.own_dir / f"{_PREFIX}{os.getpid()}"
        self._tree = WorkingTree(self._place / "tree", self._place / "git", repository.objects)
        self._common_dir, self._commit = repository.common_dir, commit
        self._layout: IndexLayout | None = None
        self._git: Child | None = None
        self._is_wanted = True
        self._starting = threading.Lock()
        self._copies_left = copies
        self._counting = threading.Lock()
        self._lock = ExitStack()
        self._filling = threading.Thread(target=self._fill, name="base checkout", daemon=True)
        self._filling.start()

    def copy(self, worktree: WorkingTree, held: int) -> bool:
        """Fill a new worktree with files and an index; return whether that succeeded. Waits for the files.

        `held` is a descriptor that stays open in the program that copies: see `locks.exclusive`.
        """
        self._filling.join()
        if (layout := self._layout) is None:
            return False
        with suppress(OSError):
            command = ["cp", "-pPR", f"{self._tree.path}/.", str(worktree.path)]
            with _start(command, dict(os.environ), held) as copying:
                if copying.wait() != 0:
                    return False
            (worktree.git_dir / "index").write_bytes(layout.for_copy_at(worktree.path))
            self._count()
            return True
        return False

    def end(self) -> None:
        """Delete the files; a checkout under way is broken off."""
        with self._starting:
            self._is_wanted = False
        if self._git is not None and self._git.poll() is None:
            with suppress(ProcessLookupError):  # with its filters: it has a session of its own
                os.killpg(self._git.pid, signal.SIGKILL)
        self._filling.join()
        self._delete()

    def _count(self) -> None:
        with self._counting:
            self._copies_left -= 1
        if self._copies_left == 0:
            self._layout = None
            threading.Thread(target=self._delete, name="base checkout", daemon=True).start()

    def _delete(self) -> None:
        shutil.rmtree(self._place, ignore_errors=True)
        self._lock.close()

    def _fill(self) -> None:
        tree, admin, git = self._tree.path, self._tree.git_dir, self._tree.git
        with suppress(PorchError, OSError, ValueError), ExitStack() as stack:
            shutil.rmtree(self._place, ignore_errors=True)
            self._place.mkdir(mode=0o700, parents=True)
            held = stack.enter_context(exclusive(self._place / _LOCK, "check the base out", wait_s=0.0))
            tree.mkdir()
            admin.mkdir()
            (admin / "commondir").write_text(f"{self._common_dir}\n", "utf-8", "surrogateescape")
            (admin / "HEAD").write_text(f"{self._commit}\n")
            # no daemon for a folder that is deleted soon
            read = ("-c", "core.fsmonitor=false", "read-tree", "--reset", "-u", "--no-recurse-submodules")
            words = git.command(*read, self._commit)
            with self._starting:
                if not self._is_wanted:
                    raise RepositoryError("the base is not needed any more")
                self._git = _start(words, git.environment(), held)
            with self._git:
                if self._git.wait() != 0:
                    raise RepositoryError("git could not check the base out")
            size = _set_times(tree, time.time_ns() - _AGE_NS)
            if shutil.disk_usage(tree).free > size * self._copies_left:
                self._layout = layout_of((admin / "index").read_bytes(), len(self._commit) // 2)
                self._lock = stack.pop_all()
        if self._layout is None:
            self._delete()


_begun: dict[Path, BaseCheckout] = {}
"""By the common directory of the repository."""
_begun_lock = threading.Lock()


def begin(repository: Repository, commit: str, tasks: int) -> None:
    """Begin to check a commit out for the worktrees of so many tasks, if that is worth it and may be done.

    What killed processes left is deleted.
    """
    delete_left(repository)
    is_worth_it = tasks >= WORTH_TASKS and tracked_files(repository) >= WORTH_FILES
    if not is_worth_it or repository.common_dir in _begun or not has_plain_layout(repository):
        return
    if any(_OWN_FILTER.fullmatch(key) for key in effective(repository).values()):
        return
    with _begun_lock, suppress(RuntimeError):  # no more threads
        if repository.common_dir not in _begun:
            _begun[repository.common_dir] = BaseCheckout(repository, commit, tasks + 1)  # one is for the base


def of(common_dir: Path) -> BaseCheckout | None:
    """Return what was begun for the repository with this common directory, and has not been ended."""
    return _begun.get(common_dir)


def end(repository: Repository) -> None:
    """Delete what was begun, if anything; a checkout under way is broken off."""
    with _begun_lock:
        begun = _begun.pop(repository.common_dir, None)
    if begun is not None:
        begun.end()


def delete_left(repository: Repository) -> None:
    """Delete what killed processes left."""
    for folder in repository.own_dir.glob(f"{_PREFIX}*"):
        with suppress(RepositoryError, OSError), exclusive(folder / _LOCK, "delete it", wait_s=0.0):
            shutil.rmtree(folder, ignore_errors=True)


def tracked_files(repository: Repository) -> int:
    """Return the number of files in the main worktree's index, from its header (gitformat-index)."""
    try:
        with (repository.git_dir / "index").open("rb") as index:
            return int.from_bytes(index.read(12)[8:12], "big")
    except OSError:
        return 0


def _start(argv: list[Any], environment: dict[str, str], held: int) -> Child:
    """Start a program that keeps a lock, so that another porch knows of it if this one is killed."""
    nowhere = subprocess.DEVNULL
    return Child(
        argv, cwd="/", env=environment, stdin=nowhere, stdout=nowhere, stderr=nowhere,
        pass_fds=(held,), start_new_session=True,
    )  # fmt: skip


def _set_times(folder: Path, at_ns: int) -> int:
    """Set the times of all files below a folder to the same moment; return their size in bytes."""
    size = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                size += _set_times(Path(entry.path), at_ns)
            else:
                os.utime(entry.path, ns=(at_ns, at_ns), follow_symlinks=False)
                size += entry.stat(follow_symlinks=False).st_size
    return size
