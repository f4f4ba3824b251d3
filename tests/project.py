"""A real repository with a plan, and porch run in it as a program."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from porch_tui.core.model.events import AnyEvent, Record
from porch_tui.journal.log import read
from porch_tui.journal.rundir import RunDir, all_runs
from tests import templates
from tests.warm import Warm

PORCH = [sys.executable, "-P", "-m", "porch_tui"]
DEADLINE_S = 60.0
COMMAND_S = 300.0  # three coding agents that start at once on two busy cores take longer than a minute
T = TypeVar("T")


def until(condition: Callable[[], T], what: str, deadline_s: float = DEADLINE_S) -> T:
    """Return the condition's first true answer; fail when the deadline passes."""
    deadline = time.monotonic() + deadline_s
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {deadline_s:.0f} s for {what}")
        time.sleep(0.02)
    return answer


@cache
def warm() -> Warm:
    """The helper of this test process that runs porch without starting an interpreter."""
    return Warm()


class Project:
    """A repository in its own folder, since its worktrees become siblings."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "app"
        templates.copy(templates.app, self.root)

    @classmethod
    def at(cls, root: Path) -> Project:
        """Return the project that already exists there."""
        project = cls.__new__(cls)
        project.root = root
        return project

    def git(self, *words: str, cwd: Path | None = None) -> str:
        """Run git and return its output without the last newline."""
        done = subprocess.run(
            ["git", *words], cwd=cwd or self.root, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"git {' '.join(words)}: {done.stderr}"
        return done.stdout.removesuffix("\n")

    def commit(self, files: dict[str, str], message: str = "more") -> str:
        """Write files, commit everything, and return the commit."""
        for name, text in files.items():
            self.write(name, text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def write(self, name: str, text: str) -> Path:
        """Write a file in the checkout."""
        place = self.root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        return place

    def plan(self, text: str) -> None:
        """Write porch.yaml and commit it."""
        self.commit({"porch.yaml": text}, "a plan")

    def porch(
        self, *words: str, expect: int | None = 0, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run porch to its end; `expect` is its exit code (None: any)."""
        done = (
            self._as_program(words, env)
            if env or not warm().is_free
            else warm().run(words, self.root, COMMAND_S)
        )
        assert expect in (None, done.returncode), f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def _as_program(
        self, words: tuple[str, ...], env: dict[str, str] | None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*PORCH, *words], cwd=self.root, capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL, timeout=COMMAND_S, env={**os.environ, **(env or {})},
        )  # fmt: skip

    def begin(self, *words: str, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
        """Start porch and leave it running."""
        return subprocess.Popen(
            [*PORCH, *words], cwd=self.root, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **(env or {})},
        )  # fmt: skip

    def status(self) -> dict[str, Any]:
        """Return what `porch status --json` prints."""
        document: dict[str, Any] = json.loads(self.porch("status", "--json").stdout)
        return document

    def outcomes(self) -> dict[str, str | None]:
        """Return each task's outcome."""
        return {task["id"]: task["outcome"] for task in self.status()["tasks"]}

    @property
    def rundir(self) -> RunDir:
        """The newest run's directory."""
        return all_runs(self.root / ".git")[0]

    def records(self) -> list[Record]:
        """Return the newest run's records; none until it has started."""
        runs = all_runs(self.root / ".git")
        return list(read(runs[0].journal)) if runs and runs[0].journal.exists() else []

    def events(self, kind: type[AnyEvent]) -> list[Any]:
        """Return the newest run's events of one kind, in order."""
        return [record.event for record in self.records() if isinstance(record.event, kind)]

    def landed(self) -> list[str]:
        """Return the tasks on the target, newest first, by the trailers of its first-parent history."""
        trailers = self.git("log", "--first-parent", "--format=%(trailers:key=Porch-Task,valueonly)", "main")
        return [line for line in trailers.splitlines() if line]


def kill(process: subprocess.Popen[str]) -> None:
    """Kill a process with -9 and wait until it is gone."""
    process.send_signal(signal.SIGKILL)
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()
