"""Tasks that run in terminals of their own, under real supervisors, and none of their processes left."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from porch_tui.core.model.plan import Terminal
from porch_tui.process import control
from porch_tui.process.assignment import Assignment, Step
from porch_tui.process.liveness import wait
from porch_tui.process.spawn import start
from tests.tui.recordings import Recording

DEADLINE_S = 60.0
Begin = Callable[..., Path]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Begin a task of a recorded run in a terminal; return the attempt's directory."""
    begun: list[Path] = []

    def begin_task(run: Recording, task: str, *argv: str, cols: int = 80, rows: int = 20) -> Path:
        run.start(task)
        directory = run.rundir.attempt(str(run.attempt(task)))
        directory.parent.mkdir(parents=True, exist_ok=True)
        step = Step("run", argv, terminal=Terminal(cols, rows))
        environ = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        start(Assignment(directory, (step,), tmp_path, environ, None, 1.0))
        begun.append(directory)
        return directory

    yield begin_task
    for directory in begun:
        control.stop(directory, grace_s=0)
        wait(directory, timeout_s=DEADLINE_S)
        control.end_leftovers(directory, grace_s=0)
