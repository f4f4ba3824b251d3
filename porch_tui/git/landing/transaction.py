"""A ref transaction held open: locked and checked first, decided later.

Between `prepare` and `commit` nobody else can move the refs in it, nor HEAD of the worktree it runs
in. When this process dies, git reads the end of its input, gives everything up and unlocks.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from msgspec import Struct
from msgspec.structs import asdict

from porch_tui.errors import RepositoryError
from porch_tui.git import locks
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Completed, Git, GitKilledError
from porch_tui.process.children import Child


class RefTransaction:
    """`git update-ref --stdin`, as a context manager; leaving it without `commit` changes nothing."""

    def __init__(self, git: Git, message: str) -> None:
        """`git` runs in the worktree whose HEAD is to be locked; `message` is for the reflog."""
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

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        self._stderr.close()

    def prepare(self, commands: Sequence[str]) -> str | None:
        """Lock and check all refs. None when they are ours now, else why not, in git's words.

        Raises `GitKilledError` when git was killed meanwhile; `commit` does so too.
        """
        return self._say(["start", *commands, "prepare"], "prepare: ok")

    def commit(self) -> str | None:
        """Move the refs, all of them. None when done, else why not, in git's words.

        Of a git that was killed nobody knows how many it has moved.
        """
        return self._say(["commit"], "commit: ok")

    def _say(self, lines: Sequence[str], awaited: str) -> str | None:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            stdin.write("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"))
            stdin.flush()
        except BrokenPipeError:
            pass  # git has given up already; its answer is on stderr
        for answer in stdout:
            if answer.decode().strip() == awaited:
                return None
        self._end()
        self._stderr.seek(0)
        said = self._stderr.read().decode("utf-8", "replace").strip()
        self._refuse_killed(Completed(self._process.returncode, b"", said))
        return said or "git ended without an answer"

    def _refuse_killed(self, completed: Completed) -> None:
        if not completed.was_killed:
            return
        left = locks.remove_left_by_killed(self._git.cwd, self._git.environment(), self._began_at)
        raise GitKilledError(("update-ref", "--stdin"), self._git.cwd, completed, left)

    def _end(self) -> None:
        try:
            self._process.communicate()  # closes stdin: what is not committed by now is given up
        except (BrokenPipeError, ValueError):
            self._process.wait()


_ASIDE = "landing-intent-"
"""How the names of files begin in which an intent is written before it gets its name."""


class Intent(Struct, frozen=True):
    """Move `target` from `old` to `new`, its files in `worktree` first, then the refs."""

    target: str
    old: str
    new: str
    worktree: str
    verify: Mapping[str, str]
    """Branches that must be where their work was frozen."""
    landed_ref: str | None
    message: str
    absent: tuple[str, ...] | None = ()
    """Paths the landing deletes that were not there before it began; None: no file was touched yet."""

    def commands(self) -> list[str]:
        """The ref transaction, for `git update-ref --stdin`."""
        lines = [f"update refs/heads/{self.target} {self.new} {self.old}"]
        lines += [f"verify refs/heads/{branch} {oid}" for branch, oid in self.verify.items()]
        return lines + ([f"create {self.landed_ref} {self.new}"] if self.landed_ref else [])


def write_intent(repository: Repository, intent: Intent) -> None:
    """Put it on disk, surely: file and folder are synced before this returns."""
    file = _file(repository)
    file.parent.mkdir(mode=0o700, exist_ok=True)
    descriptor, aside = tempfile.mkstemp(dir=file.parent, prefix=_ASIDE)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as stream:
        json.dump(asdict(intent), stream)
        stream.flush()
        os.fsync(stream.fileno())
    Path(aside).replace(file)
    _sync(file.parent)


def read_intent(repository: Repository) -> Intent | None:
    """The intent of a landing that never came to its end. Raises `RepositoryError` if it cannot be read."""
    file = _file(repository)
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # not to wait for a pipe
        with os.fdopen(descriptor, encoding="utf-8", errors="surrogateescape") as stream:
            return _intent(json.load(stream))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise RepositoryError(
            f"{file} should say which landing was cut off, but cannot be read: {why}. "
            f"Look at `git status` in {repository.root}; when all is well there, delete {file}"
        ) from error


def intent_written_at(repository: Repository) -> float:
    """When the intent was written last (Unix time, by the clock of the disk); infinite if there is none."""
    try:
        return _file(repository).stat().st_mtime
    except OSError:
        return math.inf


def clear_intent(repository: Repository) -> None:
    """The landing has come to its end, whichever. For one who holds the landing lock."""
    _file(repository).unlink(missing_ok=True)
    for left in repository.own_dir.glob(f"{_ASIDE}*"):
        left.unlink(missing_ok=True)


def _intent(fields: Any) -> Intent:
    """Return the intent that JSON stands for; ValueError, TypeError or KeyError if it is none."""
    names = ("target", "old", "new", "worktree", "message")
    texts = {name: fields[name] for name in names}
    verify, landed_ref, absent = fields["verify"], fields["landed_ref"], fields.get("absent", ())
    said = [*texts.values(), *verify, *verify.values(), landed_ref or "", *(absent or ())]
    if not isinstance(verify, dict) or not all(isinstance(one, str) for one in said):
        raise ValueError("a field is not what it should be")
    return Intent(
        **texts,
        verify=verify,
        landed_ref=landed_ref,
        absent=None if absent is None else tuple(absent),
    )


def _file(repository: Repository) -> Path:
    return repository.own_dir / "landing.json"


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Landed(Struct, frozen=True):
    """The target is at `commit`, and its checkout, if it has one, shows it."""

    target: str
    commit: str


class Moved(Struct, frozen=True):
    """Somebody else moved the target first. Nothing was changed."""

    to: str | None
    """None: the branch is gone."""
    is_descendant: bool
    """Whether what porch built on is still in it: build again upon it. If not, it was reset: ask."""


class Blocked(Struct, frozen=True):
    """The person's own uncommitted work or unfinished operation is in the way. Nothing was changed."""

    paths: tuple[str, ...]
    """Relative to the checkout; empty when it is an operation and not files."""
    why: str
    """What is in the way, and what to do."""


class BranchMoved(Struct, frozen=True):
    """A branch whose frozen commit should land is somewhere else by now. Nothing was changed."""

    branch: str
    expected: str
    found: str | None


class RolledBack(Struct, frozen=True):
    """A landing that was cut off has left no trace; it may be tried again."""

    target: str


Landing = Landed | Moved | Blocked | BranchMoved
Recovery = Landed | RolledBack | Moved | Blocked
