"""`landed: remove`: the worktree of a task goes when the task has landed, and never with anything in it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from project import Project, kill, until

pytestmark = pytest.mark.slow

PLAN = """\
landed: remove
validate: 'true'
tasks:
  a: {run: 'echo a > a'}
  b: {run: 'echo b > b; exit 3'}
"""


def worktree(project: Project, task: str) -> Path:
    return project.root.parent / f"app-{task}"


def kept(project: Project) -> dict[str, str]:
    """Return why the worktrees of landed tasks stay."""
    return {event.task: event.why for event in project.events(e.WorktreeKept)}


def test_the_worktree_of_a_landed_task_is_removed_and_its_branch_stays(project: Project):
    project.plan(PLAN)

    project.porch("run", "--headless", expect=1)

    assert not worktree(project, "a").exists()
    assert worktree(project, "b").exists(), "it has not landed"
    assert ["a"] == [event.task for event in project.events(e.WorktreeRemoved)]
    assert "a" == project.git("show", "feature/a:a")
    tasks = {task["id"]: task for task in project.status()["tasks"]}
    assert (tasks["a"]["worktree_removed_at"], tasks["b"]["worktree_removed_at"])[1] is None
    assert tasks["a"]["worktree_removed_at"] is not None
    assert "worktree removed" in project.porch("status").stdout
    assert "app-a (removed)" in project.porch("report").stdout
    assert "app-a" not in project.git("worktree", "list")


def test_worktrees_stay_unless_the_plan_says_otherwise(project: Project):
    project.plan(PLAN.replace("landed: remove\n", ""))

    project.porch("run", "--headless", expect=1)

    assert worktree(project, "a").exists()
    assert [] == project.events(e.WorktreeRemoved)


WRITTEN = {
    "untracked": ("mine", "uncommitted: mine"),
    "edited": ("README.md", "uncommitted: README.md"),
    "ignored": ("mine.log", "ignored files in it are only there: mine.log"),
}


@pytest.mark.parametrize("how", WRITTEN)
def test_a_worktree_with_anything_of_a_person_stays(project: Project, how: str):
    name, why = WRITTEN[how]
    project.commit({".gitignore": "*.log\n"})
    ready = project.root.parent / "ready"
    validate = f"test ! -e ../app-a/a || until test -e {ready}; do sleep 0.02; done"
    project.plan(PLAN.replace("'true'", json.dumps(validate)))

    process = project.begin("run", "--headless")
    until(lambda: project.events(e.EntryQueued), "the end of its work")
    (worktree(project, "a") / name).write_text("mine\n")
    ready.touch()
    process.communicate(timeout=60)

    assert "mine\n" == (worktree(project, "a") / name).read_text()
    assert {"a": why} == kept(project)
    assert f"a: its worktree stays: {why}" in project.porch("status").stdout
    assert ["a"] == project.landed()


def test_a_worktree_in_which_a_program_runs_stays(project: Project):
    ready = project.root.parent / "ready"
    validate = f"test ! -e ../app-a/a || until test -e {ready}; do sleep 0.02; done"
    project.plan(PLAN.replace("'true'", json.dumps(validate)))

    process = project.begin("run", "--headless")
    until(lambda: project.events(e.EntryQueued), "the end of its work")
    shell = subprocess.Popen(["sleep", "600"], cwd=worktree(project, "a"))
    ready.touch()
    process.communicate(timeout=60)
    kill(shell)  # type: ignore[arg-type]

    assert "processes run in it: sleep" in kept(project)["a"]
    assert worktree(project, "a").exists()


def test_what_is_removed_goes_into_the_pool_and_comes_back_with_the_next_task(project: Project):
    project.plan(
        "landed: remove\npool: 1\nslots: 1\nvalidate: 'true'\ntasks:\n"
        "  a: {run: 'echo a > a'}\n  b: {run: 'test ! -L .git && echo b > b', after: [a]}\n"
    )

    project.porch("run", "--headless")

    assert ["a", "b"] == [event.task for event in project.events(e.WorktreeRemoved)]
    pooled = list((project.root.parent / "app.porch" / "pool").iterdir())
    assert 1 == len(pooled)
    assert "" == project.git("status", "--porcelain", "--ignored", cwd=pooled[0])
    assert not worktree(project, "a").exists()
    assert not worktree(project, "b").exists()


def test_an_undone_landing_is_requeued_without_its_worktree_and_not_continued_in_it(project: Project):
    project.plan(PLAN)
    project.porch("run", "--headless", expect=1)

    project.porch("undo", "a")
    refused = project.porch("retry", "--keep", "a", expect=4)
    project.porch("requeue", "a")
    project.porch("resume", "--headless", expect=1)

    assert "the worktree of a was removed when it landed; retry it without --keep" in refused.stderr
    assert ["a"] == project.landed()


def test_an_engine_that_is_killed_after_a_landing_leaves_the_removal_to_the_next(project: Project):
    project.plan(PLAN + "  c: {run: 'sleep 600', kind: check}\n")
    process = project.begin("run", "--headless")
    until(project.landed, "the landing")
    kill(process)
    project.porch("stop", "c", expect=None)

    project.porch("resume", "--headless", expect=1)

    assert not worktree(project, "a").exists()
    assert ["a"] == [event.task for event in project.events(e.WorktreeRemoved)]
