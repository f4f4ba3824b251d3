"""`porch wait` returns when what it waits for has come, and says so with its exit code."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable

import pytest
from in_process import porch

from porch_tui.core.model import events as e
from porch_tui.core.model.commands import RetryTask
from porch_tui.core.model.plan import TaskId
from porch_tui.session.session import Session
from project import PORCH, Project, kill, until

GATED = "until test -e ../gate; do sleep 0.05; done"


@pytest.mark.parametrize(
    ("words", "code"),
    [((), 1), (("--for", "needs-you"), 0), (("--for", "good"), 0), (("--for", "fails"), 1)],
)
def test_what_has_come_already_is_answered_at_once(ended: Project, words: tuple[str, ...], code: int):
    assert porch(ended, "wait", *words).code == code


def test_with_json_it_prints_who_needs_the_person_and_how_each_task_came_out(ended: Project):
    document = porch(ended, "wait", "--json").json

    assert (document["run"], document["engine"], document["ended"]) == (ended.rundir.run, "gone", True)
    status = ended.status()
    assert {key: status[key] for key in document.keys() - {"outcomes"}} == {
        key: document[key] for key in document.keys() - {"outcomes"}
    }
    needs = status["needs_you"]
    assert document["needs_you"] == needs
    assert all(need["task"] in document["outcomes"][need["outcome"]] for need in needs)
    assert {task for tasks in document["outcomes"].values() for task in tasks} == ended.outcomes().keys()


def test_a_task_the_run_does_not_have_is_refused_with_the_nearest_name(ended: Project):
    printed = porch(ended, "wait", "--for", "godo")

    assert printed.code == 2
    assert "did you mean 'good'" in printed.err


@pytest.mark.parametrize("time", ["soon", "", "5x"])
def test_a_timeout_that_is_no_time_is_refused(ended: Project, time: str):
    assert porch(ended, "wait", "--timeout", time).code == 2


@pytest.mark.slow
def test_it_waits_for_a_task_while_another_still_runs(project: Project):
    project.plan(f"tasks:\n  quick: {{run: 'echo > quick'}}\n  slow: {{run: '{GATED}; echo > slow'}}\n")
    engine = project.begin("run", "--headless")
    until(lambda: project.events(e.AttemptStarted), "a task to start")

    assert porch(project, "wait", "--for", "quick").code == 0
    assert project.outcomes()["slow"] is None
    waiting = subprocess.Popen([*PORCH, "wait"], cwd=project.root)
    (project.root.parent / "gate").touch()

    assert waiting.wait(60) == 0
    assert engine.wait(60) == 0


@pytest.mark.slow
def test_what_the_engine_has_not_taken_yet_comes_before_the_answer(project: Project):
    project.plan("tasks:\n  one: {run: 'test -e ../gate && touch made'}\n")
    engine = project.begin("run", "--headless", "--wait")
    until(lambda: project.events(e.AttemptFailed), "the task to fail")
    assert porch(project, "wait").code == 1
    (project.root.parent / "gate").touch()

    engine.send_signal(signal.SIGSTOP)
    session = Session(project.rundir)
    session.send(RetryTask(session.new_command_id(), TaskId("one")))
    assert porch(project, "wait", "--timeout", "1s").code == 124
    assert porch(project, "wait", "--timeout", "1s", "--for", "to-be-added").code == 124
    engine.send_signal(signal.SIGCONT)

    assert porch(project, "wait").code == 0
    assert engine.wait(60) == 0


def test_what_waits_for_an_engine_is_mentioned(project: Project):
    project.plan("tasks:\n  one: {run: 'false'}\n")
    project.porch("run", "--headless", expect=1)
    porch(project, "retry", "one")

    printed = porch(project, "wait", "--json")

    assert printed.code == 1
    assert "porch resume" in printed.err
    assert printed.json["waiting_commands"] == ["retry one"]


@pytest.mark.slow
def test_after_the_timeout_it_exits_with_124(project: Project, engine: Callable[[Project, str], None]):
    engine(project, "tasks:\n  one: {run: 'sleep 600'}\n")

    printed = porch(project, "wait", "--timeout", "1s")

    assert printed.code == 124
    assert "has not come" in printed.err


def test_without_an_engine_it_does_not_wait_for_what_will_not_come(project: Project):
    project.plan(f"tasks:\n  one: {{run: '{GATED}'}}\n")
    engine = project.begin("run", "--headless")
    until(lambda: project.events(e.AttemptStarted), "a task to start")
    kill(engine)

    printed = porch(project, "wait")

    assert printed.code == 1
    assert "porch resume" in printed.err
    (project.root.parent / "gate").touch()
