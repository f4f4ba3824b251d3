"""Worktrees from the pool are as good as new, and never half moved."""

from __future__ import annotations

import signal

import pytest
from killing import in_child, kill_at

from porch_tui.git.worktree import pool, removal
from porch_tui.git.worktree.creation import ensure, ensure_detached
from porch_tui.git.worktree_list import find_worktree, list_worktrees, worktrees_lock

KEEP = ("node_modules",)


@pytest.fixture
def there(repo, tmp_path):
    place = tmp_path / "place" / "app-auth"
    ensure(repo.opened(), place, "feature/auth", repo.tip(), "porch run/auth")
    return place


@pytest.fixture
def again(tmp_path):
    return tmp_path / "place" / "app-again"


def given(repo, there, size=4) -> bool:
    with worktrees_lock(repo.opened()):
        return pool.give(repo.opened(), there, size, KEEP)


def taken(repo, place, base, name="again"):
    ensure(repo.opened(), place, f"feature/{name}", base, f"porch run/{name}", pool_keep=KEEP)


def test_it_is_reused_at_another_commit_as_good_as_new(repo, there, again):
    repo.write(".git/info/exclude", "node_modules\n")
    base = repo.made(repo.tip(), {"f": "two\n", "g": None, "new/x": "x\n"})
    repo.write("cache", "of auth\n", at=there)
    repo.write("node_modules/m", "module\n", at=there)
    inode = (there / "sub").stat().st_ino

    assert given(repo, there)
    assert (1, False) == (len(pool.members(repo.opened())), there.exists())
    taken(repo, again, base)

    assert (base, "feature/again") == (
        repo.git("rev-parse", "HEAD", at=again),
        repo.git("branch", "--show-current", at=again),
    )
    assert "!! node_modules/" == repo.git("status", "--porcelain", "--ignored", at=again)
    assert ("two\n", "x\n", inode) == (
        (again / "f").read_text(),
        (again / "new/x").read_text(),
        (again / "sub").stat().st_ino,
    )
    assert "porch run/again" == find_worktree(repo.opened(), again).lock_reason
    assert [] == pool.members(repo.opened())


def test_a_validation_may_use_the_pool_and_without_asking_it_is_not_used(repo, there, again, tmp_path):
    given(repo, there)
    ensure(repo.opened(), tmp_path / "place/new", "feature/new", repo.tip(), "porch run/new")
    assert 1 == len(pool.members(repo.opened()))

    ensure_detached(repo.opened(), again, repo.tip(), "porch run validation", pool_keep=KEEP)
    assert [] == pool.members(repo.opened())
    assert "" == repo.git("status", "--porcelain", at=again)


def test_the_task_whose_worktree_was_pooled_gets_a_new_one(repo, there, again):
    given(repo, there)
    taken(repo, again, repo.tip())
    repo.git("branch", "-D", "feature/auth")
    taken(repo, there, repo.tip(), "auth")

    assert 3 == len(list_worktrees(repo.opened()))
    assert "feature/auth" == repo.git("branch", "--show-current", at=there)


@pytest.mark.parametrize(
    "oddity", ["edit", "untracked", "merge", "assume-unchanged", "skip-worktree", "bisect"]
)
def test_an_unusual_worktree_is_not_put_into_the_pool(repo, there, oddity):
    match oddity:
        case "edit":
            repo.write("f", "mine\n", at=there)
        case "untracked":
            repo.write("mine", "mine\n", at=there)
        case "merge":
            repo.branch("side", repo.made(repo.tip(), {"new": "side\n"}))
            repo.git("merge", "--no-ff", "--no-commit", "side", at=there)
        case "bisect":
            repo.git("bisect", "start", at=there)
        case flag:
            repo.git("update-index", f"--{flag}", "f", at=there)
            repo.write("f", "hidden\n", at=there)
    before = repo.picture(there)

    assert not given(repo, there)
    assert before == repo.picture(there)


def test_the_pool_has_the_requested_size(repo, there, tmp_path):
    second = tmp_path / "place" / "second"
    ensure(repo.opened(), second, "feature/second", repo.tip(), "porch run/second")

    assert (True, False) == (given(repo, there, size=1), given(repo, second, size=1))
    with worktrees_lock(repo.opened()):
        assert 0 == pool.trim(repo.opened(), 0)
    removal.empty_trash(repo.opened())
    assert [] == list(pool.pool_folder(repo.opened()).iterdir())


@pytest.mark.parametrize("stride", [4, pytest.param(1, marks=pytest.mark.slow)])
def test_a_move_killed_at_any_step_leaves_nothing_half_moved(repo, tmp_path, stride):
    """Whatever state it was left in, the next task gets a complete worktree, and nothing else stays."""
    repository, base = repo.opened(), repo.made(repo.tip(), {"f": "two\n"})
    place, steps, code = tmp_path / "place", 0, -signal.SIGKILL
    while code == -signal.SIGKILL:
        old, new = place / f"old{steps}", place / f"new{steps}"
        ensure(repository, old, f"feature/old{steps}", repo.tip(), f"porch run/old{steps}")

        def reuse(old=old, new=new, name=f"new{steps}") -> None:
            given(repo, old)
            taken(repo, new, base, name)

        code = in_child(lambda step=steps, reuse=reuse: (kill_at(step), reuse()))
        repo.git("log", "--all", "-1")
        taken(repo, new, base, f"new{steps}")
        assert (base, "", "two\n") == (
            repo.git("rev-parse", "HEAD", at=new),
            repo.git("status", "--porcelain", "--ignored", at=new),
            (new / "f").read_text(),
        )
        steps += stride

    with worktrees_lock(repository):
        pool.sweep(repository)
        pool.trim(repository, 0)
    removal.empty_trash(repository)
    assert [] == list(pool.pool_folder(repository).iterdir())
    assert (0, True) == (code, steps > 20)
    assert {f"feature/new{n}" for n in range(0, steps, stride)} <= {
        one.branch for one in list_worktrees(repository)
    }
