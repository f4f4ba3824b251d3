"""Tasks with a terminal of their own, from the plan to what lands."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from porch_tui.process.typing import TypingInto
from project import Project, until
from tests.tui.pty_harness import PtyProgram

PORCH = "import os, sys; os.chdir(sys.argv[1]); from porch_tui.cli import main; sys.exit(main(sys.argv[2:]))"
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


@pytest.mark.slow
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


@pytest.mark.slow
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


def test_the_end_of_what_failed_is_what_its_terminal_showed(tmp_path):
    project = Project(tmp_path)
    project.plan(DRAWN.replace("echo over'", "echo over; exit 3'"))

    project.porch("run", "--headless", expect=1)
    report = json.loads(project.porch("report", "--json").stdout)

    (end,) = [task["last_lines"] for task in report["tasks"]]
    assert end[1:] == ["1", "over"]


@pytest.mark.slow
def test_a_log_is_followed_as_text_to_the_end_of_its_terminal(tmp_path):
    project = Project(tmp_path)
    project.plan(
        "tasks:\n  show:\n    {kind: check, tty: true, size: 20x3, checks: echo checked,\n"
        "     run: 'seq 5; read line; tput cuu1; echo over'}\n"
    )
    running = project.begin("run", "--headless")
    log = log_of(project, "show.1")
    until(lambda: "5\r\n" in log.read_bytes().decode(), "the numbers")
    follows = [project.begin("logs", "show", "--follow", *more) for more in ([], ["--tail", "2"], ["--json"])]
    first = "".join(one.stdout.readline() for one in follows)  # all have begun

    with TypingInto(log.parent) as typing:
        typing.type(b"yes\r")

    assert running.wait(60) == 0
    whole, end, document = (one.stdout.read() for one in follows)
    assert [one.wait() for one in follows] == [0, 0, 0]
    later = ["4", "5", "over", "-- porch: check: echo checked", "checked"]
    assert whole.splitlines() == ["1", "2", "3", *later]
    assert first.splitlines()[1] == "2" and end.splitlines() == ["3", *later]
    lines = [json.loads(line)["text"] for line in document.splitlines()[:-1]]
    assert lines == ["1", "2", "3", *later]


@pytest.mark.slow
def test_a_terminal_is_not_given_what_the_task_writes_to_its_own_even_before_it_does(tmp_path):
    project = Project(tmp_path)
    project.plan(
        "setup: echo setting up; until test -e ../go; do sleep 0.02; done\n"
        "tasks: {a: {kind: check, tty: true, run: 'tput clear; echo shown'}}\n"
    )
    running = project.begin("run", "--headless")
    until(lambda: b"setting up\n" in log_of(project, "a.1").read_bytes(), "the setup")

    with PtyProgram(PORCH, str(project.root), "logs", "a", "--raw", "--follow") as person:
        assert person.wait() == 2
        assert b"would obey what the task wrote" in person.output
    with PtyProgram(PORCH, str(project.root), "logs", "a", "--follow", "--tail", "1") as person:
        person.read_until_shown("setting up")
        (project.root.parent / "go").touch()
        person.read_until_shown("shown")
        assert person.wait() == 0
        assert b"\x1b[" not in person.output.replace(b"\x1b[0m", b"")
    running.wait(60)


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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "run", "shown", "keys"),
    [
        ("fzf", "printf 'one\\nmade\\n' | fzf --height 5 > made", "2/2", [["made", "--key", "enter"]]),
        (
            "vim",
            "vim -u NONE made",
            '"made"',
            [["--key", "i"], ["made", "--key", "esc", "--key", "Z", "--key", "Z"]],
        ),
        ("less", "seq 200 | less && echo made > made", "35", [["--key", "q"]]),
    ],
)
def test_a_program_that_asks_its_terminal_starts_although_no_one_looks(
    tmp_path: Path, program: str, run: str, shown: str, keys: list[list[str]]
):
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    project = Project(tmp_path)
    project.plan(f"tasks:\n  it:\n    tty: true\n    run: |\n      {run}\n")
    running = project.begin("run", "--headless")
    log = log_of(project, "it.1")
    until(lambda: shown.encode() in log.read_bytes(), "what it draws first")

    for words in keys:
        project.porch("send", "it", *words)

    assert running.wait(60) == 0
    assert project.git("show", "main:made") == "made"
