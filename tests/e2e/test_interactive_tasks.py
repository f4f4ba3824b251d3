"""Tasks with a terminal of their own, from the plan to what lands."""

from __future__ import annotations

from pathlib import Path

from porch_tui.process.typing import TypingInto
from project import Project, until

INTERACTIVE = """tasks:
  shell:
    run: echo made > made; exec bash --norc -i
    tty: true
    checks: test -e made && echo checked
"""
"""A shell that ends when a person exits it."""


DRAWN = """tasks:
  draw: {kind: check, tty: true, checks: echo checked, run: 'echo 1; echo 2; tput cuu1; echo over'}
"""
"""Its second line is drawn over."""


def log_of(project: Project, attempt: str) -> Path:
    """Wait until an attempt has a log, and return it."""
    runs = project.root / ".git" / "porch" / "runs"
    return until(lambda: next(runs.glob(f"*/attempts/{attempt}/output.log"), None), "its log")


def test_a_task_that_is_finished_is_checked_and_lands(tmp_path):
    project = Project(tmp_path)
    project.plan(INTERACTIVE)
    running = project.begin("run", "--headless")
    log = log_of(project, "shell.1")
    until(lambda: b"$" in log.read_bytes() or b"#" in log.read_bytes(), "the prompt")

    said = project.porch("finish", "shell").stdout

    assert running.wait(60) == 0
    assert "ends now; its checks follow" in said
    assert project.git("show", "main:made") == "made"
    assert b"checked" in log.read_bytes()


def test_a_task_without_a_terminal_is_not_finished(tmp_path):
    project = Project(tmp_path)
    project.plan("tasks: {a: {run: 'sleep 1000'}}\n")
    running = project.begin("run", "--headless")
    log_of(project, "a.1")
    until(lambda: project.status()["tasks"][0]["status"] == "running", "it to run")

    said = project.porch("finish", "a", expect=4)

    assert said.stderr == "porch: Can't finish a: it has no terminal: it ends when its command does\n"
    project.porch("stop", "--all", "--now")
    running.wait(60)


def test_the_log_of_a_terminal_is_printed_as_what_it_showed(tmp_path):
    project = Project(tmp_path)
    project.plan(DRAWN)
    project.porch("run", "--headless", expect=None)

    said = project.porch("logs", "draw").stdout
    raw = project.porch("logs", "draw", "--raw").stdout

    assert "\n1\nover\n-- porch: check" in said and said.endswith("checked\n")
    assert "\x1b[A" in raw


def test_a_task_with_a_terminal_is_typed_into_and_lands_what_it_was_given(tmp_path):
    project = Project(tmp_path)
    project.plan(
        "tasks:\n  ask:\n    run: stty size; read answer; echo $answer > answer\n"
        "    tty: true\n    size: 90x20\n    checks: stty size || echo no terminal\n"
    )
    running = project.begin("run", "--headless")
    log = log_of(project, "ask.1")
    until(lambda: b"20 90" in log.read_bytes(), "the size in the log")

    with TypingInto(log.parent) as typing:
        typing.type(b"yes\r")

    assert running.wait(60) == 0
    assert project.git("show", "main:answer") == "yes"
    begins, ends = (int(line.split()[0]) for line in (log.parent / "tty.sizes").read_text().splitlines())
    assert log.read_bytes()[begins:ends] == b"20 90\r\nyes\r\n"
    assert "no terminal" in log.read_bytes()[ends:].decode()
