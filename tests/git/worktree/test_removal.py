"""Removing a worktree loses nothing that may not be lost, and leaves nothing behind."""

from __future__ import annotations

import shutil
import signal

import pytest
from killing import in_child, kill_at

from porch_tui.errors import RefusedError, RepositoryError
from porch_tui.git.discovery import discover
from porch_tui.git.working_tree import NotItsFolderError
from porch_tui.git.worktree import removal
from porch_tui.git.worktree.creation import ensure
from porch_tui.git.worktree.removal import remove, uncommitted_paths
from porch_tui.git.worktree_list import list_worktrees


@pytest.fixture
def there(tmp_path):
    return tmp_path / "place" / "app-auth"


def made(repo, there):
    ensure(repo.opened(), there, "feature/auth", repo.tip(), "porch run/auth")


def test_removing_takes_it_away_at_once_and_keeps_the_branch(repo, there):
    made(repo, there)
    remove(repo.opened(), there)

    assert not there.exists()
    assert 1 == len(list_worktrees(repo.opened()))
    removal.empty_trash(repo.opened())
    assert [repo.root] == list(there.parent.iterdir())
    assert [] == list((repo.root / ".git/porch/trash").iterdir())
    repo.git("branch", "-D", "feature/auth")


def test_work_that_may_not_be_lost_stops_a_removal(repo, there):
    made(repo, there)
    repo.write("f", "dirty\n", at=there)
    repo.write("new", "untracked\n", at=there)
    losing = uncommitted_paths(repo.opened().at(there))
    repo.write("later", "came after the question\n", at=there)

    assert ("f", "new") == losing
    with pytest.raises(RefusedError, match="later"):
        remove(repo.opened(), there, losing=losing)
    remove(repo.opened(), there, losing=uncommitted_paths(repo.opened().at(there)))
    assert not there.exists()


def test_removing_a_missing_worktree_is_fine(repo, there):
    made(repo, there)
    remove(repo.opened(), there)

    remove(repo.opened(), there)


def test_read_only_folders_are_emptied_too(repo, there):
    made(repo, there)
    repo.write("build/pkg/mod/x", "cache\n", at=there)
    (there / "build/pkg/mod").chmod(0o500)
    (there / "build/pkg").chmod(0o500)
    remove(repo.opened(), there)
    removal.empty_trash(repo.opened())

    assert [repo.root] == list(there.parent.iterdir())


@pytest.mark.slow
def test_a_removal_killed_at_any_step_is_finished_by_the_next(repo, there):
    repository, steps, code = repo.opened(), 0, -signal.SIGKILL
    while code == -signal.SIGKILL:
        ensure(repository, there, f"feature/t{steps}", repo.tip(), "porch run/auth")

        def take_away() -> None:
            remove(repository, there)
            removal.empty_trash(repository)

        code = in_child(lambda step=steps: (kill_at(step), take_away()))
        repo.git("log", "--all", "-1")
        take_away()
        assert [repo.root] == list(there.parent.iterdir())
        assert 1 == len(list_worktrees(repository))
        assert [] == list((repo.root / ".git/porch/trash").iterdir())
        steps += 1

    assert (0, True) == (code, steps > 8)


def test_a_worktree_that_git_does_not_need_is_discarded_if_it_is_on_record(repo, there):
    removal.discard(repo.opened(), there)
    made(repo, there)
    removal.discard(repo.opened(), there)

    assert (False, 1) == (there.exists(), len(list_worktrees(repo.opened())))


def test_the_worktrees_of_a_copied_repository_belong_to_the_original(repo, there, tmp_path):
    made(repo, there)
    shutil.copytree(repo.root, tmp_path / "copy", symlinks=True)
    copy = discover(tmp_path / "copy")

    with pytest.raises(
        NotItsFolderError, match=r"If this repository is a copy of that one: rm -r .*copy/\.git"
    ):
        removal.refuse_foreign(copy, there)
    removal.refuse_foreign(repo.opened(), there)
    assert there.exists()


def test_a_person_who_removes_what_porch_made_not_is_sent_to_git(repo, there):
    repo.git("worktree", "add", "-q", "--detach", there)

    with pytest.raises(RepositoryError, match="but did not make it"):
        remove(repo.opened(), there)
    assert there.exists()


def test_of_a_link_only_the_link_is_deleted(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "x").touch()
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    removal.delete_folder(tmp_path / "link")
    removal.delete_folder(tmp_path / "missing")

    assert ["kept"] == [path.name for path in tmp_path.iterdir() if path.name != "home"]
    assert (tmp_path / "kept" / "x").exists()
