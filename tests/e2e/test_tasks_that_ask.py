"""Tasks without a terminal that ask: answered where the plan says so, and else seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.process.supervisor import kernel
from project import Project, kill, until

needs_proc = pytest.mark.skipif(not kernel.IS_LINUX, reason="needs /proc/PID/syscall")
ASKS = 'tasks: {ask: {stdin_open: true, run: \'printf "Name? "; read -r x; echo "$x" >name; cat >rest\'}}\n'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def waits(project: Project) -> str | None:
    """Return what the task says that it waits for."""
    said = project.status()["tasks"][0]["waits"]
    return said["text"] if said else None


@needs_proc
@pytest.mark.slow
def test_one_that_asks_waits_for_you_and_is_answered_although_its_engine_was_killed(project: Project):
    project.plan(ASKS)
    first = project.begin("run", "--headless")
    until(lambda: project.events(e.AttemptWaits), "the question")
    assert waits(project) == "Name?"
    assert "porch send ask TEXT" in project.porch("status").stdout
    kill(first)

    assert project.porch("send", "ask", "Bob").stdout == "ask: typed 3 bytes, then enter\n"
    second = project.begin("resume", "--headless")
    until(lambda: waits(project) == "", "its second question, which has no words")
    project.porch("send", "ask", "no line", "--no-enter")
    assert "its input ends" in project.porch("finish", "ask").stdout

    assert second.wait(60) == 0
    assert project.git("show", "main:name") == "Bob"
    assert project.git("show", "main:rest") == "no line"
    assert len(project.events(e.AttemptScheduled)) == 1


@pytest.mark.slow
def test_what_cannot_be_sent_says_so_with_what_to_do(project: Project):
    project.plan("tasks: {ask: {stdin_open: true, run: 'read -r x'}}\n")
    running = project.begin("run", "--headless")
    until(lambda: project.events(e.AttemptStarted), "the start")

    key = project.porch("send", "ask", "--key", "esc", expect=4).stderr
    project.porch("send", "ask", "x")
    running.wait(60)
    over = project.porch("send", "ask", "x", expect=4).stderr

    assert "no key can be pressed" in key and "tty: true" in key
    assert "does not read its standard input now" in over


def test_one_that_asked_where_no_one_could_answer_is_no_plain_success(project: Project):
    project.plan("tasks: {tidy: {run: 'touch x; rm -i x'}}\n")

    project.porch("run", "--headless")

    (noticed,) = project.events(e.Noticed)
    assert noticed.task == "tidy"
    assert "'x'?\" and got no answer; with stdin_open: true or tty: true" in noticed.text
    assert noticed.text in " ".join(project.porch("status").stdout.replace("\n  ", " ").split())
    assert "got no answer" in project.porch("report").stdout
