"""`porch finish` ends what runs in a task's terminal, once, and what that made is judged as ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.process.liveness import read_exit
from project import Project, kill, until
from tests.tui.pty_harness import PtyProgram

PORCH = "import os, sys; os.chdir(sys.argv[1]); from porch_tui.cli import main; sys.exit(main(sys.argv[2:]))"
UNTIL_GO = "until test -e ../go; do sleep 0.02; done"
STUBBORN = """\
tasks:
  stubborn:
    tty: true
    checks: "echo checked; test -e made"
    run: 'trap "echo no >> ../asked" TERM HUP; echo x > made; echo ready; while :; do sleep 0.05; done'
"""
"""Refuses to end, and says so each time it is asked."""


def log_of(project: Project, attempt: str, shows: str) -> Path:
    """Wait until the log of an attempt shows a text, and return it."""
    until(lambda: project.records() and project.rundir.attempt(attempt).exists(), "the attempt")
    log = project.rundir.attempt(attempt) / "output.log"
    until(lambda: log.exists() and shows in log.read_text(), shows)
    return log


@pytest.mark.slow
@pytest.mark.parametrize("step", ["setup", "checks"])
def test_during_setup_and_checks_there_is_nothing_to_finish(project: Project, step: str):
    waits = f"'echo it waits; {UNTIL_GO}'"
    steps = f"setup: {waits}\ntasks:\n" if step == "setup" else "tasks:\n"
    checks = f", checks: {waits}" if step == "checks" else ""
    project.plan(f"{steps}  a: {{tty: true, run: 'echo made > made'{checks}}}\n")
    running = project.begin("run", "--headless")
    log_of(project, "a.1", "it waits\n")

    said = project.porch("finish", "a").stdout

    until(lambda: project.events(e.FinishIgnored), "the answer")
    (project.root.parent / "go").touch()
    printed, _ = running.communicate(timeout=60)
    assert "its setup or its checks run, which end on their own" in said + printed
    assert running.returncode == 0
    assert project.landed() == ["a"]


@pytest.mark.slow
def test_what_does_not_end_when_asked_is_killed_and_still_judged(project: Project):
    project.plan(STUBBORN)
    running = project.begin("run", "--headless")
    log = log_of(project, "stubborn.1", "ready")

    project.porch("finish", "stubborn")

    assert running.wait(60) == 0
    assert project.landed() == ["stubborn"]
    assert log.read_text().endswith("checked\n")
    exit_ = read_exit(log.parent)
    assert exit_ is not None and exit_.killed >= 1


@pytest.mark.slow
def test_a_finish_is_completed_once_when_the_engine_that_was_asked_is_killed(project: Project):
    project.plan(STUBBORN)
    first = project.begin("run", "--headless")
    log = log_of(project, "stubborn.1", "ready")
    project.porch("finish", "stubborn")
    kill(first)

    project.porch("resume", "--headless")

    assert project.landed() == ["stubborn"]
    assert (project.root.parent / "asked").read_text() == "no\n"
    assert log.read_text().count("checked\n") == 1
    assert len(project.events(e.FinishRequested)) == 1 and not project.events(e.FinishIgnored)


@pytest.mark.slow
def test_a_task_is_finished_by_a_key_on_the_screen(project: Project):
    project.plan(
        "tasks:\n  shell: {tty: true, run: 'echo x > made; exec bash --norc -i', checks: test -e made}\n"
    )
    with PtyProgram(PORCH, str(project.root), "run", "--yes", columns=120, rows=36) as screen:
        screen.read_until_shown("enter step in")
        log_of(project, "shell.1", "bash")
        screen.send("Z")
        screen.read_until_shown("Finish shell?")
        screen.send("y")
        screen.read_until(lambda: project.landed() == ["shell"], "the task to land")
        screen.read_until_shown("1 landed")
