"""A repository as a run saw it, and whether it can be written."""

from __future__ import annotations

import os

import pytest

from porch_tui.errors import RepositoryError
from porch_tui.git.discovery import discover
from porch_tui.git.repository import git_version


@pytest.fixture
def linked(repo, tmp_path):
    """Two worktrees of a bare copy of the repository."""
    bare, folders = tmp_path / "app.git", [tmp_path / "one", tmp_path / "two"]
    repo.git("clone", "-q", "--bare", repo.root, bare)
    for folder in folders:
        repo.git("worktree", "add", "-q", "-b", folder.name, folder, at=bare)
    return folders


def test_a_run_in_another_worktree_of_a_bare_repository_is_found_there(linked):
    one, two = linked
    here = discover(one)

    there = here.of_run(str(two))

    assert (two, "two", here.common_dir, "two") == (
        there.root,
        there.name,
        there.common_dir,
        there.git_dir.name,
    )
    assert here == here.of_run(str(one))


def test_a_run_whose_worktree_is_gone_keeps_its_name(linked):
    here = discover(linked[0])

    there = here.of_run("/nowhere/old")

    assert (here.root, "old") == (there.root, there.name)


def test_a_repository_that_was_renamed_is_as_it_was_for_the_run(repo):
    there = repo.opened().of_run("/before/name")

    assert (repo.root, "name.porch") == (there.root, there.worktrees_dir.name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_repository_is_not_writable(repo):
    repo.git("config", "some.thing", "1")
    repository = repo.opened()
    repository.own_dir.mkdir(exist_ok=True)
    assert repository.is_writable

    (repository.common_dir / "objects").chmod(0o500)
    assert not repository.is_writable
    (repository.common_dir / "objects").chmod(0o700)


def test_a_git_that_says_no_version_is_reported(tmp_path, monkeypatch):
    (tmp_path / "git").write_text("#!/bin/sh\necho no idea\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    with pytest.raises(RepositoryError, match="contains no version"):
        git_version()
