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
from collections import deque
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
_AGE_S = 2.0
"""Git reads a file again, each time, if it is not older than the index, in whole seconds."""
MOST_AHEAD = 2
"""Copies that are made before one is asked for. What is not used is deleted at the end."""
_OWN_FILTER = re.compile(r"filter\.(?!lfs\.).*\.(?:smudge|process)", re.DOTALL)
"""A filter of the person's may write something else into each worktree; that of git-lfs does not."""

_HEADER = struct.Struct(">4sII")
_TIMES_AND_PLACE, _OWNER_AND_SIZE = struct.Struct(">6I"), struct.Struct(">3I")
_MODE_AT, _OWNER_AT, _SIZE_AT, _HASH_AT = 24, 28, 36, 40
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
    files_bytes: int
    """Of all files together."""

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
    entries, at, files_bytes = [], _HEADER.size, 0
    for _ in range(count):
        flags_at = at + _HASH_AT + hash_size
        flags = int.from_bytes(index[flags_at : flags_at + 2], "big")
        path_at = flags_at + (4 if flags & _EXTENDED else 2)
        path_end = index.index(0, path_at + (flags & _LENGTH))
        if int.from_bytes(index[at + _MODE_AT : at + _OWNER_AT], "big") != _GITLINK:
            entries.append((at, index[path_at:path_end]))
            files_bytes += int.from_bytes(index[at + _SIZE_AT : at + _HASH_AT], "big")
        at += (path_end - at) // 8 * 8 + 8  # one to eight zeros end an entry
    content, end = index[:at], len(index) - hash_size
    while at < end:
        name, size = index[at : at + 4], 8 + int.from_bytes(index[at + 4 : at + 8], "big")
        if name[:1].islower():  # it changes what the entries mean
            raise ValueError(f"an index with the extension {name!r}")
        content += index[at : at + size] if name == b"TREE" else b""
        at += size
    return IndexLayout(content, tuple(entries), "sha1" if hash_size == 20 else "sha256", files_bytes)


class BaseCheckout:
    """A folder with the files of a commit, and the index git made for them. Git has no record of it."""

    def __init__(self, repository: Repository, commit: str, copies: int) -> None:
        """Begin to check the commit out. Nothing is raised: what goes wrong makes it useless.

        After so many copies it is deleted.
        """
        self.commit = commit
        self._place = repository.own_dir / f"{_PREFIX}{os.getpid()}"
        self._tree = WorkingTree(self._place / "tree", self._place / "git", repository.objects)
        self._common_dir = repository.common_dir
        self._layout: IndexLayout | None = None
        self._is_filled = threading.Event()
        self._ahead: deque[Path] = deque()
        """Copies that were made before the first was asked for."""
        self._is_asked = False
        self._child: Child | None = None
        self._held = -1
        """The descriptor of the lock."""
        self._is_wanted = True
        self._starting = threading.Lock()
        self._copies_left = copies
        self._counting = threading.Lock()
        self._lock = ExitStack()
        self._working = threading.Thread(target=self._work, name="base checkout", daemon=True)
        self._working.start()

    def expect(self, copies: int) -> None:
        """Change, before the first copy, after how many it is deleted."""
        with self._counting:
            self._copies_left = copies

    def copy(self, worktree: WorkingTree, held: int) -> bool:
        """Fill a new worktree with files and an index; return whether that succeeded. Waits for the files.

        `held` is a descriptor that stays open in the program that copies: see `locks.exclusive`.
        """
        self._is_asked = True
        self._is_filled.wait()
        if (layout := self._layout) is None:
            return False
        with suppress(OSError):
            if not self._move_ready(worktree.path):
                with _start(_copying(self._tree.path, worktree.path), dict(os.environ), held) as copying:
                    if copying.wait() != 0:
                        return False
            (worktree.git_dir / "index").write_bytes(layout.for_copy_at(worktree.path))
            self._count()
            return True
        return False

    def end(self) -> None:
        """Delete the files; what is under way is broken off."""
        with self._starting:
            self._is_wanted = False
        if self._child is not None and self._child.poll() is None:
            with suppress(ProcessLookupError):  # with its filters: it has a session of its own
                os.killpg(self._child.pid, signal.SIGKILL)
        self._delete()

    def _move_ready(self, folder: Path) -> bool:
        """Move a copy that is ready into a folder. Raises OSError where only a part of it could be moved."""
        try:
            ready = self._ahead.popleft()
        except IndexError:
            return False
        if ready.stat().st_dev != folder.stat().st_dev:
            return False
        for one in ready.iterdir():
            one.rename(folder / one.name)
        return True

    def _count(self) -> None:
        with self._counting:
            self._copies_left -= 1
        if self._copies_left == 0:
            self._layout = None
            threading.Thread(target=self._delete, name="base checkout", daemon=True).start()

    def _delete(self) -> None:
        self._working.join()
        shutil.rmtree(self._place, ignore_errors=True)
        self._lock.close()

    def _work(self) -> None:
        try:
            with suppress(PorchError, OSError, ValueError):
                self._fill()
        finally:
            self._is_filled.set()
        with suppress(PorchError, OSError):
            self._copy_ahead()
        if self._layout is None:
            shutil.rmtree(self._place, ignore_errors=True)

    def _fill(self) -> None:
        tree, admin, git = self._tree.path, self._tree.git_dir, self._tree.git
        with ExitStack() as stack:
            shutil.rmtree(self._place, ignore_errors=True)
            self._place.mkdir(mode=0o700, parents=True)
            self._held = stack.enter_context(exclusive(self._place / _LOCK, "check the base out", wait_s=0.0))
            tree.mkdir()
            admin.mkdir()
            (admin / "commondir").write_text(f"{self._common_dir}\n", "utf-8", "surrogateescape")
            (admin / "HEAD").write_text(f"{self.commit}\n")
            # no daemon for a folder that is deleted soon
            read = ("-c", "core.fsmonitor=false", "read-tree", "--reset", "-u", "--no-recurse-submodules")
            self._run(git.command(*read, self.commit), git.environment())
            self._run(*_aging(tree))
            layout = layout_of((admin / "index").read_bytes(), len(self.commit) // 2)
            if shutil.disk_usage(tree).free > layout.files_bytes * self._copies_left:
                self._layout = layout
                self._lock = stack.pop_all()

    def _copy_ahead(self) -> None:
        """Copy until one is asked for: a core is free while the plan is checked."""
        for number in range(MOST_AHEAD):
            if self._is_asked or self._layout is None:
                return
            folder = self._place / f"copy-{number}"
            folder.mkdir()
            self._run(_copying(self._tree.path, folder), dict(os.environ))
            self._ahead.append(folder)

    def _run(self, argv: list[Any], environment: dict[str, str]) -> None:
        """Run a program that `end` breaks off; RepositoryError if it fails, or is not needed any more."""
        with self._starting:
            if not self._is_wanted:
                raise RepositoryError("the base is not needed any more")
            self._child = _start(argv, environment, self._held)
        with self._child:
            if self._child.wait() != 0:
                raise RepositoryError("the base could not be checked out")


_begun: dict[Path, BaseCheckout] = {}
"""By the common directory of the repository."""
_begun_lock = threading.Lock()


def begin(repository: Repository, commit: str, tasks: int) -> None:
    """Begin to check a commit out for the worktrees of so many tasks, if that is worth it and may be done.

    One that was begun before is kept if it is of this commit, else ended. What killed processes left goes.
    """
    delete_left(repository)
    is_worth_it = tasks >= WORTH_TASKS and tracked_files(repository) >= WORTH_FILES
    begun, copies = of(repository.common_dir), tasks + 1  # one is for the base
    if begun is not None and is_worth_it and begun.commit == commit:
        begun.expect(copies)
        return
    end(repository)
    if not is_worth_it or not has_plain_layout(repository):
        return
    if any(_OWN_FILTER.fullmatch(key) for key in effective(repository).values()):
        return
    with _begun_lock, suppress(RuntimeError):  # no more threads
        if repository.common_dir not in _begun:
            _begun[repository.common_dir] = BaseCheckout(repository, commit, copies)


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


def _copying(source: Path, folder: Path) -> list[Any]:
    """Return what copies all that is in a folder, with times and modes, into another one."""
    return ["cp", "-pPR", f"{source}/.", folder]


def _aging(folder: Path) -> tuple[list[Any], dict[str, str]]:
    """Return what sets the times of all files in a folder to a moment that is past, and its environment.

    A program of its own, because this process has other things to do at that time.
    """
    past = time.strftime("%Y%m%d%H%M.%S", time.gmtime(time.time() - _AGE_S))
    touch = ["touch", "-h", "-t", past]
    return ["find", folder, "!", "-type", "d", "-exec", *touch, "{}", "+"], {**os.environ, "TZ": "UTC0"}
