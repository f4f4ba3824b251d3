"""A task changes core.bare for the whole repository: nothing lands until a person restores it."""

from __future__ import annotations

import subprocess

import pytest

from porch_tui.core.model import events as e
from project import Project, kill, until

PLAN = """\
tasks:
  x: {run: "GIT_DIR=$(git rev-parse --absolute-git-dir) git init -q; echo x > x"}
"""


@pytest.mark.slow
def test_landings_wait_until_the_person_restores_the_configuration(project: Project):
    project.plan(PLAN)
    engine = project.begin("run", "--headless", "--wait")
    [blocked] = until(lambda: project.events(e.LandingBlocked), "the landing to be blocked")
    status = project.porch("status").stdout
    document = project.status()

    [notice] = project.events(e.Noticed)
    assert "core.bare" in status and "since x ran" in blocked.why
    assert [{"text": notice.text, "task": "x"}] == document["noticed"]
    subprocess.run(notice.text.rpartition("To put it back: ")[2], shell=True, cwd="/", check=True)
    until(lambda: project.events(e.Landed), "it to land on its own")
    engine.wait(60)
    kill(engine)
    assert ["x"] == project.landed()
    assert "" == project.git("status", "--porcelain")
