"""A conflict is predicted while both tasks still run on another machine."""

from __future__ import annotations

from pathlib import Path

import boxes
import pytest

from porch_tui.core.model import events as e
from porch_tui.git.refs import RunRefs
from project import Project, kill, until

PLAN = """\
tasks:
  mul: {{run: 'echo mul > README.md; until test -e {go}; do sleep 0.05; done'}}
  div: {{run: 'echo div > README.md; until test -e {go}; do sleep 0.05; done'}}
"""


@pytest.mark.slow
def test_what_runs_elsewhere_is_compared_by_what_its_host_has_offered(project: Project, tmp_path: Path):
    home = tmp_path / "box"
    place = f"place: box\nplaces: {{box: {{run: {boxes.way_in(home)}, slots: 2}}}}\n"
    project.plan(place + PLAN.format(go=tmp_path / "go"))
    offered: dict[str, str] = {}
    for task in ("mul", "div"):  # before the run, which would see it in the checkout as work in progress
        project.git("checkout", "-q", "--detach")
        offered[task] = project.commit({"README.md": f"{task}\n"})
        project.git("checkout", "-q", "main")
    running = project.begin("run", "--headless", "--parallel")
    try:
        until(lambda: len(project.events(e.AttemptStarted)) == 2, "both to run there")
        for task, commit in offered.items():  # as a host offers it
            project.git("update-ref", RunRefs(project.rundir.run).so_far(task, 1), commit)
        until(lambda: project.status()["predictions"], "a prediction")
        document = project.status()
        (tmp_path / "go").touch()
        running.communicate(timeout=60)
    finally:
        kill(running)
        boxes.end_host(home)

    assert [{"a": "mul", "b": "div", "paths": ["README.md"]}] == document["predictions"]
    assert {"landed", "conflict"} == set(project.outcomes().values())
    assert not project.git("for-each-ref", f"refs/porch/{project.rundir.run}/so-far")
