"""A ref transaction held open: locked and checked first, decided later.

Between `prepare` and `commit` nobody else can move the refs in it, nor HEAD of the worktree it runs
in. When this process dies, git reads the end of its input, gives everything up and unlocks.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Sequence
from types import TracebackType
from typing import IO, Self

from porch_tui.git import locks
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
