"""What worktrees share and what is beside them is watched: nothing is lost, and porch says who did it."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.process import liveness
from project import Project, until

pytestmark = pytest.mark.slow

WAIT = "until test -e ../{0}; do sleep 0.05; done"
STASHES = f"""\
tasks:
  a:
    run: echo of-a >> README.md; git stash -q; touch ../a; {WAIT.format("b")}; sleep 2; git stash pop -q
  b:
    run: {WAIT.format("a")}; echo of-b >> README.md; git stash -q; touch ../b; sleep 3
"""

ESCAPES = f"""\
tasks:
  lodger: {{run: '{WAIT.format("go")}; cd ../app && echo x > lodged && {WAIT.format("seen")}'}}
  other: {{run: '{WAIT.format("seen")}'}}
"""

DISTANT = f"""\
tasks:
  first: {{run: 'true', kind: check}}
  far: {{after: [first], run: '{WAIT.format("go")}; echo x > "$(dirname "$PWD")/app-first/thrown"'}}
"""


def noticed(project: Project) -> list[e.Noticed]:
    return project.events(e.Noticed)


def test_stashes_of_two_tasks_that_pop_each_others_are_both_kept(project: Project):
    project.plan(STASHES)
    project.porch("run", "--headless", "--parallel", "--slots", "2", expect=None)

    kept = project.git(
        "for-each-ref", "--format=%(refname)", f"refs/porch/{project.rundir.run}/stash"
    ).split()
    contents = {project.git("show", f"{ref}:README.md").splitlines()[-1] for ref in kept}
    assert {"of-a", "of-b"} == contents
    notice = [one.text for one in noticed(project)]
    assert [True, True] == [any(ref in text for text in notice) for ref in kept]
    assert any("feature/a" in text for text in notice)


def start_run(project: Project, plan: str) -> subprocess.Popen[str]:
    """Start a run, and let its tasks continue once the checkout has been examined."""
    project.plan(plan)
    running = project.begin("run", "--headless", "--parallel", "--slots", "2")
    until(lambda: project.events(e.AttemptStarted), "the tasks to begin")
    subprocess.run(["sleep", "3"], check=True)  # longer than the interval of the watcher
    (project.root.parent / "go").touch()
    return running


def test_a_task_that_works_in_the_persons_checkout_is_named(project: Project):
    running = start_run(project, ESCAPES)
    until(lambda: noticed(project), "the notice")
    (project.root.parent / "seen").touch()
    running.communicate(timeout=60)

    (notice,) = noticed(project)
    assert ("lodger", "your own checkout changed: lodged; lodger had processes in that folder") == (
        notice.task,
        notice.text,
    )
    assert "look" in project.porch("status").stdout
    assert "had processes in that folder" in " ".join(project.porch("report").stdout.split())


def test_a_write_without_a_trace_is_reported_without_blame(project: Project):
    running = start_run(project, DISTANT)
    running.communicate(timeout=60)

    (notice,) = noticed(project)
    assert None is notice.task
    assert "the worktree of first, which is not running, changed: thrown, while far ran" in notice.text


def test_the_persons_own_work_while_nothing_runs_is_not_reported(project: Project):
    project.plan("tasks:\n  a: {run: 'exit 1'}\n")
    project.write("mine", "before\n")
    project.porch("run", "--headless", expect=1)
    project.write("mine", "between\n")
    project.porch("retry", "a")
    project.porch("resume", "--headless", expect=1)

    assert [] == noticed(project)


def test_doctor_finds_the_processes_of_a_killed_shim_and_the_next_engine_ends_them(project: Project):
    project.plan("tasks:\n  a: {run: 'sleep 600 & echo $! > ../pid; wait'}\n")
    running = project.begin("run", "--headless")
    place = project.root.parent / "pid"
    pid = int(until(lambda: place.exists() and place.read_text().strip(), "the pid to be written"))
    shim = liveness.find(project.rundir.attempt("a.1"))
    assert isinstance(shim, liveness.Running)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    os.kill(shim.shim_pid, signal.SIGKILL)

    said = " ".join(until(lambda: found(project), "doctor to find it").split())
    assert f"sleep ({pid}) of a.1" in said
    project.porch("resume", "--headless", expect=1)
    until(lambda: not Path(f"/proc/{pid}").exists(), "the process to be ended")
    assert "unsupervised" not in project.porch("doctor").stdout


def found(project: Project) -> str:
    said = project.porch("doctor", expect=None).stdout
    return said if "unsupervised" in said else ""
