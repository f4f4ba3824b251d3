"""The repository is found from wherever porch is started, or refused with a reason."""

from __future__ import annotations

import pytest

from porch_tui.errors import RepositoryError
from porch_tui.git.discovery import discover, remember_main
from porch_tui.git.repository import Repository, git_version
from porch_tui.git.worktree.preflight import check_repository


def test_it_is_found_from_a_folder_and_a_file_inside(repo):
    expected = Repository(repo.root, repo.root / ".git", repo.root / ".git", "app")

    assert expected == discover(repo.root) == discover(repo.root / "sub") == discover(repo.root / "sub" / "h")


def test_the_main_worktree_is_found_from_a_linked_one(repo, tmp_path):
    repo.git("worktree", "add", "-q", "-b", "x", tmp_path / "linked")

    assert repo.root == discover(tmp_path / "linked").root


def test_the_main_worktree_is_found_from_the_git_directory(repo):
    assert repo.root == discover(repo.root / ".git").root


def test_a_submodule_is_a_repository_of_its_own_also_from_its_linked_worktree(repo, tmp_path):
    inner = type(repo)(tmp_path / "inner")
    inner.commit({"x": "1"})
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner.root, "lib")
    repo.git("worktree", "add", "-q", "-b", "x", tmp_path / "linked", at=repo.root / "lib")

    assert repo.root / "lib" == discover(repo.root / "lib").root == discover(tmp_path / "linked").root


def test_a_separate_git_directory_is_found_from_its_worktree(empty, tmp_path):
    empty.git("init", "-q", "--separate-git-dir", tmp_path / "store.git")
    empty.commit({"x": "1"})

    store = tmp_path / "store.git"
    assert Repository(empty.root, store, store, "app") == discover(empty.root)


def test_a_leaked_git_dir_is_not_followed(repo, tmp_path, monkeypatch):
    other = type(repo)(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))

    assert repo.root == discover(repo.root).root


def test_no_repository_is_refused(tmp_path):
    with pytest.raises(RepositoryError, match="is not in one"):
        discover(tmp_path)


def test_a_bare_repository_is_refused(repo, tmp_path):
    repo.git("clone", "-q", "--bare", repo.root, tmp_path / "bare.git")

    with pytest.raises(RepositoryError, match="bare"):
        discover(tmp_path / "bare.git")


def test_a_repository_without_a_commit_is_refused(empty):
    with pytest.raises(RepositoryError, match="first commit"):
        discover(empty.root)


def test_another_users_repository_is_refused(repo, monkeypatch):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")

    with pytest.raises(RepositoryError, match=r"safe\.directory"):
        discover(repo.root)


def fake_git(tmp_path, monkeypatch, says):
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "git").write_text(f"#!/bin/sh\necho '{says}'\n")
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def test_an_old_git_is_refused(repo, tmp_path, monkeypatch):
    fake_git(tmp_path, monkeypatch, "git version 2.37.9 (Apple Git-1)")

    assert (2, 37, 9) == git_version()
    with pytest.raises(RepositoryError, match=r"2\.38.*2\.37\.9"):
        discover(repo.root)


def test_no_git_at_all_is_refused(repo, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(RepositoryError, match="Install git"):
        discover(repo.root)


def bare_layout(repo, tmp_path, *branches):
    """A bare clone with worktrees beside it, and a `.git` file above them that leads to it."""
    project = tmp_path / "project"
    repo.git("clone", "-q", "--bare", repo.root, project / ".bare")
    (project / ".git").write_text("gitdir: ./.bare\n")
    for branch in branches:
        repo.git("worktree", "add", "-q", "-B", branch, project / branch, at=project)
    return project


def test_the_worktree_of_a_bare_repository_in_which_porch_is_started_is_the_main_one(repo, tmp_path):
    project = bare_layout(repo, tmp_path, "main", "develop")

    assert project / "main" == discover(project / "main").root
    assert project / "develop" == discover(project / "develop" / "sub").root
    assert discover(project / "main").common_dir == discover(project / "develop").common_dir


def test_elsewhere_in_a_bare_repository_the_worktree_with_its_head_is_the_main_one(repo, tmp_path):
    project = bare_layout(repo, tmp_path, "main", "develop")

    assert project / "main" == discover(project).root == discover(project / ".bare").root


def test_a_bare_repository_with_several_worktrees_and_none_of_its_head_is_refused(repo, tmp_path):
    project = bare_layout(repo, tmp_path, "one", "two")

    with pytest.raises(RepositoryError, match=r"bare repository with 2 worktrees.*Start porch in the one"):
        discover(project)


def test_a_bare_repository_may_be_called_dot_git(repo, tmp_path):
    repo.git("clone", "-q", "--bare", repo.root, tmp_path / "project" / ".git")
    repo.git("worktree", "add", "-q", "main", "main", at=tmp_path / "project")

    assert tmp_path / "project" / "main" == discover(tmp_path / "project").root


@pytest.mark.parametrize(
    "key, value", [("core.bare", "true"), ("core.worktree", "/nowhere"), ("core.worktree", "x")]
)
def test_the_main_worktree_is_found_while_a_setting_leads_away_from_it(repo, tmp_path, key, value):
    repo.git("worktree", "add", "-q", "-b", "x", tmp_path / "linked")
    repo.git("config", key, value)

    assert repo.root == discover(repo.root).root == discover(tmp_path / "linked").root
    with pytest.raises(RepositoryError, match=f"{key} is {value}.*git config --file"):
        check_repository(discover(repo.root))


def test_a_git_directory_elsewhere_is_found_from_a_linked_worktree_once_a_run_began(repo, tmp_path):
    (repo.root / ".git").rename(tmp_path / "store.git")
    (repo.root / ".git").symlink_to(tmp_path / "store.git")
    repo.git("worktree", "add", "-q", "-b", "x", tmp_path / "linked")

    with pytest.raises(RepositoryError, match="Start porch there"):
        discover(tmp_path / "linked")
    remember_main(discover(repo.root))
    assert repo.root == discover(tmp_path / "linked").root


def test_a_moved_bare_repository_with_its_worktrees_gets_advice(repo, tmp_path):
    project = bare_layout(repo, tmp_path, "main").rename(tmp_path / "moved")

    with pytest.raises(RepositoryError, match=f"git worktree repair {project / 'main'}"):
        discover(project / "main")
    with pytest.raises(RepositoryError, match="worktree repair FOLDER"):
        discover(project)
    repo.git("worktree", "repair", "main", at=project)
    assert project / "main" == discover(project).root == discover(project / "main").root


def test_an_index_in_a_bare_repository_changes_nothing(repo, tmp_path):
    project = bare_layout(repo, tmp_path, "main")
    repo.git("--git-dir=.bare", "read-tree", "HEAD", at=project)
    assert (project / ".bare" / "index").exists()

    assert project / "main" == discover(project / "main").root
