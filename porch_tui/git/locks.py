"""Locks: porch's own on a file, and git's lock files that a killed git left behind.

Nothing in a lock file of git says whose it is, and git keeps it without having it open. So one is removed
only when it cannot belong to anyone: it was made since the command that died began, no process has it open,
and no git is alive in this repository that began before it was made and takes such locks. All others stay.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from msgspec import Struct

from porch_tui.errors import RepositoryError
from porch_tui.git.git_files import common_dir_of, git_dirs

IS_LINUX = sys.platform == "linux"

_CLOCKS_DIFFER_S = 0.1
"""File times come from a clock that ticks a hundred times a second, process times from another."""
_POLL_S = 0.02
_READS_ONLY = frozenset(
    {
        "cat-file", "check-attr", "check-ignore", "commit-tree", "diff-files", "diff-index", "diff-tree",
        "fsmonitor--daemon", "for-each-ref", "hash-object", "interpret-trailers", "log", "ls-files",
        "ls-tree", "merge-base", "merge-tree", "rev-list", "rev-parse", "show", "show-ref",
        "var", "version", "write-tree",
    }
)  # fmt: skip
"""Commands that take none of the locks looked for here."""
_INDEX_ONLY = frozenset({"add", "checkout-index", "read-tree", "update-index"})
_REFS_ONLY = frozenset({"pack-refs", "symbolic-ref", "update-ref"})
_WITH_VALUE = frozenset({"-c", "-C", "--git-dir", "--work-tree", "--namespace", "--exec-path"})
"""Options before a command's name that take the next word."""

_NO_REPOSITORY = Path()


@contextmanager
def exclusive(path: Path, doing: str, wait_s: float = 60.0) -> Iterator[int]:
    """Hold the lock on `path` while the block runs; yield its file descriptor.

    The lock lives as long as any process has the descriptor open, so a child that inherits it keeps it
    locked even when this process is killed. `doing` completes "porch wants to …". Raises `RepositoryError`
    when another process holds it longer than `wait_s`.
    """
    path.parent.mkdir(mode=0o700, exist_ok=True)  # no parents: a repository that was deleted stays so
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise RepositoryError(
                        f"porch wants to {doing}, but another process has held {path} for {wait_s:.0f} s. "
                        "Look for a porch or git that hangs in this repository, end it, and try again."
                    ) from None
                time.sleep(_POLL_S)
        yield descriptor
    finally:
        os.close(descriptor)


class _Process(Struct, frozen=True):
    """A living git."""

    began_at: float
    """Unix time."""
    words: tuple[str, ...]
    owner: int | None
    """Its user; None if unknown."""
    common_dir: Path | None
    """Of the repository it works in; `_NO_REPOSITORY` if in none, None if unknown."""

    def may_hold(self, lock: Path, status: os.stat_result, common_dir: Path | None) -> bool:
        """Whether it may have made this lock file, which is of the repository with this common directory."""
        if self.began_at > status.st_mtime + _CLOCKS_DIFFER_S or self.owner not in (None, status.st_uid):
            return False
        if None not in (self.common_dir, common_dir) and self.common_dir != common_dir:
            return False
        command = _command(self.words)
        return command not in _READS_ONLY | (_REFS_ONLY if lock.name == "index.lock" else _INDEX_ONLY)


def remove_left_by_killed(cwd: Path, environment: Mapping[str, str], since: float) -> tuple[Path, ...]:
    """Remove the locks that a git killed in `cwd` left since then (Unix time); return those that stay."""
    return remove_stale(made_since(git_dirs(cwd, environment), since), since)


def made_since(directories: Iterable[Path], since: float) -> list[Path]:
    """Return the lock files in these git directories that were made at or after `since` (Unix time)."""
    there = (lock for one in directories for lock in (*one.glob("*.lock"), *(one / "refs").rglob("*.lock")))
    return [lock for lock in dict.fromkeys(there) if _is_made_since(lock, since)]


def remove_stale(locks: Iterable[Path], since: float, wait_s: float = 2.0) -> tuple[Path, ...]:
    """Remove those of the lock files that belong to no process any more; return those that stay.

    Only what was made since `since` goes. A git that may hold one is waited for: it mostly ends within
    milliseconds, and removes its lock itself.
    """
    deadline = time.monotonic() + wait_s
    left = [lock for lock in locks if _is_made_since(lock, since)]
    has_proc = IS_LINUX and Path("/proc/self/stat").exists()
    while left:
        living = list(_from_proc() if has_proc else _from_ps())
        left = [lock for lock in left if not _is_removed(lock, living)]
        if not left or time.monotonic() > deadline:
            break
        time.sleep(_POLL_S)
    return tuple(left)


def _is_removed(lock: Path, living: Iterable[_Process]) -> bool:
    """Remove a lock if it belongs to no process; return whether it is gone."""
    try:
        before = lock.lstat()
    except OSError:
        return True
    common_dir = next((common_dir_of(one) for one in lock.parents if (one / "HEAD").exists()), None)
    if any(one.may_hold(lock, before, common_dir) for one in living) or _is_open(lock):
        return False
    with suppress(OSError):
        if os.path.samestat(lock.lstat(), before):
            lock.unlink()
    return not os.path.lexists(lock)


def _is_made_since(lock: Path, since: float) -> bool:
    with suppress(OSError):
        return lock.lstat().st_mtime >= since - _CLOCKS_DIFFER_S
    return False


def _command(words: tuple[str, ...]) -> str:
    """Return the name of the git command in an argument vector."""
    program = words[0].rpartition("/")[2] if words else ""
    if program.startswith("git-"):
        return program.removeprefix("git-")
    rest = iter(words[1:])
    for word in rest:
        if word in _WITH_VALUE:
            next(rest, None)
        elif not word.startswith("-"):
            return word
    return ""


def _from_proc() -> Iterator[_Process]:
    """Yield every git on the machine, as far as it can be seen."""
    # by the clock as it is set now
    booted_at = time.time() - float(Path("/proc/uptime").read_text("ascii").split()[0])
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):  # it has ended meanwhile
            if not (entry / "comm").read_bytes().startswith(b"git"):
                continue
            fields = (entry / "stat").read_bytes().rpartition(b")")[2].split()
            if fields[0] in b"ZX":
                continue
            began_at = booted_at + int(fields[19]) / os.sysconf("SC_CLK_TCK")
            words = tuple(os.fsdecode(one) for one in (entry / "cmdline").read_bytes().split(b"\0"))
            yield _Process(began_at, words, entry.stat().st_uid, _common_dir(entry, words))


def _common_dir(entry: Path, words: tuple[str, ...]) -> Path | None:
    """Return the common directory of the repository that a process works in; None if unknown."""
    try:
        variables = (entry / "environ").read_bytes().split(b"\0")
        cwd = (entry / "cwd").readlink()
    except OSError:
        return None
    if any(word.startswith("--git-dir") for word in words):
        return None
    named = [os.fsdecode(one.removeprefix(b"GIT_DIR=")) for one in variables if one.startswith(b"GIT_DIR=")]
    directories = git_dirs(cwd, {"GIT_DIR": named[0]} if named else {})
    return directories[-1].resolve() if directories else _NO_REPOSITORY


def _from_ps() -> Iterator[_Process]:
    """Yield the same where there is no /proc; in which repository each works is not known."""
    listed = subprocess.run(["ps", "-axww", "-o", "pid=,etime=,command="], capture_output=True, check=False)
    for line in listed.stdout.decode("utf-8", "replace").splitlines():
        _, age, *words = line.split()
        if words and words[0].rpartition("/")[2].startswith("git"):
            days, _, clock = age.rpartition("-")  # [[days-]hours:]minutes:seconds
            units = zip(reversed(clock.split(":")), (1, 60, 3600), strict=False)
            seconds = int(days or 0) * 86400 + sum(int(part) * unit for part, unit in units)
            # in whole seconds: it may have begun up to one earlier
            yield _Process(time.time() - seconds - 1, tuple(words), None, None)


def _is_open(lock: Path) -> bool:
    if not IS_LINUX:
        from shutil import which  # takes 2 ms to import, and every command imports this

        if (lsof := which("lsof")) is None:
            return False
        return bool(subprocess.run([lsof, "-t", "--", lock], capture_output=True, check=False).stdout)
    wanted = str(lock.resolve())
    for folder in Path("/proc").glob("[0-9]*/fd"):
        with suppress(OSError):  # it has ended, or is another user's
            for descriptor in folder.iterdir():
                with suppress(OSError):
                    if str(descriptor.readlink()) == wanted:
                        return True
    return False
