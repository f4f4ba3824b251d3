"""porch as the first process of a PID namespace, as in a container, and without a /proc of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from project import PORCH, Project, until

pytestmark = pytest.mark.slow

OWN = ["unshare", "--pid", "--fork", *(["--map-root-user"] if os.geteuid() else [])]


def allows(*words: str) -> bool:
    if not shutil.which("unshare"):
        return False
    return subprocess.run([*OWN, *words, "true"], capture_output=True, check=False).returncode == 0


needs_namespace = pytest.mark.skipif(not allows("--mount-proc"), reason="PID namespaces are not allowed here")

ORPHANS = """\
tasks:
  a: {run: 'for n in 1 2 3; do (setsid sleep 0.1 &) ; done; sleep 0.5; echo > a'}
  after: {run: 'sleep 0.3; ps -eo stat,ppid | grep -c "^Z.* 1$" > zombies || true', after: [a]}
"""


@needs_namespace
def test_a_run_works_as_the_first_process_of_a_namespace(project: Project):
    project.plan(ORPHANS)

    done = subprocess.run(
        [*OWN, "--mount-proc", *PORCH, "run", "--headless"], cwd=project.root, capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip

    assert (done.returncode, project.landed()) == (0, ["after", "a"]), done.stderr
    assert project.git("show", "main:zombies") == "0"


@needs_namespace
@pytest.mark.parametrize(("words", "code"), [(["run", "--headless"], 130), (["logs", "a", "-f"], 128 + 15)])
def test_the_first_process_ends_on_a_signal(project: Project, words: list[str], code: int):
    """The kernel drops every signal to it that has no handler."""
    project.plan("tasks: {a: {run: 'sleep 600'}}\n")
    engine = project.begin("run", "--headless") if words[0] == "logs" else None
    if engine:
        until(lambda: project.events(e.AttemptStarted), "the task to start")
    process = subprocess.Popen(
        [*OWN, "--mount-proc", *PORCH, *words], cwd=project.root, stdout=subprocess.DEVNULL
    )
    first = until(lambda: _child_of(process.pid), "the namespace")
    if not engine:
        until((project.root.parent / "app-a").exists, "the task to start")
    until(lambda: _child_of(first), "porch")

    os.kill(first, signal.SIGTERM)

    assert process.wait(60) == code
    if engine:
        engine.terminate()
        engine.communicate(timeout=60)


def _child_of(pid: int) -> int | None:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(listed[0]) if listed else None


@pytest.mark.skipif(not allows(), reason="PID namespaces are not allowed here")
def test_a_run_is_refused_with_the_proc_of_another_namespace(project: Project):
    project.plan("tasks: {a: {run: 'true'}}\n")

    done = subprocess.run(
        [*OWN, *PORCH, "run", "--headless"], cwd=project.root, capture_output=True, text=True, check=False
    )

    assert done.returncode == 3
    assert "/proc shows the processes of another PID namespace" in done.stderr
    assert not (project.root / ".git/porch/runs").exists()


HIDDEN = ["unshare", "--mount", *(["--map-root-user"] if os.geteuid() else []), "sh", "-c"]
NO_PROC = 'mount -t tmpfs none /proc && exec "$@"'


@pytest.mark.parametrize("words", [["run", "--headless"], ["clean"], ["doctor"]], ids=lambda words: words[0])
def test_without_proc_nothing_is_run_or_removed_and_doctor_says_why(project: Project, words: list[str]):
    if not shutil.which("unshare") or subprocess.run([*HIDDEN, NO_PROC, "-", "true"], check=False).returncode:
        pytest.skip("mount namespaces are not allowed here")
    project.plan("tasks: {a: {run: 'true'}}\n")

    done = subprocess.run(
        [*HIDDEN, NO_PROC, "-", *PORCH, *words], cwd=project.root, capture_output=True, text=True, check=False
    )

    assert done.returncode == 3
    assert "/proc is not mounted" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
