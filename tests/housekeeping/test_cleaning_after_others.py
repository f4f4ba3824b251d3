"""`porch clean` and `porch undo` after someone else, or another tool, has changed the repository."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from in_process import porch

from porch_tui.core.model import events as e
from project import Project
from tests.at_rest import at_rest

pytestmark = pytest.mark.slow

PLAN = """\
tasks:
  x: {run: 'echo x > x'}
  y: {run: 'echo y > y'}
"""


@pytest.fixture
def landed() -> Project:
    """A run of two tasks that have landed, and their worktrees."""
    return at_rest(run_two_tasks)


def run_two_tasks(project: Project) -> None:
    """Have both tasks land."""
    project.plan(PLAN)
    project.porch("run", "--headless", "--parallel")


def test_a_worktree_that_another_tool_unlocked_is_removed(landed: Project):
    for task in ("x", "y"):
        landed.git("worktree", "unlock", f"{landed.root}-{task}")

    cleaned = porch(landed, "clean").out

    assert cleaned.count("removed: worktree") == 2
    assert not Path(f"{landed.root}-x").exists()


def test_a_worktree_that_someone_else_locked_stays_with_the_reason(landed: Project):
    landed.git("worktree", "unlock", f"{landed.root}-x")
    landed.git("worktree", "lock", "--reason", "on a stick", f"{landed.root}-x")

    cleaned = porch(landed, "clean").out

    assert "it is locked: on a stick" in cleaned
    assert "git worktree unlock" in cleaned
    assert Path(f"{landed.root}-x").exists()
    assert not Path(f"{landed.root}-y").exists()


def test_a_worktree_without_a_record_in_git_stays_with_the_reason(landed: Project):
    worktree = Path(f"{landed.root}-x")
    landed.git("worktree", "unlock", str(worktree))
    worktree.rename(f"{worktree}.away")
    landed.git("worktree", "prune")
    Path(f"{worktree}.away").rename(worktree)

    cleaned = porch(landed, "clean").out

    assert "no longer has a record of it" in cleaned
    assert worktree.exists()


def test_a_branch_without_a_reflog_stays_with_the_reason(landed: Project):
    landed.git("reflog", "expire", "--expire=now", "--all")
    landed.git("gc", "-q", "--prune=now")

    cleaned = porch(landed, "clean").out

    assert "its reflog is gone" in cleaned
    assert "git branch -d feature/x" in cleaned
    assert cleaned.count("removed: worktree") == 2


def test_a_broken_worktree_does_not_keep_the_others(landed: Project):
    Path(f"{landed.root}-x", ".git").unlink()
    Path(f"{landed.root}-x", "precious").write_text("p")

    cleaned = porch(landed, "clean").out

    assert Path(f"{landed.root}-x", "precious").exists()
    assert not Path(f"{landed.root}-y").exists()
    assert "kept: worktree ../app-x" in cleaned


def test_of_a_worktree_behind_a_link_only_the_link_is_removed(landed: Project, tmp_path: Path):
    worktree, moved = Path(f"{landed.root}-x"), tmp_path / "moved"
    shutil.move(worktree, moved)
    worktree.symlink_to(moved)

    porch(landed, "clean")

    assert (moved / "x").exists()
    assert not os.path.lexists(worktree)
    assert not list(landed.root.parent.glob(".porch-trash-*"))


def test_undo_after_clean_restores_the_branch_for_a_requeue(landed: Project):
    (last,) = landed.landed()[:1]
    porch(landed, "clean")
    assert landed.git("branch", "--list", f"feature/{last}") == ""

    undone = landed.porch("undo").stdout

    assert "its branch stays" in undone
    assert landed.git("branch", "--list", f"feature/{last}") != ""
    landed.porch("requeue", last)
    landed.porch("resume", "--headless")
    assert landed.landed()[0] == last
    assert "removed: branch" in porch(landed, "clean").out


def test_undo_reports_a_branch_that_cannot_be_restored(landed: Project):
    (last,) = landed.landed()[:1]
    before = landed.git("rev-parse", "main^")
    porch(landed, "clean")
    landed.git("branch", f"feature/{last}/mine")  # git can have no feature/x beside it

    landed.porch("undo")

    assert (before, "undone") == (landed.git("rev-parse", "main"), landed.outcomes()[last])
    (noticed,) = (one.text for one in landed.events(e.Noticed) if "is undone" in one.text)
    assert f"git branch feature/{last} " in noticed


def test_undo_after_shelving_names_unshelve(landed: Project):
    (last,) = landed.landed()[:1]
    Path(f"{landed.root}-{last}", "more").write_text("uncommitted\n")
    porch(landed, "clean", "--shelve", landed.rundir.run)

    landed.porch("undo")

    (noticed,) = (one.text for one in landed.events(e.Noticed) if "shelve" in one.text)
    assert f"porch unshelve {last} --run {landed.rundir.run}" in noticed
    porch(landed, "unshelve", last, "--run", landed.rundir.run)
    assert Path(f"{landed.root}-{last}", "more").exists()
    landed.porch("requeue", last)
    landed.porch("resume", "--headless")
    assert landed.landed()[0] == last
