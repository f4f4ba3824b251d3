"""`porch clean` and `porch undo` after somebody or something else was at work in the repository."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from project import Project

PLAN = """\
tasks:
  x: {run: 'echo x > x'}
  y: {run: 'echo y > y'}
"""


@pytest.fixture(scope="module")
def landed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a run of two tasks that have landed, and their worktrees."""
    project = Project(tmp_path_factory.mktemp("cleaned") / "place")
    project.plan(PLAN)
    project.porch("run", "--headless", "--parallel")
    return project.root.parent


@pytest.fixture
def landed(landed_once: Path) -> Project:
    """The same for each test: it lies where it lay, for worktrees know where their repository is."""
    kept = landed_once.with_name("kept")
    if not kept.exists():
        shutil.copytree(landed_once, kept, symlinks=True)
    shutil.rmtree(landed_once)
    shutil.copytree(kept, landed_once, symlinks=True)
    project = object.__new__(Project)
    project.root = landed_once / "app"
    return project


def test_what_another_tool_unlocked_is_cleaned_all_the_same(landed: Project):
    for task in ("x", "y"):
        landed.git("worktree", "unlock", f"{landed.root}-{task}")

    told = landed.porch("clean").stdout

    assert told.count("removed: worktree") == 2
    assert not Path(f"{landed.root}-x").exists()


def test_what_somebody_else_has_locked_stays_and_says_so(landed: Project):
    landed.git("worktree", "unlock", f"{landed.root}-x")
    landed.git("worktree", "lock", "--reason", "on a stick", f"{landed.root}-x")

    told = landed.porch("clean").stdout

    assert "it is locked: on a stick" in told
    assert "git worktree unlock" in told
    assert Path(f"{landed.root}-x").exists()
    assert not Path(f"{landed.root}-y").exists()


def test_a_folder_that_git_has_forgotten_stays_and_says_so(landed: Project):
    worktree = Path(f"{landed.root}-x")
    landed.git("worktree", "unlock", str(worktree))
    worktree.rename(f"{worktree}.away")
    landed.git("worktree", "prune")
    Path(f"{worktree}.away").rename(worktree)

    told = landed.porch("clean").stdout

    assert "no longer has a record of it" in told
    assert worktree.exists()


def test_a_branch_whose_reflog_was_expired_stays_and_says_so(landed: Project):
    landed.git("reflog", "expire", "--expire=now", "--all")
    landed.git("gc", "-q", "--prune=now")

    told = landed.porch("clean").stdout

    assert "its reflog is gone" in told
    assert "git branch -d feature/x" in told
    assert told.count("removed: worktree") == 2


def test_one_broken_worktree_keeps_no_other(landed: Project):
    Path(f"{landed.root}-x", ".git").unlink()
    Path(f"{landed.root}-x", "precious").write_text("p")

    told = landed.porch("clean").stdout

    assert Path(f"{landed.root}-x", "precious").exists()
    assert not Path(f"{landed.root}-y").exists()
    assert "kept: worktree ../app-x" in told


def test_of_a_worktree_behind_a_link_the_link_goes_and_nothing_stays_beside(landed: Project, tmp_path: Path):
    worktree, moved = Path(f"{landed.root}-x"), tmp_path / "moved"
    shutil.move(worktree, moved)
    worktree.symlink_to(moved)

    landed.porch("clean")

    assert (moved / "x").exists()
    assert not os.path.lexists(worktree)
    assert not list(landed.root.parent.glob(".porch-trash-*"))


def test_a_landing_that_is_undone_after_clean_has_its_branch_again_and_is_requeued(landed: Project):
    (last,) = landed.landed()[:1]
    landed.porch("clean")
    assert landed.git("branch", "--list", f"feature/{last}") == ""

    told = landed.porch("undo").stdout

    assert "its branch stays" in told
    assert landed.git("branch", "--list", f"feature/{last}") != ""
    landed.porch("requeue", last)
    landed.porch("resume", "--headless")
    assert landed.landed()[0] == last
    assert "removed: branch" in landed.porch("clean").stdout


def test_an_undo_is_told_as_one_although_the_branch_cannot_be_made_again(landed: Project):
    (last,) = landed.landed()[:1]
    before = landed.git("rev-parse", "main^")
    landed.porch("clean")
    landed.git("branch", f"feature/{last}/mine")  # git can have no feature/x beside it

    landed.porch("undo")

    assert (before, "rejected") == (landed.git("rev-parse", "main"), landed.outcomes()[last])
    (noticed,) = (one.text for one in landed.events(e.Noticed) if "is undone" in one.text)
    assert f"git branch feature/{last} " in noticed


def test_after_clean_shelve_the_way_back_is_unshelve(landed: Project):
    (last,) = landed.landed()[:1]
    Path(f"{landed.root}-{last}", "more").write_text("uncommitted\n")
    landed.porch("clean", "--shelve", landed.rundir.run)

    landed.porch("undo")

    (noticed,) = (one.text for one in landed.events(e.Noticed) if "shelve" in one.text)
    assert f"porch unshelve {last} --run {landed.rundir.run}" in noticed
    landed.porch("unshelve", last, "--run", landed.rundir.run)
    assert Path(f"{landed.root}-{last}", "more").exists()
    landed.porch("requeue", last)
    landed.porch("resume", "--headless")
    assert landed.landed()[0] == last
