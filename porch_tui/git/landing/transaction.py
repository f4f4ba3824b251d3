"""The parts of a landing: what it intends, on disk; the refs it locks; and how it can end.

The intent is on disk before anything is done. So a landing that was cut off can be understood, and what it
had locked is known: `recovery` reads it.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Self

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from porch_tui.errors import RepositoryError
from porch_tui.git import locks
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Completed, Git, GitKilledError
from porch_tui.process.children import Child
from porch_tui.process.supervisor import spool


class Landed(Struct, frozen=True):
    """The target is at `commit`, and its checkout, if it has one, shows it."""

    target: str
    commit: str


class Moved(Struct, frozen=True):
    """Someone else moved the target first. Nothing was changed."""

    to: str | None
    """None: the branch is gone."""
    is_descendant: bool
    """Whether it still contains what porch built on: build again on top of it. If not, it was reset: ask."""


class Blocked(Struct, frozen=True):
    """The person's own uncommitted work or unfinished operation is in the way. Nothing was changed."""

    paths: tuple[str, ...]
    """Relative to the checkout; empty when it is an operation and not files."""
    why: str
    """What is in the way, and what to do."""


class BranchMoved(Struct, frozen=True):
    """A branch whose frozen commit should land is at another commit by now. Nothing was changed."""

    branch: str
    expected: str
    found: str | None


class RolledBack(Struct, frozen=True):
    """A landing that was cut off has left no trace; it may be tried again."""

    target: str


Landing = Landed | Moved | Blocked | BranchMoved
"""How a landing can end. Each is an ordinary answer; what git could not do at all is an error instead."""
Recovery = Landed | RolledBack | Moved | Blocked


class Intent(Struct, frozen=True):
    """Move `target` from `old` to `new`: its files in `worktree` first, then the refs."""

    target: str
    old: str
    new: str
    worktree: str
    verify: Mapping[str, str]
    """Branches that must be where their work was frozen."""
    landed_ref: str | None
    message: str
    absent: tuple[str, ...] | None = ()
    """Paths the landing deletes that were missing before it began; None: no file was touched yet."""
    locked_since: float | None = None
    """When it was written first, before anything was locked; None: it is as it was written then."""

    def commands(self) -> list[str]:
        """Return the ref transaction, for `git update-ref --stdin`."""
        lines = [f"update refs/heads/{self.target} {self.new} {self.old}"]
        lines += [f"verify refs/heads/{branch} {oid}" for branch, oid in self.verify.items()]
        return lines + ([f"create {self.landed_ref} {self.new}"] if self.landed_ref else [])


def write_intent(repository: Repository, intent: Intent) -> None:
    """Write the intent; file and folder are synced to disk before this returns."""
    repository.own_dir.mkdir(mode=0o700, exist_ok=True)
    spool.put(str(_intent_file(repository)), asdict(intent), is_durable=True)
    spool.keep_names(str(repository.own_dir))


def read_intent(repository: Repository) -> Intent | None:
    """Return the intent of a landing that did not end. Raises `RepositoryError` if it cannot be read.

    The caller holds the landing lock: two threads that used the type first at once could crash msgspec.
    """
    file = _intent_file(repository)
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # not to wait for a pipe
        with os.fdopen(descriptor, encoding="utf-8", errors="surrogateescape") as stream:
            return msgspec.convert(json.load(stream), Intent)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError, msgspec.ValidationError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise RepositoryError(
            f"{file} should say which landing was cut off, but cannot be read: {why}. "
            f"Look at `git status` in {repository.root}; when all is well there, delete {file}"
        ) from error


def intent_written_at(repository: Repository) -> float:
    """Return when the intent was last written (Unix time, by the clock of the disk); infinite without one.

    The first time that is before anything is locked: see `Intent.locked_since`.
    """
    try:
        return _intent_file(repository).stat().st_mtime
    except OSError:
        return math.inf


def clear_intent(repository: Repository) -> None:
    """Delete the intent of a landing that has ended, in whichever way. The caller holds the landing lock."""
    _intent_file(repository).unlink(missing_ok=True)


def _intent_file(repository: Repository) -> Path:
    return repository.own_dir / "landing.json"


class RefTransaction:
    """`git update-ref --stdin`, as a context manager; leaving it without `commit` changes nothing.

    Between `prepare` and `commit` no one else can move the refs in it, nor HEAD of the worktree it runs in.
    When this process dies, git reads the end of its input, drops the transaction and unlocks. A git that was
    killed does not: that is a GitKilledError, also on leaving.
    """

    def __init__(self, git: Git, message: str) -> None:
        """Lock HEAD of the worktree in which `git` runs; `message` is for the reflog."""
        self._git = git
        self._message = message

    def __enter__(self) -> Self:
        self._began_at = time.time()
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # a hook may write more than a pipe holds
        self._process = Child(
            self._git.command("update-ref", "-m", self._message, "--stdin"),
            cwd=self._git.cwd,
            env=self._git.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            start_new_session=True,
        )
        return self

    def __exit__(self, raised: type[BaseException] | None, *_: object) -> None:
        self._end()
        with self._stderr:
            if raised is None:
                self._raise_if_killed(self._completed())

    def prepare(self, commands: Sequence[str]) -> str | None:
        """Lock and check all refs. Return None when they are locked, else why not, in git's words.

        Raises `GitKilledError` when git was killed meanwhile; `commit` does so too.
        """
        return self._send(["start", *commands, "prepare"], "prepare: ok")

    def commit(self) -> str | None:
        """Move all the refs. Return None when done, else why not, in git's words.

        When git was killed, it is unknown how many it has moved.
        """
        return self._send(["commit"], "commit: ok")

    def _send(self, lines: Sequence[str], awaited: str) -> str | None:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        with suppress(BrokenPipeError):  # git has given up already; its answer is on stderr
            stdin.write("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"))
            stdin.flush()
        for answer in stdout:
            if answer.decode().strip() == awaited:
                return None
        self._end()
        completed = self._completed()
        self._raise_if_killed(completed)
        return completed.stderr or "git ended without an answer"

    def _completed(self) -> Completed:
        self._stderr.seek(0)
        message = self._stderr.read().decode("utf-8", "replace").strip()
        return Completed(self._process.returncode, b"", message)

    def _raise_if_killed(self, completed: Completed) -> None:
        if completed.was_killed:
            left = locks.remove_left_by_killed(self._git.cwd, self._git.environment(), self._began_at)
            raise GitKilledError(("update-ref", "--stdin"), self._git.cwd, completed, left)

    def _end(self) -> None:
        try:
            self._process.communicate()  # closes stdin: what is not committed by now is dropped
        except (BrokenPipeError, ValueError):
            self._process.wait()
