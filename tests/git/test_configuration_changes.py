"""A change of a guarded setting is described, and the advice takes it back."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from porch_tui.git.configuration import changes, files, guarded


@pytest.fixture
def changed(repo):
    """Return a function that configures something, and returns what is reported about it."""

    def change(*words):
        common_dir = repo.opened().common_dir
        before = guarded(common_dir)
        repo.git("config", *words)
        return changes(common_dir, before, guarded(common_dir))

    return change


def is_undone(repo, change):
    before = (change.file.read_text(), guarded(change.common_dir))
    subprocess.run(change.undo, shell=True, cwd="/", check=True)
    return before[1] != guarded(change.common_dir)


def test_a_setting_that_came_is_named_and_taken_out_again(repo, changed):
    (change,) = changed("core.hooksPath", "elsewhere")

    assert f"core.hookspath was set to 'elsewhere' in {repo.root}/.git/config" == change.message
    assert is_undone(repo, change)
    assert "" == repo.git("config", "core.hooksPath", fails=True)


def test_a_setting_that_went_comes_back_with_all_its_values(repo, changed):
    for value in ("A", "B", "C d"):
        repo.git("config", "--add", "user.nickname", value)

    (change,) = changed("--unset-all", "user.nickname")

    assert change.message.endswith(f"{repo.root}/.git/config, where it was 'A', 'B', 'C d'")
    assert is_undone(repo, change)
    assert ["A", "B", "C d"] == repo.git("config", "--get-all", "user.nickname").splitlines()


def test_a_setting_that_changed_is_set_back(repo, changed):
    (change,) = changed("user.email", "mallory@example.com")

    assert f"was changed from '{change.before[0]}' to 'mallory@example.com'" in change.message
    assert is_undone(repo, change)
    assert change.before[0] == repo.git("config", "user.email")


@pytest.mark.parametrize(
    "key, value, is_refused",
    [
        ("extensions.worktreeConfig", "true", False),
        ("extensions.objectFormat", "sha1", True),
        ("core.repositoryFormatVersion", "1", False),
        ("core.repositoryFormatVersion", "7", True),
        ("core.bare", "true", False),
    ],
)
def test_only_some_settings_make_git_refuse_everything(repo, key, value, is_refused):
    common_dir = repo.opened().common_dir
    before = guarded(common_dir)
    repo.git("config", "--file", common_dir / "config", key, value)

    (change,) = changes(common_dir, before, guarded(common_dir))

    assert is_refused == change.is_refused


def test_settings_that_change_nothing_for_others_are_not_reported(changed):
    assert () == changed("alias.x", "log")


def test_of_a_persons_own_files_only_what_counts_everywhere_is_guarded(repo, monkeypatch, tmp_path: Path):
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text("[core]\n\tbare = true\n\thooksPath = x\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")

    assert ("config", "config.worktree", f"{home}/.gitconfig") == files()
    assert {"core.hookspath": ("x",)} == guarded(repo.opened().common_dir)[f"{home}/.gitconfig"]
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", f"{tmp_path}/mine")
    assert ("config", "config.worktree", f"{tmp_path}/mine") == files()
