"""What porch inherits from the program that starts it: signals, mask, closed streams, environment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from project import PORCH, Project, until

pytestmark = pytest.mark.slow

CONFLICT = """\
tasks:
  good: {run: 'echo new > new.txt'}
  left: {run: 'echo left > same.txt'}
  right: {run: 'sleep 0.5; echo right > same.txt'}
  fails: {run: 'echo precious > precious.txt; git add -A; git commit -qm precious; exit 1'}
"""


def started(project: Project, how: str, *words: str) -> subprocess.CompletedProcess[bytes]:
    """Run porch from a Python program that executes `how` before it becomes porch."""
    script = f"import os, resource, signal, sys\n{how}\nos.execv(sys.argv[1], sys.argv[1:])"
    return subprocess.run(
        [sys.executable, "-c", script, *PORCH, *words],
        cwd=project.root, capture_output=True, timeout=120, check=False,
    )  # fmt: skip


IGNORED = "signal.signal(signal.SIGCHLD, signal.SIG_IGN)"
BLOCKED = "signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())"
ALL_IGNORED = (
    "for one in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:\n"
    "    signal.signal(one, signal.SIG_IGN)"
)


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(IGNORED, id="sigchld"),  # all-ignored has it too
        pytest.param(BLOCKED, id="blocked"),
        pytest.param(ALL_IGNORED, id="all-ignored"),
    ],
)
def test_signals_ignored_or_blocked_by_the_starter_change_no_result(project: Project, how: str):
    project.plan(CONFLICT)

    run = started(project, how, "run", "--headless", "--parallel")

    outcomes = project.outcomes()
    assert (run.returncode, outcomes["good"], outcomes["fails"]) == (1, "landed", "failed")
    assert sorted([outcomes["left"], outcomes["right"]]) == ["conflict", "landed"]
    assert "<<<<" not in project.git("show", "main:same.txt")
    started(project, how, "clean")
    assert "precious" in project.git("log", "--all", "--format=%s").splitlines()


def test_a_detached_engine_collects_the_exit_codes_too(project: Project):
    project.plan(CONFLICT)

    assert started(project, IGNORED, "run", "--detach", "--parallel").returncode == 0

    until(lambda: {"conflict", "landed", "failed"} == set(project.outcomes().values()), "the run to end")
    assert "good" in project.landed()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc here")
def test_tasks_have_all_signals_at_their_defaults(project: Project):
    project.plan("tasks:\n  a: {kind: check, run: 'grep -E \"^Sig(Blk|Ign):\" /proc/self/status'}\n")

    started(project, ALL_IGNORED, "run", "--headless")

    _, blocked, _, ignored = project.porch("logs", "a").stdout.split()
    of_libc = 1 << 31 | 1 << 32  # signals 32 and 33, which glibc ignores in every process it spawns
    assert (int(blocked, 16), int(ignored, 16) & ~of_libc) == (0, 0)


@pytest.mark.parametrize("mask", [0o777, 0o277, 0o077])
def test_porch_reads_its_own_files_under_any_mask_and_tasks_keep_the_persons(project: Project, mask: int):
    seen = project.root.parent / "seen"
    project.plan(f"validate: 'true'\ntasks:\n  a: {{run: 'umask > {seen}; umask 022; echo > a'}}\n")
    seen.touch()

    run = started(project, f"os.umask({mask})", "run", "--headless")

    assert run.returncode == 0, run.stderr
    assert int(seen.read_text(), 8) == mask
    files = [path for path in (project.root / ".git" / "porch").rglob("*") if path.is_file()]
    assert files and all(path.stat().st_mode & 0o400 for path in files)


def test_pwd_is_the_folder_a_command_works_in(project: Project):
    seen = project.root.parent / "seen"
    project.plan(
        "setup: 'echo setup $PWD ${OLDPWD-unset}'\n"
        f"validate: [[sh, -c, 'pwd > {seen}; env | grep PWD= >> {seen}']]\n"
        "tasks:\n"
        "  a:\n"
        "    run: [sh, -c, 'env | grep PWD= ; echo > a']\n"
        "    checks: [[sh, -c, 'env | grep PWD=']]\n"
    )

    project.porch("run", "--headless", env={"PWD": str(project.root), "OLDPWD": "/somewhere"})

    worktree = project.root.parent / "app-a"
    said = [line for line in project.porch("logs", "a").stdout.splitlines() if not line.startswith("--")]
    assert said == [f"setup {worktree} unset", f"PWD={worktree}", f"PWD={worktree}"]
    folder, *found = seen.read_text().splitlines()
    assert found == [f"PWD={folder}"]
