"""Run one git command in a clean environment, and return its output.

Everything porch asks of git goes through `Git`, except for ref transactions (`landing.transaction`), which
keep a process alive. Nothing in here knows what a command means.
"""

from __future__ import annotations

import functools
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from msgspec import Struct, field

from porch_tui.errors import RepositoryError, limit_met
from porch_tui.git import locks
from porch_tui.process.children import Child

Argument = str | bytes | Path

_QUIET = ("-c", "gc.auto=0", "-c", "maintenance.auto=false")
"""A background gc may neither lock refs under a landing nor outlive the run."""

_UTF8 = ("-c", "i18n.commitEncoding=UTF-8", "-c", "i18n.logOutputEncoding=UTF-8")
"""What porch writes and reads; git would take it for whatever the person has set."""

_FIXED = {
    "GIT_OPTIONAL_LOCKS": "0",  # or a status poll breaks one in six of the tasks' own commands (measured)
    "LC_ALL": "C",  # the few messages that porch must recognize are then git's own words
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_MERGE_AUTOEDIT": "no",
}

_ALSO_LEAKING = (
    "GIT_ATTR_SOURCE",
    "GIT_QUARANTINE_PATH",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_REFLOG_ACTION",
)
"""Variables that change single commands, but are not in `git rev-parse --local-env-vars`."""

_HARMLESS = tuple(
    f"GIT_{name}" for name in ("EDITOR", "PAGER", "ASKPASS", "PS1", "SSL_", "SSH", "AUTHOR_", "COMMITTER_")
)
"""What people have in their environment, by its beginning: none of it sends git to another repository."""

_CONFIGURATION = frozenset({"GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS"})
"""Listed there too, but they say how git should work (safe.directory, an identity), not where."""

_RETRY_AFTER_S = (0.05, 0.2, 0.5, 1.0)
"""Waits before a command that was killed is tried again: memory may be free again by then."""

_TIMED_OUT = 124
"""Exit code of a command that took too long; `timeout` uses the same."""

_PIECE_BYTES = 1 << 16
_SHOWN_STDERR = 2000
_MISSING = (
    r"(?i)bad (?:tree |commit )?object|(?:unable to|could not|cannot) read|unknown revision"
    r"|(?:missing|invalid) (?:object|commit|tree|blob)"
    r"|not a valid object|not a valid commit|object not found|could not parse (?:object|commit)"
    r"|unable to find|could not get object info|not something we can merge|unable to parse object"
)
"""What git says about an object that it needs and does not find; only used to build merges again."""

NO_VARIABLES: Mapping[str, str] = MappingProxyType({})


class GitError(RepositoryError):
    """A git command failed that should not have."""

    def __init__(self, command: tuple[str, ...], cwd: Path, code: int, stderr: str) -> None:
        self.command = command
        self.code = code
        self.stderr = stderr
        message = stderr.strip()[:_SHOWN_STDERR] or "nothing on stderr"
        super().__init__(
            f"git could not do what was asked: `git {' '.join(command)}` in {cwd} ended with exit code "
            f"{code}. It said: {message}. Fix that in the repository, then try again."
        )

    @property
    def is_missing_object(self) -> bool:
        """Whether git stopped because an object is gone that a ref or another object refers to."""
        return self.code != 1 and re.search(_MISSING, self.stderr) is not None


class GitKilledError(GitError):
    """A git command was killed by a signal, each time it was tried, so the question has no answer yet.

    Callers try again later. It is never the result of a merge, a look-up or a validation.
    """

    is_temporary = True

    def __init__(
        self, command: tuple[str, ...], cwd: Path, completed: Completed, locks: tuple[Path, ...]
    ) -> None:
        """`locks` are lock files it has left that may belong to another git."""
        super().__init__(command, cwd, completed.code, completed.stderr)
        by = signal.Signals(-completed.code).name if completed.code < 0 else "a signal"
        left = f" It left {', '.join(map(str, locks))}: remove that if no git is running." if locks else ""
        self.args = (
            f"`git {' '.join(command)}` in {cwd} should have run, but was killed by {by} each time. "
            f"The machine may be short of memory (see dmesg).{left} Then continue with porch resume.",
        )


class Completed(Struct, frozen=True):
    """What a git command returned."""

    code: int
    stdout: bytes
    stderr: str

    @property
    def was_killed(self) -> bool:
        """Whether git, or a program it needed, died by a signal: then the code says nothing."""
        return self.code < 0 or (self.code != 0 and "died of signal" in self.stderr)


class Git(Struct, frozen=True):
    """Git, run in one folder."""

    cwd: Path
    additions: Mapping[str, str] = field(default_factory=dict)
    """Environment variables on top of the clean environment, for every command."""

    def run(
        self,
        *args: Argument,
        stdin: bytes = b"",
        check: bool = True,
        env: Mapping[str, str] = NO_VARIABLES,
        pass_fds: tuple[int, ...] = (),
        timeout_s: float | None = None,
        is_repeatable: bool = True,
    ) -> Completed:
        """Run `git *args` and wait for it.

        Raises `GitError` on any exit code but 0, unless `check` is false; then the caller reads the code.
        `pass_fds` stay open in git: see `locks.exclusive`. `timeout_s` is only for commands that may be
        killed at any moment: then git is, with all it has started.

        A git that dies by a signal has not answered. Its stale locks are removed, and it is tried again if
        the command `is_repeatable`. Raises `GitKilledError` if that does not help, `check` or not.
        """
        environment = self.environment() | dict(env)
        completed = _completed(
            self.command(*args), self.cwd, environment,
            stdin=stdin, pass_fds=pass_fds, timeout_s=timeout_s, is_repeatable=is_repeatable,
        )  # fmt: skip
        if check and completed.code != 0:
            raise self.failure(args, completed)
        return completed

    def pour(
        self, *args: Argument, source: BinaryIO | bytes = b"", target: BinaryIO | None = None
    ) -> Completed:
        """Run `git *args` with files as its streams, for what is too large for memory; it must end with 0.

        It reads `source` from the position of its descriptor on, and appends what it prints to `target`, of
        which nothing may be waiting in a buffer. Not tried again: a part may have been written. Raises
        `GitError` and `GitKilledError`.
        """
        environment, began_at = self.environment(), time.time()
        process = _started(self.command(*args), self.cwd, environment, source, stdout=target)
        completed = _finished(process, source if isinstance(source, bytes) else b"", None)
        if completed.was_killed:
            left = locks.remove_left_by_killed(self.cwd, environment, began_at)
            raise GitKilledError(tuple(map(_shown, args)), self.cwd, completed, left)
        if completed.code != 0:
            raise self.failure(args, completed)
        return completed

    def prints_at_most(self, most: int, *args: Argument) -> bool:
        """Whether a command that ends every record with NUL prints at most so many; if not, it is killed.

        Raises `GitError` and `GitKilledError`.
        """
        with _started(self.command(*args), self.cwd, self.environment(), b"") as process:
            assert process.stdout is not None
            assert process.stderr is not None
            while piece := process.stdout.read(_PIECE_BYTES):
                most -= piece.count(b"\0")
                if most < 0:
                    os.killpg(process.pid, signal.SIGKILL)
                    return False
            stderr = process.stderr.read().decode("utf-8", "replace")
        completed = Completed(process.returncode, b"", stderr)
        if completed.was_killed:
            raise GitKilledError(tuple(map(_shown, args)), self.cwd, completed, ())
        if completed.code != 0:
            raise self.failure(args, completed)
        return True

    def start(self, *args: Argument) -> Callable[[], Completed]:
        """Start `git *args` and return at once; the returned function waits for its end.

        Call it exactly once, also when the answer is not needed any more.
        """
        process = _started(self.command(*args), self.cwd, self.environment(), b"")

        def end() -> Completed:
            completed = _finished(process, b"", None)
            return self.run(*args, check=False) if completed.was_killed else completed

        return end

    def text(self, *args: Argument) -> str:
        """Run and return stdout as text, without the newline at its end."""
        return os.fsdecode(self.run(*args).stdout).removesuffix("\n")

    def lines_z(self, *args: Argument) -> list[bytes]:
        """Run a command that ends every record with NUL, and return the records."""
        return records(self.run(*args).stdout)

    def paths(self, *args: Argument) -> list[str]:
        """Like `lines_z`, for records that are paths; bytes that are not text become surrogates."""
        return [os.fsdecode(path) for path in self.lines_z(*args)]

    def failure(self, args: tuple[Argument, ...], completed: Completed) -> GitError:
        """Return the error that says how this command failed."""
        return GitError(tuple(map(_shown, args)), self.cwd, completed.code, completed.stderr)

    def environment(self) -> dict[str, str]:
        """Return the environment of a git child process."""
        clean = clean_environment()
        clean.pop("OLDPWD", None)
        # hooks and filters, and what they start, expect PWD to be their folder
        return clean | {"PWD": str(self.cwd)} | _FIXED | dict(self.additions)

    def command(self, *args: Argument) -> list[Argument]:
        """Return the argument vector of `git *args`, with the options that every command of porch gets."""
        return ["git", *_QUIET, *_UTF8, *args]


def records(output: bytes) -> list[bytes]:
    """Split NUL-terminated records; an empty output has none."""
    return output.removesuffix(b"\0").split(b"\0") if output else []


def clean_environment() -> dict[str, str]:
    """Return this process's environment without what would send git to another repository or index.

    A leaked `GIT_DIR` or `GIT_INDEX_FILE` (porch started from a hook or an alias) does that. The person's
    configuration stays, also if it comes as variables; porch's own `-c` come after it and win.
    """
    # usually there is no such variable, and git need not be asked for their names
    own = dict(os.environ)
    is_asked = any(name.startswith("GIT_") and not name.startswith(_HARMLESS) for name in own)
    leaking = _repository_variables() if is_asked else frozenset()
    return {name: value for name, value in own.items() if name not in leaking}


@functools.cache
def _repository_variables() -> frozenset[str]:
    listed = output_of("rev-parse", "--local-env-vars").split()
    return frozenset(listed) - _CONFIGURATION | frozenset(_ALSO_LEAKING)


def output_of(*words: str) -> str:
    """Return git's output for a question that needs no repository, and no clean environment."""
    # in a folder that exists: the one in which porch was started may have been deleted
    completed = _completed(["git", *words], Path("/"), dict(os.environ))
    if completed.code != 0:
        raise GitError(words, Path("/"), completed.code, completed.stderr)
    return os.fsdecode(completed.stdout)


def _completed(
    arguments: list[Argument],
    cwd: Path,
    environment: dict[str, str],
    *,
    stdin: bytes = b"",
    pass_fds: tuple[int, ...] = (),
    timeout_s: float | None = None,
    is_repeatable: bool = True,
) -> Completed:
    """Run git and wait for it; if it is killed, remove its locks and try again."""
    for wait_s in (*_RETRY_AFTER_S, None):
        began_at = time.time()
        completed = _finished(_started(arguments, cwd, environment, stdin, pass_fds), stdin, timeout_s)
        if not completed.was_killed:
            return completed
        left = locks.remove_left_by_killed(cwd, environment, began_at)
        if wait_s is None or not is_repeatable:
            words = tuple(_shown(one) for one in arguments[1:] if one not in (*_QUIET, *_UTF8))
            raise GitKilledError(words, cwd, completed, left)
        time.sleep(wait_s)
    raise AssertionError("the last try returns or raises")


def _started(
    arguments: list[Argument],
    cwd: Path,
    environment: dict[str, str],
    stdin: BinaryIO | bytes,
    pass_fds: tuple[int, ...] = (),
    *,
    stdout: BinaryIO | None = None,
) -> Child:
    """Start git in a session of its own, where neither Ctrl-C nor an exception here can interrupt a checkout.

    Without a terminal a program that asks for a pass phrase fails instead of waiting for ever.
    """
    source = stdin if not isinstance(stdin, bytes) else subprocess.PIPE if stdin else subprocess.DEVNULL
    for wait_s in (*_RETRY_AFTER_S, None):
        try:
            return Child(
                arguments,
                cwd=cwd,
                env=environment,
                stdin=source,
                stdout=subprocess.PIPE if stdout is None else stdout,
                stderr=subprocess.PIPE,
                pass_fds=pass_fds,
                start_new_session=True,
            )
        except (FileNotFoundError, NotADirectoryError) as error:
            no_git = (
                "porch works through the git command, and there is none on PATH. Install git 2.38 or newer."
            )
            no_folder = f"git should run in {cwd}, but there is no such folder. Put it back, then retry."
            raise RepositoryError(no_git if cwd.is_dir() else no_folder) from error
        except OSError as error:
            limit = limit_met(error)
            if not limit:
                raise
            if wait_s is None:
                raise RepositoryError(f"git could not be started: {limit}") from error
            time.sleep(wait_s)
    raise AssertionError("the last try returns or raises")


def _finished(process: Child, stdin: bytes, timeout_s: float | None) -> Completed:
    with process:
        try:
            stdout, stderr = process.communicate(stdin or None, timeout_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # a session of its own is a group of its own
            stdout, _ = process.communicate()
            return Completed(_TIMED_OUT, stdout, f"no answer within {timeout_s:g} s")
    if process.is_status_unknown:
        raise RepositoryError(
            f"porch has to know how `{process.args!r}` ended, but its exit status could not be collected, so "
            "nothing is concluded from it. Try again."
        )
    return Completed(process.returncode, stdout or b"", stderr.decode("utf-8", "replace"))


def _shown(argument: Argument) -> str:
    return argument.decode("utf-8", "replace") if isinstance(argument, bytes) else str(argument)
