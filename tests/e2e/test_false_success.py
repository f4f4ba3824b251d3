"""Exit code 0 without success: an agent that changed nothing, a task that wrote elsewhere."""

from __future__ import annotations

import pytest

from porch_tui.core.model import events as e
from porch_tui.process.supervisor import kernel
from project import Project, until

IDLE = """\
agents:
  idle: [sh, -c, 'exit 0', '{{prompt}}']
tasks:
  one: {{agent: idle, prompt: 'Do something.'{more}}}
  two: {{run: 'echo two > two', after: [one]}}
"""


def test_an_agent_that_changes_nothing_needs_the_person(project: Project):
    project.plan(IDLE.format(more=", retries: 1"))

    project.porch("run", "--headless", expect=1)

    status = project.status()
    one, two = status["tasks"]
    assert (one["outcome"], two["outcome"], one["attempt"]) == ("failed", "waiting", 2)
    (need,) = status["needs_you"]
    assert "changed nothing" in need["why"] and "may_change_nothing: true" in need["why"]
    assert "porch retry one" in need["next"]
    assert "changed nothing" in project.porch("report").stdout


def test_an_agent_may_change_nothing_where_the_plan_says_so(project: Project):
    project.plan(IDLE.format(more=", may_change_nothing: true"))

    project.porch("run", "--headless")

    assert project.outcomes() == {"one": "nothing-to-land", "two": "landed"}


def test_an_empty_commit_counts_as_no_change(project: Project):
    project.plan(IDLE.format(more="").replace("exit 0", "git commit -q --allow-empty -m done"))

    project.porch("run", "--headless", expect=1)

    assert project.outcomes()["one"] == "failed"


def test_a_command_may_change_nothing(project: Project):
    project.plan("tasks:\n  one: {run: 'true'}\n")

    project.porch("run", "--headless")

    assert project.outcomes() == {"one": "nothing-to-land"}


def escaping(project: Project, more: str = "") -> None:
    """Run a task that writes to the person's checkout, and stays there until that is noticed."""
    project.plan(
        f"tasks:\n  one: {{run: 'echo > mine; cd {project.root}; echo >> stray; "
        f"until [ -e ../seen ]; do sleep 0.05; done'{more}}}\n"
    )
    process = project.begin("run", "--headless")
    until(lambda: project.events(e.AttemptEscaped), "the escape to be noticed")
    (project.root.parent / "seen").touch()
    process.communicate(timeout=60)
    assert process.returncode == 1


@pytest.mark.skipif(not kernel.IS_LINUX, reason="needs /proc to see where processes run")
def test_a_task_that_wrote_to_the_checkout_lands_only_when_a_person_releases_it(project: Project):
    escaping(project)
    (need,) = project.status()["needs_you"]
    assert "in your own checkout, where stray changed" in need["why"]
    assert "in your own checkout, where stray changed" in " ".join(project.porch("report").stdout.split())
    assert project.landed() == []

    assert "porch release one" in need["next"]
    project.porch("release", "one")
    (project.root / "stray").unlink()
    project.porch("resume", "--headless")

    assert project.landed() == ["one"]
    assert project.status()["needs_you"] == []


@pytest.mark.skipif(not kernel.IS_LINUX, reason="needs /proc to see where processes run")
def test_a_check_that_wrote_to_the_checkout_has_not_passed(project: Project):
    escaping(project, ", kind: check, retries: 1")

    (one,) = project.status()["tasks"]
    assert (one["outcome"], one["attempt"]) == ("failed", 1)


def test_processes_a_task_leaves_running_are_ended_and_named(project: Project):
    project.plan("tasks:\n  one: {run: 'sleep 1000 & sleep 1000 & echo > mine'}\n")

    output = project.porch("run", "--headless").stdout

    ended = "ended 2 processes still running: sleep (2)"
    assert ended in output
    assert ended in project.porch("logs", "one").stdout
    assert ended in project.porch("status").stdout
    assert ended in project.porch("report").stdout
    (one,) = project.status()["tasks"]
    assert one["ended_processes"] == {"sleep": 2}


def test_a_process_that_ends_on_its_own_was_not_left_running(project: Project):
    project.plan("tasks:\n  one: {run: '(sleep 0.02; :) & echo > mine'}\n")

    project.porch("run", "--headless")

    assert project.status()["tasks"][0]["ended_processes"] == {}
