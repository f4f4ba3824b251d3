"""kill -9 while tasks are added: none is lost, and none is there twice."""

from __future__ import annotations

import signal
import subprocess

import pytest

from porch_tui.core.model import events as e
from porch_tui.journal import lease
from project import Project, kill, until

pytestmark = pytest.mark.slow

PLAN = "tasks:\n  first: {run: 'sleep 600'}\n"


def added(project: Project) -> list[str]:
    """Return the tasks that the journal says were added."""
    return [spec.id for event in project.events(e.TasksAdded) for spec in event.specs]


def living_run(project: Project) -> subprocess.Popen[str]:
    project.plan(PLAN)
    process = project.begin("run", "--headless", "--wait")
    until(lambda: project.events(e.AttemptStarted), "the first task to start")
    return process


@pytest.mark.parametrize("moment", ["in the inbox", "in the journal"])
def test_an_engine_that_is_killed_while_tasks_arrive_loses_none(project: Project, moment: str):
    engine = living_run(project)
    names = [f"t{n}" for n in range(4)]
    moments = {
        "in the inbox": lambda: any(project.rundir.inbox.glob("*.json")),
        "in the journal": lambda: bool(added(project)),
    }

    if moment == "in the inbox":  # stopped, it takes nothing that arrives
        engine.send_signal(signal.SIGSTOP)
    adding = [project.begin("add", name, "--run", f"echo {name} > {name}") for name in names]
    until(moments[moment], f"a task {moment}")
    kill(engine)
    for process in adding:
        process.communicate(timeout=60)
        assert 0 == process.returncode
    project.porch("stop", "first", expect=None)
    project.porch("resume", "--headless", expect=1)

    assert sorted(names) == sorted(added(project)) == sorted(project.landed())
    assert [] == list(project.rundir.inbox.glob("*.json"))


def test_a_command_that_is_taken_twice_adds_its_tasks_once(project: Project):
    engine = living_run(project)
    engine.send_signal(signal.SIGSTOP)
    adding = project.begin("add", "late", "--run", "echo late > late")
    (file,) = until(lambda: list(project.rundir.inbox.glob("*.json")), "the command")
    content = file.read_bytes()
    engine.send_signal(signal.SIGCONT)
    until(lambda: added(project), "the task")
    adding.communicate(timeout=60)

    kill(engine)
    until(lambda: lease.holder(project.rundir) is None, "the engine to be gone")
    file.write_bytes(content)  # as if the engine had died before it removed the file
    project.porch("stop", "first", expect=None)
    project.porch("resume", "--headless", expect=1)

    assert ["late"] == added(project) == project.landed()


def test_a_killed_porch_add_has_added_its_task_or_not(project: Project):
    engine = living_run(project)

    adding = project.begin("add", "late", "--run", "echo late > late")
    until(lambda: adding.poll() is not None or any(project.rundir.inbox.iterdir()), "a sign of it")
    kill(adding)
    again = project.porch("add", "late", "--run", "echo late > late", expect=None)

    until(project.landed, "the landing")
    assert again.returncode in (0, 2), "it is there already, or is now"
    assert ["late"] == added(project) == project.landed()
    project.porch("stop", "--all")
    assert 0 <= engine.wait(60)
    for stream in (engine.stdout, engine.stderr):
        stream.close()  # type: ignore[union-attr]
