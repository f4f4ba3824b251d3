"""What the tests of this room start from: one run's directory, and programs that run beside the test."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from porch_tui.core.model.plan import RunId
from porch_tui.journal.rundir import RunDir, create

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def common_dir(tmp_path: Path) -> Path:
    """A repository's common git directory, as far as this room looks at it."""
    path = tmp_path / ".git"
    path.mkdir()
    return path


@pytest.fixture
def rundir(common_dir: Path) -> RunDir:
    """The directory of a run that is about to begin."""
    return create(common_dir, RunId("20261122-081500-layers"))


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a Python program (source, arguments) whose input and output are pipes; ended with the test."""
    started: list[subprocess.Popen[str]] = []

    def begin(source: str, *arguments: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", source, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()
