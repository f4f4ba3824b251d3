"""How many git processes the steps between a task's end and its landing take; each costs time."""

from __future__ import annotations

from porch_tui.git.landing.landing import land
from porch_tui.git.landing.transaction import Landed
from porch_tui.git.merge.prediction import task_commit_now
from porch_tui.git.objects import tree_of
from porch_tui.git.worktree.creation import ensure
from porch_tui.git.worktree.task_result import commit_leftovers


def test_a_step_takes_no_more_git_processes_than_it_needs(repo, old, new, tmp_path, git_starts):
    repository, there = repo.opened(), tmp_path / "place" / "app-auth"
    ensure(repository, there, "feature/auth", old, "porch run/auth")
    tree_of(repository.git, old)
    git_starts()

    assert task_commit_now(repository, there, tmp_path / "objects") == old
    assert git_starts() == 1  # status
    repo.write("mine", "new\n", at=there)
    tree = repository.at(there)
    result = commit_leftovers(tree, "feature/auth", "Mine\n", base=old, keep="refs/porch/run/head/auth.1")
    assert result.is_kept
    assert git_starts() == 5  # status, add, write-tree, commit-tree, update-ref
    ref, verified = "refs/porch/run/landed/1", {"feature/auth": result.head}
    landing = land(repository, "main", old=old, new=new, verify=verified, landed_ref=ref, message="land")
    assert landing == Landed("main", new)
    assert git_starts() == 4  # update-ref, diff-tree, status, read-tree
