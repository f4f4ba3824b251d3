"""Run one git command, in an environment nothing leaks into, and hand back its bytes.

Everything porch asks of git goes through `Git`. Nothing in here knows what a command means,
and nothing in here keeps a process alive: `transaction` does, and says why.
"""

from __future__ import annotations

import functools
import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from porch_tui.errors import RepositoryError
from porch_tui.process.child import Child

Argument = str | bytes | Path

_QUIET = ("-c", "gc.auto=0", "-c", "maintenance.auto=false")
"""A background gc may neither lock refs under a landing nor outlive the run."""

_FIXED = {
    "GIT_OPTIONAL_LOCKS": "0",  # or a status poll breaks one in six of the tasks' own commands (measured)
    "LC_ALL": "C",  # the few messages we must recognise are git's own words
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
"""Variables that bend single commands, yet are not in `git rev-parse --local-env-vars`."""

_SHOWN_STDERR = 2000
_NONE: Mapping[str, str] = MappingProxyType({})


class GitError(RepositoryError):
    """A git command failed that should not have."""

    def __init__(self, command: tuple[str, ...], cwd: Path, code: int, stderr: str) -> None:
        self.command = command
        self.code = code
        self.stderr = stderr
        said = stderr.strip()[:_SHOWN_STDERR] or "nothing on stderr"
        super().__init__(
            f"git could not do what was asked: `git {' '.join(command)}` in {cwd} ended with exit code "
            f"{code}. It said: {said}. Mend that in the repository, then try again."
        )


@dataclass(frozen=True, slots=True)
class Completed:
    """What a git command gave back."""

    code: int
    stdout: bytes
    stderr: str


@dataclass(frozen=True, slots=True)
class Git:
    """Git, run in one folder."""

    cwd: Path
    additions: Mapping[str, str] = field(default_factory=dict)
    """Environment variables on top of the clean environment, for every command."""

    def run(
        self,
        *args: Argument,
        stdin: bytes = b"",
        check: bool = True,
        env: Mapping[str, str] = _NONE,
        pass_fds: tuple[int, ...] = (),
        patience_s: float | None = None,
    ) -> Completed:
        """Run `git *args` and wait for it.

        Raises `GitError` on any exit code but 0, unless `check` is false; then the code is the
        caller's to read. `pass_fds` stay open in git: see `locks.exclusive`. `patience_s` is only for
        what may be killed at any moment: then git and all it has started are.
        """
        process = _started(self.command(*args), self.cwd, self.environment() | dict(env), stdin, pass_fds)
        completed = _finished(process, stdin, patience_s)
        if check and completed.code != 0:
            raise self.failure(args, completed)
        return completed

    def start(self, *args: Argument) -> Callable[[], Completed]:
        """Start `git *args` and return at once; calling what is returned waits for its end.

        Call it exactly once, also when nobody wants the answer any more.
        """
        process = _started(self.command(*args), self.cwd, self.environment(), b"", ())
        return lambda: _finished(process, b"", None)

    def text(self, *args: Argument) -> str:
        """Run and return stdout as text, without the newline at its end."""
        return os.fsdecode(self.run(*args).stdout).removesuffix("\n")

    def lines_z(self, *args: Argument) -> list[bytes]:
        """Run a command that ends every record with NUL, and return the records."""
        return records(self.run(*args).stdout)

    def paths(self, *args: Argument) -> list[str]:
        """Like `lines_z`, for records that are paths; bytes that are no text survive as surrogates."""
        return [os.fsdecode(path) for path in self.lines_z(*args)]

    def failure(self, args: tuple[Argument, ...], completed: Completed) -> GitError:
        """The error that says how this command failed."""
        return GitError(tuple(map(_shown, args)), self.cwd, completed.code, completed.stderr)

    def environment(self) -> dict[str, str]:
        """What a git child process gets to see."""
        inherited = clean_environment()
        inherited.pop("OLDPWD", None)
        # hooks and filters, and what they start, take PWD for the folder they are in
        return inherited | {"PWD": str(self.cwd)} | _FIXED | dict(self.additions)

    def command(self, *args: Argument) -> list[Argument]:
        """The argument vector of `git *args`, with what every command of porch gets."""
        return ["git", *_QUIET, *args]


def records(output: bytes) -> list[bytes]:
    """Split NUL-terminated records; an empty output has none."""
    return output.removesuffix(b"\0").split(b"\0") if output else []


def clean_environment() -> dict[str, str]:
    """This process's environment without what would send git to another repository or index.

    A leaked `GIT_DIR` or `GIT_INDEX_FILE` (porch started from a hook or an alias) does that.
    """
    leaking = _repository_variables()
    return {name: value for name, value in os.environ.items() if name not in leaking}


@functools.cache
def _repository_variables() -> frozenset[str]:
    try:
        listed = subprocess.run(
            ["git", "rev-parse", "--local-env-vars"], capture_output=True, text=True, check=True
        )
    except (FileNotFoundError, PermissionError) as error:
        raise missing_git() from error
    except subprocess.CalledProcessError as error:
        raise GitError(
            ("rev-parse", "--local-env-vars"), Path.cwd(), error.returncode, error.stderr
        ) from error
    return frozenset(listed.stdout.split()) | frozenset(_ALSO_LEAKING)


def missing_git() -> RepositoryError:
    """The error for a machine without git."""
    return RepositoryError(
        "porch works through the git command, and there is none on PATH. Install git 2.38 or newer."
    )


def _started(
    arguments: list[Argument], cwd: Path, environment: dict[str, str], stdin: bytes, pass_fds: tuple[int, ...]
) -> Child:
    """Start it in a session of its own, and do not kill it: Ctrl-C, or an exception here, must not
    cut a checkout in half; and whoever asks for a pass phrase fails instead of waiting for ever.
    """
    try:
        return Child(
            arguments,
            cwd=cwd,
            env=environment,
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=pass_fds,
            start_new_session=True,
        )
    except (FileNotFoundError, NotADirectoryError) as error:
        if cwd.is_dir():
            raise missing_git() from error
        raise RepositoryError(
            f"git should have run in {cwd}, but there is no such folder (any more). Put it back, then retry."
        ) from error


def _finished(process: Child, stdin: bytes, patience_s: float | None) -> Completed:
    with process:
        try:
            stdout, stderr = process.communicate(stdin or None, patience_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # a session of its own is a group of its own
            stdout, _ = process.communicate()
            stderr = f"no answer within {patience_s:g} s".encode()
    if process.is_status_unknown:
        raise RepositoryError(
            f"porch has to know how `{process.args!r}` ended, but its exit status could not be collected. "
            "Nothing is concluded from that. Try again."
        )
    return Completed(process.returncode, stdout, stderr.decode("utf-8", "replace"))


def _shown(argument: Argument) -> str:
    return argument.decode("utf-8", "replace") if isinstance(argument, bytes) else str(argument)
