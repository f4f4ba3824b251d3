"""A plan that is running already is not run again by accident."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from project import Project, kill, until

REFUSED = 4
PLAN = """\
worktree: ../{repo}-{run}-{task}
branch: '{run}/{task}'
tasks:
  a: {run: 'until test -e ../go; do sleep 0.05; done; echo > a'}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A repository with one commit."""
    return Project(tmp_path)


@pytest.mark.slow
def test_a_second_run_is_refused_with_the_running_one_and_the_option_beside(project: Project):
    project.plan(PLAN)
    engine = project.begin("run", "--headless")
    until(lambda: project.events(e.AttemptStarted), "the task to start")
    run = project.rundir.run

    done = project.porch("run", "porch.yaml", "--headless", expect=REFUSED)

    assert f"already running as {run}: porch attach {run}" in done.stderr
    assert "porch run porch.yaml --beside" in done.stderr
    (project.root.parent / "go").touch()
    beside = project.porch("run", "porch.yaml", "--beside", "--headless", expect=None)
    assert beside.returncode in (0, 1), beside.stderr  # both add one file: the second may conflict
    assert engine.wait(60) is not None
    kill(engine)
    assert project.rundir.run != run


def test_a_run_that_has_ended_does_not_refuse_another(project: Project):
    project.plan(PLAN)
    (project.root.parent / "go").touch()
    project.porch("run", "--headless")

    assert "already running" not in project.porch("run", "--headless", expect=None).stderr
