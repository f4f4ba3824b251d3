"""porch undo TASK --revert: what undo refuses is reverted by a task that goes through the queue."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from project import Project, kill, until

pytestmark = pytest.mark.slow

PLAN = """\
validate: 'test ! -e bad'
tasks:
  a: {title: Do a, run: 'echo a > a; echo one >> shared'}
  b: {run: 'echo b > b', after: [a]}
"""


@pytest.fixture
def two(project: Project) -> Project:
    """A run at rest: `a` has landed, then `b`, which comes after it."""
    project.commit({"shared": "old\n"})
    project.plan(PLAN)
    project.porch("run", "--headless")
    return project


def test_one_landing_is_reverted_and_later_ones_stay(two: Project):
    result = two.porch("undo", "a", "--revert")

    assert "queued; landed after it: b" in result.stderr
    two.porch("resume", "--headless")
    assert ["revert-a", "b", "a"] == two.landed()
    assert (False, "old\n") == ((two.root / "a").exists(), (two.root / "shared").read_text())
    assert (True, "") == ((two.root / "b").exists(), two.git("status", "--porcelain"))
    assert 'Revert "Do a"' in two.git("log", "-1", "--format=%s", "main")


def test_status_and_report_show_the_added_task_and_what_it_reverted(two: Project):
    two.porch("undo", "a", "--revert")
    two.porch("resume", "--headless")

    tasks = {task["id"]: task for task in two.status()["tasks"]}
    assert ["a", "b", "revert-a"] == list(tasks)
    assert ("landed", "reverted by revert-a") == (tasks["a"]["outcome"], tasks["a"]["reason"])
    assert "Reverted: a by revert-a." in two.porch("report").stdout
    assert "porch undo revert-a --revert brings it back" in two.porch("requeue", "a", expect=4).stderr
    assert "porch undo revert-a --revert brings it back" in two.porch("retry", "a", expect=4).stderr
    two.porch("undo", "revert-a", "--revert")
    two.porch("resume", "--headless")
    assert "a\n" == (two.root / "a").read_text()


def test_undo_refuses_a_pushed_landing_and_names_the_command_that_reverts_it(two: Project, tmp_path: Path):
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "remote")], check=True)
    two.git("remote", "add", "origin", str(tmp_path / "remote"))
    two.git("push", "-q", "origin", "main")
    assert "porch undo b --revert" in two.porch("undo", expect=4).stderr

    two.porch("undo", "b", "--revert")
    two.porch("resume", "--headless")

    assert not (two.root / "b").exists()
    two.git("push", "-q", "origin", "main")


def test_a_revert_of_work_that_others_changed_conflicts_in_the_queue(two: Project):
    two.write("shared", "old\none\ntwo\n")
    two.git("commit", "-qam", "someone continues")

    two.porch("undo", "a", "--revert")
    two.porch("resume", "--headless", expect=1)
    assert ("conflict", ["shared"]) == (
        two.outcomes()["revert-a"],
        two.status()["queue"][-1]["conflicts"],
    )
    two.porch("resolve", "revert-a", "--take", "main", "shared")
    two.porch("resume", "--headless")

    assert ("old\none\ntwo\n", False) == ((two.root / "shared").read_text(), (two.root / "a").exists())


def test_a_squashed_landing_is_reverted_as_one_commit(project: Project):
    project.plan("history: squash\ntasks:\n  a: {run: 'echo a > a'}\n")
    project.porch("run", "--headless")

    project.porch("undo", "a", "--revert")
    project.porch("resume", "--headless")

    assert not (project.root / "a").exists()
    assert 1 == len(project.git("log", "-1", "--format=%P", "main").split())


def test_a_living_engine_reverts_while_tasks_run(project: Project):
    project.plan("tasks:\n  a: {run: 'echo a > a'}\n  long: {run: 'sleep 600'}\n")
    project.porch("run", "--detach")
    until(lambda: project.events(e.Landed), "a to land")

    result = project.porch("undo", "a", "--revert")

    assert "revert-a reverts it, through the merge queue like any task" in result.stdout
    until(lambda: len(project.events(e.Landed)) == 2, "the revert to land")
    assert not (project.root / "a").exists()
    project.porch("stop", "long")


def test_the_next_engine_lands_a_revert_once_after_a_kill_in_the_middle(project: Project):
    gate = project.root.parent / "gate"
    project.plan(
        f"validate: 'test -e a || while ! test -e {gate}; do sleep 0.05; done'\n"
        "tasks:\n  a: {run: 'echo b > a'}\n  b: {run: 'echo b > b', after: [a]}\n"
    )
    gate.touch()
    project.porch("run", "--headless")
    gate.unlink()
    project.porch("undo", "a", "--revert")
    process = project.begin("resume", "--headless")
    until(
        lambda: any("revert-a" in one.tasks for one in project.events(e.ValidationScheduled)),
        "its validation to begin",
    )

    kill(process)
    gate.touch()
    project.porch("resume", "--headless")

    assert ["revert-a", "b", "a"] == project.landed()
    assert 1 == len(project.events(e.RevertAdded))


def test_a_branch_in_the_way_is_reported_before_anything_starts(two: Project):
    two.git("branch", "feature/revert-a")

    assert "feature/revert-a" in two.porch("undo", "a", "--revert", expect=3).stderr

    assert [] == list(two.rundir.inbox.glob("*.json"))


def test_revert_needs_one_named_landing(two: Project):
    assert "name its task" in two.porch("undo", "--revert", expect=2).stderr


def test_a_revert_is_cleaned_up_like_any_task(two: Project):
    two.porch("undo", "a", "--revert")
    two.porch("resume", "--headless")
    two.porch("close")

    two.porch("clean")

    assert "main" == two.git("branch", "--format=%(refname:short)")
    assert not (two.root.parent / "app-revert-a").exists()
