"""Projects for the commands that read a run, steer it and clean up after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from in_process import porch

from porch_tui.core.model import events as e
from project import Project, kill, until

MIXED = """\
goal: Show every outcome
validate: test ! -e bad
tasks:
  good: {run: "printf 'a \\\\033[31mred\\\\033]0;title\\\\007 end\\\\n'; echo > one"}
  fails: {run: 'echo oops; echo draft > draft; exit 3'}
  bad: {run: 'touch bad'}
  later: {run: 'true', after: [fails]}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A repository with one commit."""
    return Project(tmp_path)


@pytest.fixture(scope="session")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A run at rest, with one task of each outcome, read only."""
    project = Project(tmp_path_factory.mktemp("ended"))
    project.plan(MIXED)
    project.porch("run", "--headless", expect=1)
    return project


@pytest.fixture
def engine() -> Iterator[Callable[[Project, str], None]]:
    """Start an engine on a plan of endless tasks, and wait until one of them runs."""
    started: list[Any] = []

    def start(project: Project, plan: str) -> None:
        project.plan(plan)
        process = project.begin("run", "--headless", "--wait")
        started.append((project, process))
        until(lambda: project.events(e.AttemptStarted), "a task to start")

    yield start
    for project, process in started:
        for task in project.status()["tasks"]:
            if task["status"] in ("starting", "running", "paused"):
                porch(project, "stop", task["id"])
        until(lambda project=project: not _active(project), "the tasks to end")
        kill(process)


def _active(project: Project) -> list[str]:
    active = ("starting", "running", "paused", "stopping")
    return [task["id"] for task in project.status()["tasks"] if task["status"] in active]
