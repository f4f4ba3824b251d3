"""A conflict is predicted while both tasks still run, without affecting the run."""

from __future__ import annotations

import pytest

from project import Project, kill, until

PLAN = """\
tasks:
  mul: {run: 'echo mul > README.md; until test -e ../go; do sleep 0.05; done'}
  div: {run: 'echo div > README.md; until test -e ../go; do sleep 0.05; done'}
  log: {run: 'echo log > other; until test -e ../go; do sleep 0.05; done'}
"""


@pytest.mark.slow
def test_a_predicted_conflict_of_running_tasks_is_in_the_status_until_it_is_decided(project: Project):
    project.plan(PLAN)
    running = project.begin("run", "--headless", "--parallel")
    try:
        until(lambda: project.records() and project.status()["predictions"], "a prediction")
        document, text = project.status(), project.porch("status").stdout
        (project.root.parent / "go").touch()
        running.communicate(timeout=60)
    finally:
        kill(running)

    assert [{"a": "mul", "b": "div", "paths": ["README.md"]}] == document["predictions"]
    assert "will conflict with div: README.md" in text
    assert {"landed", "conflict"} == set(project.outcomes().values())
    assert {"log"} < set(project.landed())
