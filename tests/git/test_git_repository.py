"""Finding the repository, from wherever porch is started, or saying why not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import porch_tui
from porch_tui.errors import RepositoryError
from porch_tui.git.repository import Repository, discover, git_version


def test_it_is_found_from_a_folder_and_a_file_inside(repo):
    expected = Repository(repo.root, repo.root / ".git", "app")

    assert expected == discover(repo.root) == discover(repo.root / "sub") == discover(repo.root / "sub" / "h")


def test_a_linked_worktree_leads_to_the_main_one(repo, tmp_path):
    repo.git("worktree", "add", "-q", "-b", "x", tmp_path / "linked")

    assert repo.root == discover(tmp_path / "linked").root


def test_the_git_directory_leads_to_the_main_worktree(repo):
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

    assert Repository(empty.root, tmp_path / "store.git", "app") == discover(empty.root)


def test_a_leaked_git_dir_is_not_followed(repo, tmp_path, monkeypatch):
    other = type(repo)(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))

    assert repo.root == discover(repo.root).root


def test_no_repository_is_refused(tmp_path):
    with pytest.raises(RepositoryError, match="is in none"):
        discover(tmp_path)


def test_a_bare_repository_is_refused(repo, tmp_path):
    repo.git("clone", "-q", "--bare", repo.root, tmp_path / "bare.git")

    with pytest.raises(RepositoryError, match="bare"):
        discover(tmp_path / "bare.git")


def test_a_repository_without_a_commit_is_refused(empty):
    with pytest.raises(RepositoryError, match="first commit"):
        discover(empty.root)


def test_a_repository_of_somebody_else_is_told_as_such(repo, monkeypatch):
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


def test_reading_does_not_import_gitpython():
    """It takes a tenth of a second that `porch status` does not have."""
    rooms = "repository, preflight, layout, landing, candidates, checkout, collecting, refs, worktrees"
    program = f"from porch_tui.git import {rooms}; import sys; sys.exit('git' in sys.modules)"
    found = os.environ | {"PYTHONPATH": str(Path(porch_tui.__file__).parents[1])}

    assert 0 == subprocess.run([sys.executable, "-c", program], check=False, env=found).returncode
