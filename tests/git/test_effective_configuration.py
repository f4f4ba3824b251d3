"""What git is configured to do, asked once."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.git.configuration import effective
from porch_tui.git.discovery import discover
from porch_tui.git.merge.commits import wants_signatures
from porch_tui.git.objects import auto_gc


@pytest.fixture
def home(monkeypatch, tmp_path: Path) -> Path:
    monkeypatch.delenv("GIT_CONFIG_GLOBAL", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".gitconfig").write_text(
        "[user]\n\tname = A\n\temail = a@example.com\n[include]\n\tpath = included\n"
    )
    return tmp_path / "home"


def test_unchanged_configuration_is_asked_for_once(repo, git_starts):
    repository = discover(repo.root)
    effective(repository)
    git_starts()

    assert not wants_signatures(repository)
    effective(repository)
    assert git_starts() == 0


def test_a_change_in_any_file_that_git_reads_is_seen(repo, home):
    repository = discover(repo.root)
    assert not wants_signatures(repository)

    (home / "included").write_text("[commit]\n\tgpgSign\n")
    assert not wants_signatures(repository)  # git did not read that file, which was missing
    repo.git("config", "some.thing", "1")
    assert wants_signatures(repository)
    (home / "included").write_text("[commit]\n\tgpgSign = no\n")
    assert not wants_signatures(repository)
    repo.git("config", "commit.gpgSign", "1k")
    assert wants_signatures(repository)
    repo.git("config", "--unset", "commit.gpgSign")
    assert not wants_signatures(repository)


def test_a_configuration_that_is_a_link_to_a_file_elsewhere_is_followed(repo, home, tmp_path: Path):
    (home / ".gitconfig").rename(tmp_path / "kept")
    (home / ".gitconfig").symlink_to(tmp_path / "kept")
    repository = discover(repo.root)
    assert not wants_signatures(repository)

    with (tmp_path / "kept").open("a") as file:
        file.write("[commit]\n\tgpgSign = true\n")
    assert wants_signatures(repository)


def test_command_line_settings_count_but_are_kept_apart(repo, monkeypatch):
    repo.git("config", "gc.auto", "1k")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "gc.auto")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "0")

    settings = effective(discover(repo.root))

    assert (settings.values()["gc.auto"], settings.values(is_from_files=True)["gc.auto"]) == ("0", "1k")
    auto_gc(discover(repo.root))


def test_values_are_read_as_written(repo):
    repo.git("config", "merge.Two Words.driver", "first\nsecond = %A")

    assert effective(discover(repo.root)).values()["merge.Two Words.driver"] == "first\nsecond = %A"
