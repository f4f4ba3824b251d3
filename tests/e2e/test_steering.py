"""Steering a real run: all of it at once, and a task that continues in its worktree."""

from __future__ import annotations

import psutil
import pytest

from porch_tui.core.model.events import AttemptPaused, AttemptStarted, StopRequested, TaskRetried
from tests.project import Project, kill, until

pytestmark = pytest.mark.slow

HALF = """
tasks:
  a:
    run: |
      if [ -e half ]; then echo second; cp half whole; rm half; exit 0; fi
      echo first; echo kept > log.log; echo half > half
      echo done > done; git add done; git commit -qm done; exit 3
"""
TICKING = """
slots: 2
tasks:
  a: {kind: check, run: 'while :; do echo tick; sleep 0.05; done'}
  b: {kind: check, run: 'while :; do echo tick; sleep 0.05; done'}
  c: {kind: check, run: echo hello}
"""


@pytest.fixture
def half(project: Project) -> Project:
    """A run whose task has done half of its work, committed some of it, and failed."""
    project.plan(HALF)
    project.porch("run", "--headless", "--parallel", expect=1)
    return project


def test_a_retry_that_keeps_the_worktree_continues_in_it(half: Project):
    half.porch("retry", "--keep", "a")

    half.porch("resume", "--headless")

    assert {"a": "landed"} == half.outcomes()
    assert "half\n" == (half.root / "whole").read_text()
    assert "done\n" == (half.root / "done").read_text()
    assert ["first"] == half.porch("logs", "a", "--attempt", "1").stdout.split()
    assert ["second"] == half.porch("logs", "a").stdout.split()
    assert (half.root.parent / "app-a" / "log.log").exists()


def test_kept_work_is_pinned_under_a_ref_too(half: Project):
    half.porch("retry", "--keep", "a")

    half.porch("resume", "--headless")

    refs = half.git("for-each-ref", "--format=%(refname)", "refs/porch").splitlines()
    work = next(ref for ref in refs if ref.endswith("/work"))
    assert "half" == half.git("show", f"{work}:half")


def test_a_plain_retry_starts_from_the_tip(half: Project):
    half.porch("retry", "a")

    half.porch("resume", "--headless", expect=1)

    assert ["first"] == half.porch("logs", "a").stdout.split()
    assert [False] == [event.keep_worktree for event in half.events(TaskRetried)]


def test_all_running_tasks_are_paused_and_continued(project: Project):
    project.plan(TICKING)
    engine = project.begin("run", "--headless", "--parallel")
    until(lambda: len(project.events(AttemptStarted)) == 2, "both to run")

    project.porch("pause", "--all")
    until(lambda: len(project.events(AttemptPaused)) == 2, "both to be frozen")
    logs = [project.rundir.attempt(f"{name}.1") / "output.log" for name in "ab"]
    sizes = until(lambda: _still(logs), "both logs to stand still")
    assert {"paused"} == {task["status"] for task in project.status()["tasks"][:2]}

    project.porch("resume-tasks", "--all")
    until(lambda: all(log.stat().st_size > size for log, size in zip(logs, sizes, strict=True)), "ticks")

    project.porch("stop", "--all")
    until(lambda: [task["outcome"] for task in project.status()["tasks"][:2]] == ["stopped"] * 2, "the end")
    assert "pending" == project.status()["tasks"][2]["status"]
    assert (1, "gone") == (engine.wait(), project.status()["engine"])
    project.porch("resume", "--headless", expect=1)
    assert "nothing-to-land" == project.outcomes()["c"]


def test_a_run_is_stopped_once_its_running_tasks_have_finished(project: Project):
    wait = "until test -e ../go; do sleep 0.05; done"
    project.plan(f"slots: 1\ntasks:\n  a: {{run: '{wait}; echo > a'}}\n  b: {{run: 'echo > b'}}\n")
    engine = project.begin("run", "--headless", "--parallel")
    until(lambda: project.events(AttemptStarted), "the task to run")

    project.porch("stop", "--all", "--finish")
    (project.root.parent / "go").touch()

    assert 1 == engine.wait()
    assert ["succeeded", "pending"] == [task["status"] for task in project.status()["tasks"]]


def test_tasks_that_outlived_their_engine_can_be_stopped_without_one(project: Project):
    project.plan("tasks:\n  a: {run: 'sleep 600'}\n")
    engine = project.begin("run", "--headless")
    (started,) = until(lambda: project.events(AttemptStarted), "the task to run")
    kill(engine)

    project.porch("stop", "--all")

    assert ({"a": "stopped"}, "gone") == (project.outcomes(), project.status()["engine"])
    until(lambda: not psutil.pid_exists(started.pid), "its supervisor to end")


def _still(logs):
    """Return the sizes of the logs if none grows for ten ticks."""
    import time

    before = [log.stat().st_size for log in logs]
    time.sleep(0.5)
    return before if before == [log.stat().st_size for log in logs] else None


def test_a_second_stop_kills_a_task_that_ignores_the_first(project: Project):
    project.plan("tasks:\n  a: {run: 'trap \"\" TERM; echo ready; while :; do sleep 0.1; done'}\n")
    engine = project.begin("run", "--headless")
    until(lambda: "ready" in project.porch("logs", "a", expect=None).stdout, "the task to run")

    project.porch("stop", "a")
    project.porch("stop", "a", "--now", expect=None)
    engine.wait()

    assert {"a": "stopped"} == project.outcomes()
    assert [False, True] == [one.kill_now for one in project.events(StopRequested)]
