"""`porch clean --shelve` shelves unlanded work, and `porch unshelve` restores it byte for byte."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from in_process import porch

from project import Project
from tests.at_rest import at_rest

PLAN = """\
copy: [copied.env]
tasks:
  landed: {run: 'echo > landed'}
  messy:
    run: |
      echo committed > c; git add c; git commit -qm mine; echo more >> c
      echo staged > s; git add s; echo more >> s; rm gone; chmod +x README.md
      printf 'a\\r\\nb\\r\\n' > crlf.txt; echo secret > private; chmod 600 private; ln -s private link
      mkdir -p build/deep __pycache__ new/dir; echo > build/deep/o; echo > __pycache__/a.pyc; echo > new/dir/f
      echo log > my.log; echo filled > copied.env; printf x > "$(printf 'odd \\351\\nname')"
      git init -q nested; git -C nested -c user.name=x -c user.email=y commit -q --allow-empty -m x
      echo dirty > nested/n
      exit 3
  clash1: {run: 'echo 1 > same'}
  clash2: {run: 'until git -C ../app show main:same >/dev/null 2>&1; do sleep 0.1; done; echo 2 > same'}
"""


@pytest.fixture
def failed() -> Project:
    """A run at rest that has left work of every kind."""
    return at_rest(run_of_every_kind)


def run_of_every_kind(project: Project) -> None:
    """Leave work of every kind."""
    ignored = "*.env\n*.log\n__pycache__/\nbuild/\n"
    project.commit({".gitignore": ignored, ".gitattributes": "* text=auto\n", "gone": "here\n"})
    project.write("copied.env", "empty\n")
    project.plan(PLAN)
    project.porch("run", "--headless", expect=1)


def picture(worktree: Path) -> dict[str, tuple[int, bytes]]:
    """Return mode and bytes of everything in a worktree, except its own `.git` and caches."""
    found = {}
    for path in worktree.rglob("*"):
        name = os.fsdecode(path.relative_to(worktree))
        if name != ".git" and "__pycache__" not in name and (path.is_symlink() or not path.is_dir()):
            content = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
            found[name] = (path.lstat().st_mode, content)
    return found


def git_state(project: Project, worktree: Path) -> tuple[str, str, str]:
    """Return what git says about a worktree."""
    status = project.git("status", "--porcelain", cwd=worktree)
    return (
        status,
        project.git("rev-parse", "HEAD", cwd=worktree),
        project.git("diff", "--cached", cwd=worktree),
    )


@pytest.mark.slow
def test_shelved_work_is_restored_as_it_was(failed: Project):
    worktree, run = failed.root.parent / "app-messy", failed.rundir.run
    before = picture(worktree), git_state(failed, worktree), failed.git("rev-parse", "feature/messy")

    result = porch(failed, "clean", "--shelve", run)
    assert [failed.root] == list(failed.root.parent.iterdir())
    assert "feature/" not in failed.git("for-each-ref", "refs/heads")
    assert f"    porch unshelve messy --run {run}\n" in result.out
    failed.git("gc", "-q", "--prune=now")
    failed.git("reflog", "expire", "--expire=now", "--all")

    assert 0 == porch(failed, "unshelve", "messy", "--run", run).code
    assert before == (
        picture(worktree),
        git_state(failed, worktree),
        failed.git("rev-parse", "feature/messy"),
    )
    assert "/messy/shelved" not in failed.git("for-each-ref")
    assert not (failed.rundir.shelved / "messy" / "shelved").exists()


@pytest.mark.slow
def test_the_plan_can_run_again_and_the_work_is_restored_beside_it(failed: Project):
    first = failed.rundir.run
    before = picture(failed.root.parent / "app-messy")
    refused = failed.porch("run", "--headless", expect=3)
    assert f"porch clean --shelve {first} makes room" in refused.stderr

    failed.porch("clean", "--shelve", first)
    failed.porch("run", "--headless", expect=1)
    result = porch(failed, "unshelve", "messy", "clash2", "--run", first)

    assert f"restored messy in ../app-messy-{first}, on branch left/{first}/messy" in result.out
    assert before == picture(failed.root.parent / f"app-messy-{first}")
    assert "2" == failed.git("show", f"left/{first}/clash2:same")
    assert {"app-messy", f"app-messy-{first}"} <= {path.name for path in failed.root.parent.iterdir()}


@pytest.mark.slow
def test_a_task_can_be_retried_in_a_restored_worktree(failed: Project):
    run = failed.rundir.run
    porch(failed, "clean", "--shelve", run)
    porch(failed, "unshelve", "clash2", "--run", run)

    assert 0 == porch(failed, "retry", "clash2").code
    failed.porch("resume", "--headless", expect=1)

    assert "landed" == failed.outcomes()["clash2"]


def test_a_dry_run_says_what_would_be_shelved_and_changes_nothing(failed: Project):
    before = failed.git("for-each-ref"), sorted(failed.root.parent.rglob("*"))

    result = porch(failed, "clean", "--shelve", "--dry-run", failed.rundir.run)

    assert "would shelve: worktree ../app-messy" in result.out
    assert before == (failed.git("for-each-ref"), sorted(failed.root.parent.rglob("*")))


def test_a_worktree_with_a_merge_in_progress_is_not_shelved(failed: Project):
    worktree = failed.root.parent / "app-clash2"
    failed.git("merge", "--no-commit", "-s", "ours", "main", cwd=worktree)

    result = porch(failed, "clean", "--shelve", failed.rundir.run)

    assert "kept: worktree ../app-clash2" in result.out
    assert "a merge is under way" in result.out
    assert worktree.exists()


def test_the_branch_of_a_worktree_that_was_deleted_by_hand_is_shelved(failed: Project):
    shutil.rmtree(failed.root.parent / "app-clash2")
    run, head = failed.rundir.run, failed.git("rev-parse", "feature/clash2")

    porch(failed, "clean", "--shelve", run)
    porch(failed, "unshelve", "clash2", "--run", run)

    assert head == failed.git("rev-parse", "feature/clash2")
    assert "2\n" == (failed.root.parent / "app-clash2" / "same").read_text()


def test_clean_names_the_command_that_shelves_what_stays(failed: Project):
    result = porch(failed, "clean")

    assert f"porch clean --shelve {failed.rundir.run} shelves it" in result.err


def test_shelving_needs_a_run_and_unshelving_a_shelved_task(failed: Project):
    everything = porch(failed, "clean", "--shelve")
    unknown = porch(failed, "unshelve", "messy")

    assert (2, 2) == (everything.code, unknown.code)
    assert "needs the runs" in everything.err
    assert "nothing of messy is shelved" in unknown.err
