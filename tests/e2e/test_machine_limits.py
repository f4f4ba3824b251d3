"""Limits of the machine: porch works with less, or says in one sentence which limit was reached."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from project import PORCH, Project

pytestmark = pytest.mark.slow

FOUR = "validate: 'true'\ntasks:\n" + "".join(
    f"  t{n}: {{run: 'sleep 0.3; echo > f{n}'}}\n" for n in range(4)
)


def limited(project: Project, how: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run porch from a Python program that executes `how` before it becomes porch."""
    script = f"import os, resource, sys\n{how}\nos.execv(sys.argv[1], sys.argv[1:])"
    return subprocess.run(
        [sys.executable, "-c", script, *PORCH, *words], cwd=project.root, text=True, capture_output=True,
        timeout=120, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def files(count: int) -> str:
    return f"resource.setrlimit(resource.RLIMIT_NOFILE, ({count}, {count}))"


def test_with_few_open_files_fewer_tasks_run_at_once_and_all_land(project: Project):
    project.plan(FOUR)

    done = limited(project, files(26), "run", "--headless", "--parallel")

    assert (done.returncode, sorted(project.landed())) == (0, ["t0", "t1", "t2", "t3"]), done.stderr
    assert project.events(e.RunOpened)[0].slots <= 2
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("command", ["run --headless", "status", "check", "doctor", "--version"])
def test_with_hardly_any_open_files_a_sentence_names_the_limit(project: Project, command: str):
    project.plan(FOUR)

    done = limited(project, files(8), *command.split())

    output = done.stdout + done.stderr
    assert done.returncode in (0, 3), output
    assert done.returncode == 0 or "the system allows no more open files" in output
    assert "Traceback" not in output
    assert "bug of porch" not in output


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit of address space that is kept to")
def test_without_memory_a_sentence_says_so(project: Project):
    project.plan(FOUR)

    done = limited(project, "resource.setrlimit(resource.RLIMIT_AS, (40 << 20, 40 << 20))", "status")

    assert "bug of porch" not in done.stdout + done.stderr


@pytest.mark.parametrize("leaks", ["PATH", "HOME", "TERM", "LANG", "TMPDIR"])
def test_a_run_needs_little_of_its_environment(project: Project, leaks: str):
    project.plan("tasks:\n  a: {run: 'echo > a'}\n")
    bare = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
    changes = {
        "PATH": {},
        "HOME": {"HOME": "/nonexistent"},
        "TERM": {"TERM": "unheard-of"},
        "LANG": {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        "TMPDIR": {"TMPDIR": "/nonexistent"},
    }[leaks]

    done = subprocess.run(
        [*PORCH, "run", "--headless"], cwd=project.root, env={**bare, **changes}, capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip

    assert (done.returncode, project.landed()) == (0, ["a"]), done.stderr


AS_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def can_become_another_user() -> bool:
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        return False
    return subprocess.run([*AS_NOBODY, *PORCH, "--version"], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("command", ["status", "doctor", "run --headless"])
def test_a_folder_of_another_user_is_named_with_its_owner(tmp_path: Path, command: str):
    """As after `sudo porch run` in one's own repository."""
    if not can_become_another_user():
        pytest.skip("nobody cannot run porch here")
    project = Project(tmp_path)
    project.plan("tasks:\n  a: {run: 'echo > a'}\n")
    project.porch("run", "--headless")
    for path in (tmp_path, *tmp_path.parents[:-2]):
        path.chmod(0o755)
    subprocess.run(["chown", "-R", "65534", str(project.root)], check=True)
    subprocess.run(["chown", "-R", "0", str(project.root / ".git/porch")], check=True)

    done = subprocess.run(
        [*AS_NOBODY, *PORCH, *command.split()], cwd=project.root, capture_output=True, text=True,
        timeout=120, check=False, env={**os.environ, "HOME": str(tmp_path)},
    )  # fmt: skip

    output = done.stdout + done.stderr
    assert done.returncode == 3, output
    assert "Permission denied" in output
    assert f"{project.root}/.git/porch belongs to root" in output
