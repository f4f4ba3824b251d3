"""The demo's repository keeps what its plan promises: what conflicts, what breaks, what lands."""

from __future__ import annotations

import subprocess
import sys

import pytest

from porch_tui.demo.repository import make_repository
from porch_tui.errors import RefusedError, RepositoryError

TASKS = ("mul", "div", "rename", "useadd", "whisper")


def git(root, *words):
    return subprocess.run(
        ["git", *words], cwd=root, capture_output=True, text=True, check=True
    ).stdout.strip()


def validates(root):
    """Whether the plan's validation passes."""
    validate = [sys.executable, "-m", "unittest", "-q"]
    return subprocess.run(validate, cwd=root, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The repository, with a branch for each task that succeeds."""
    root = make_repository(tmp_path_factory.mktemp("demo"))
    running = {}
    for task in TASKS:
        git(root, "worktree", "add", "-q", "-b", task, f"../{task}")
        program = [sys.executable, f"work/{task}.py"]
        running[task] = subprocess.Popen(program, cwd=root.parent / task, stdout=subprocess.PIPE)
    for task, process in running.items():
        process.communicate()
        assert process.returncode == 0, task
        git(root.parent / task, "add", "-A")
        git(root.parent / task, "commit", "-q", "-m", task)
    return root


@pytest.mark.slow
def test_it_is_committed_and_its_validation_passes(demo):
    assert ("main", "", "1") == (
        git(demo, "branch", "--show-current"),
        git(demo, "status", "--porcelain"),
        git(demo, "rev-list", "--count", "main"),
    )
    assert all(validates(folder) for folder in (demo, *(demo.parent / task for task in TASKS)))


def test_the_two_appending_tasks_conflict(demo):
    with pytest.raises(subprocess.CalledProcessError) as conflict:
        git(demo, "merge-tree", "--write-tree", "mul", "div")
    assert 1 == conflict.value.returncode


def test_a_rename_and_a_new_use_merge_cleanly_and_break_the_tests(demo):
    together = demo.parent / "together"
    git(demo, "worktree", "add", "-q", "--detach", str(together), "rename")

    git(together, "merge", "-q", "--no-edit", "useadd")
    assert not validates(together)


def test_three_tasks_merge_cleanly_and_pass(demo):
    together = demo.parent / "rest"
    git(demo, "worktree", "add", "-q", "--detach", str(together), "mul")

    git(together, "merge", "-q", "--no-edit", "rename")
    git(together, "merge", "-q", "--no-edit", "whisper")
    assert validates(together)


def test_one_task_fails_and_says_that_it_does_so_on_purpose(demo):
    program = [sys.executable, "work/fail.py"]
    done = subprocess.run(program, cwd=demo, capture_output=True, text=True, check=False)

    assert (3, True) == (done.returncode, "fails on purpose" in done.stdout.splitlines()[-1])


def test_nothing_is_made_where_something_is(demo):
    with pytest.raises(RefusedError, match=r"would make .*calculator, but that exists"):
        make_repository(demo.parent)


def test_a_folder_that_cannot_be_written_is_reported(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(RepositoryError, match=r"cannot be made in .*Not a directory; name another folder"):
        make_repository(tmp_path / "file")
