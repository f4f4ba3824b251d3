"""kill -9 of the engine loses nothing, stops nothing, and starts nothing twice."""

from __future__ import annotations

import signal

import pytest

from porch_tui.core.model import events as e
from project import Project, kill, until

PLAN = """\
validate: sleep 0.3; echo v >> ../validated; test ! -e bad
tasks:
  a: {{run: 'echo a >> {starts}; sleep 0.6; echo a > same'}}
  b: {{run: 'echo b >> {starts}; sleep 0.8; echo b > same'}}
  c: {{run: 'echo c >> {starts}; sleep 0.4; echo c > c'}}
  d: {{run: 'echo d >> {starts}; sleep 0.2; echo d > d', after: [c]}}
  e: {{run: 'echo e >> {starts}; exit 3'}}
"""

SLOW = pytest.mark.slow
KILL_AT = [
    pytest.param(e.AttemptScheduled, marks=SLOW),
    e.AttemptStarted,
    pytest.param(e.AttemptSucceeded, marks=SLOW),
    pytest.param(e.CandidateBuilt, marks=SLOW),
    e.ValidationScheduled,
    e.Landed,
]
"""test_killed_at_every_record covers all of them."""


@pytest.mark.parametrize("moment", KILL_AT, ids=lambda kind: kind.__name__)
def test_the_next_engine_finishes_the_work_of_a_killed_one(project: Project, moment: type[e.AnyEvent]):
    starts = project.root.parent / "starts"
    project.plan(PLAN.format(starts=starts))

    process = project.begin("run", "--headless")
    until(lambda: project.events(moment), f"the first {moment.__name__}")
    kill(process)
    project.porch("resume", "--headless", expect=1)

    assert sorted(starts.read_text().split()) == ["a", "b", "c", "d", "e"]
    outcomes = project.outcomes()
    assert (outcomes["c"], outcomes["d"], outcomes["e"]) == ("landed", "landed", "failed")
    assert sorted([outcomes["a"], outcomes["b"]]) == ["conflict", "landed"]
    assert len(project.landed()) == 3
    assert project.git("status", "--porcelain") == ""


def test_a_run_has_one_engine_at_a_time(project: Project):
    project.plan("tasks:\n  a: {run: 'sleep 600'}\n  b: {run: 'sleep 600'}\n")
    process = project.begin("run", "--headless")
    until(lambda: project.events(e.AttemptStarted), "the tasks to start")

    refused = project.porch("resume", "--headless", expect=3)

    assert "already works on this run" in refused.stderr
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    process.communicate()


def test_an_interrupted_run_stops_its_tasks_keeps_its_state_and_exits_with_130(project: Project):
    project.plan("tasks:\n  a: {run: 'sleep 600'}\n  b: {run: 'sleep 600', after: [a]}\n")
    process = project.begin("run", "--headless")
    until(lambda: project.events(e.AttemptStarted), "the task to start")

    process.send_signal(signal.SIGINT)

    assert process.wait(60) == 130
    process.communicate()
    assert project.outcomes() == {"a": "stopped", "b": "waiting"}


@pytest.mark.slow
def test_a_stopped_task_can_be_retried_and_the_run_continues(project: Project):
    project.plan(
        "tasks:\n  a: {run: 'test -e ../go || sleep 600; echo > a'}\n  b: {run: 'echo > b', after: [a]}\n"
    )
    process = project.begin("run", "--headless")
    until(lambda: project.events(e.AttemptStarted), "the task to start")
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 130
    process.communicate()

    (project.root.parent / "go").write_text("")
    project.porch("retry", "a")
    project.porch("resume", "--headless")

    assert project.landed() == ["b", "a"]


@pytest.mark.slow
def test_a_detached_run_continues_on_its_own(project: Project):
    project.plan("tasks:\n  a: {run: 'echo > a'}\n  b: {run: 'sleep 1; echo > b'}\n")

    run = project.porch("run", "--detach").stdout.strip()

    assert run == project.rundir.run
    until(lambda: len(project.events(e.Landed)) == 2, "both tasks to land")


def test_a_paused_task_continues_when_it_is_resumed(project: Project):
    wait = "until test -e ../go; do sleep 0.1; done"
    project.plan(f"tasks:\n  a: {{run: '{wait}; echo > a'}}\n  b: {{run: 'true'}}\n")
    project.porch("run", "--detach")
    until(lambda: [one for one in project.events(e.AttemptStarted) if one.attempt.task == "a"], "a to start")

    project.porch("pause", "a")
    paused = next(task for task in project.status()["tasks"] if task["id"] == "a")["status"]
    (project.root.parent / "go").write_text("")
    project.porch("resume-tasks", "a")

    assert paused == "paused"
    until(lambda: project.events(e.Landed), "a to land")


@pytest.mark.slow
def test_the_next_engine_removes_locks_that_a_killed_git_left_on_refs_of_the_run(project: Project):
    project.plan(
        "validate: 'true'\ntasks:\n  a: {run: 'until test -e ../go; do sleep 0.1; done; echo > a'}\n"
    )
    process = project.begin("run", "--headless")
    until(lambda: project.events(e.AttemptStarted), "the task to start")
    kill(process)
    common = project.root / ".git"
    own = common / "refs" / "porch" / project.rundir.run
    locks = [own / "cand" / "1.lock", own / "landed" / "1.lock", common / "packed-refs.lock"]
    for lock in locks:
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.touch()
    (project.root.parent / "go").touch()

    project.porch("resume", "--headless")

    assert {"a": "landed"} == project.outcomes()
    assert [] == [lock for lock in locks if lock.exists()]
