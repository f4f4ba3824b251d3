"""The work of a task is collected, however often git is killed or refused meanwhile; the task runs once."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from project import Project, kill, until

pytestmark = pytest.mark.slow

PLAN = """\
tasks:
  x: {{run: 'echo start >> {starts}; echo hi > made; touch {ran}'}}
"""
GIT = """#!/bin/sh
# fails each of the first {times} calls for the worktree of x after the task has ended
case "$PWD $*" in *app-x*)
  if [ -e {ran} ] && [ "$(wc -l < {calls})" -lt {times} ]; then echo . >> {calls}; {failure}; fi;;
esac
exec {git} "$@"
"""


@pytest.fixture
def failing(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Let a number of git calls for a task fail once the task has run."""

    def begin(failure: str, times: int) -> Path:
        starts, ran, calls = (tmp_path / name for name in ("starts", "ran", "calls"))
        calls.touch()
        project.plan(PLAN.format(starts=starts, ran=ran))
        script = GIT.format(ran=ran, calls=calls, times=times, failure=failure, git=shutil.which("git"))
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "git").write_text(script)
        (tmp_path / "bin" / "git").chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
        return starts

    return begin


@pytest.mark.parametrize("times", [1, 6])
def test_a_task_lands_although_git_is_killed_while_it_is_collected(project: Project, failing, times: int):
    starts = failing('kill -9 "$$"', times)

    project.porch("run", "--headless", "--parallel")

    assert project.landed() == ["x"]
    assert starts.read_text() == "start\n"


def test_a_task_is_collected_once_its_read_only_disk_is_writable(project: Project, failing):
    starts = failing("echo 'error: unable to create temporary file: Read-only file system' >&2; exit 128", 1)

    project.porch("run", "--headless", "--parallel")

    assert project.landed() == ["x"]
    assert starts.read_text() == "start\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_git_directory_that_is_read_only_for_a_while_only_costs_time(project: Project, tmp_path: Path):
    starts, go = tmp_path / "starts", tmp_path / "go"
    wait = f"echo start >> {starts}; until test -e {go}; do sleep .05; done"
    project.plan(f"tasks: {{x: {{run: '{wait}; echo x > x'}}, y: {{run: '{wait}; echo y > y'}}}}\n")
    running = project.begin("run", "--headless", "--parallel", "--slots", "2")
    until(lambda: starts.exists() and starts.read_text() == "start\nstart\n", "both to have started")
    git = project.root / ".git"
    places = [git, *(git / name for name in ("objects", "refs", "refs/heads", "porch"))]
    for place in places:
        place.chmod(0o500)
    threading.Timer(2, lambda: [place.chmod(0o700) for place in places]).start()
    go.touch()
    running.communicate(timeout=60)

    assert sorted(project.landed()) == ["x", "y"]
    assert starts.read_text() == "start\nstart\n"


def test_a_task_is_collected_after_a_crash_between_its_end_and_its_collection(
    project: Project, tmp_path: Path, failing
):
    asked = tmp_path / "asked"
    starts = failing(f"echo $$ > {asked}; exec sleep 600", 1)
    running = project.begin("run", "--headless", "--parallel")
    git = int(until(lambda: asked.exists() and asked.read_text(), "git to be asked"))
    kill(running)

    try:
        project.porch("resume", "--headless")
    finally:
        os.kill(git, signal.SIGKILL)

    assert project.landed() == ["x"]
    assert starts.read_text() == "start\n"


def test_work_that_was_elsewhere_is_requeued_without_running_the_task_again(project: Project, tmp_path: Path):
    starts = tmp_path / "starts"
    away = "git checkout -q -b mine && echo precious > p && git add p && git commit -qm hours"
    project.plan(f"tasks: {{t: {{run: 'echo start >> {starts}; {away}'}}, f: {{run: 'exit 1'}}}}\n")
    project.porch("run", "--headless", "--parallel", expect=1)
    assert "porch requeue t" in project.porch("status", expect=None).stdout
    project.porch("requeue", "t")
    project.porch("resume", "--headless", expect=1)
    assert project.landed() == []

    worktree = Path(f"{project.root}-t")
    project.git("switch", "-q", "feature/t", cwd=worktree)
    project.git("merge", "-q", "mine", cwd=worktree)
    project.porch("requeue", "t")
    project.porch("resume", "--headless", expect=1)

    assert project.landed() == ["t"]
    assert project.git("show", "HEAD:p") == "precious"
    assert starts.read_text() == "start\n"
    assert len(project.events(e.CollectionRequested)) == 2


def test_a_failed_task_is_not_requeued_and_the_message_names_retry(project: Project):
    project.plan("tasks: {f: {run: 'exit 1'}}\n")
    project.porch("run", "--headless", "--parallel", expect=1)

    result = project.porch("requeue", "f", expect=4)

    assert "retry runs it again" in result.stdout + result.stderr


def test_a_landing_blocked_by_no_file_does_not_ask_to_finish_an_operation(project: Project, tmp_path: Path):
    project.git("worktree", "add", "-q", "--force", str(tmp_path / "second"), "main")
    project.plan("tasks: {x: {run: 'echo x > x'}}\n")
    started_at = time.monotonic()

    project.porch("run", "--headless", "--parallel", expect=None)

    output = project.porch("status", expect=None).stdout
    assert "checked out twice" in output
    assert "operation under way" not in output
    assert time.monotonic() - started_at < 30
