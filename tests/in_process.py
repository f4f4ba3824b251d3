"""Run porch commands in the test process: faster than a program, and otherwise the same."""

from __future__ import annotations

import io
import json
import subprocess
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any

from porch_tui.cli import main
from project import Project


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The output and exit code of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        return json.loads(self.out)


def porch(project: Project, verb: str, *words: str) -> CommandResult:
    """Run a command and return its result."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([verb, "-C", str(project.root), *words])
    out.flush()
    return CommandResult(code, out.buffer.getvalue().decode(), err.getvalue())  # type: ignore[attr-defined]


class ProjectHere(Project):
    """A project in which porch, and with it an engine, runs in the test process, unless in the background."""

    def porch(
        self, *words: str, expect: int | None = 0, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run porch to its end; `expect` is its exit code (None: any)."""
        if env is not None:
            return super().porch(*words, expect=expect, env=env)
        done = porch(self, *words)
        assert expect in (None, done.code), f"exit {done.code}\n{done.out}\n{done.err}"
        return subprocess.CompletedProcess(words, done.code, done.out, done.err)
