"""Configuration files are read as git reads them, and show on which folder git would act."""

from __future__ import annotations

import random
import subprocess

import pytest

from porch_tui.git.configuration import find_misleading_setting, is_true, read_settings

TRICKY = r"""
[core]
	bare = false
	Bare=true ; and a comment
	worktree = "/a place/with # no comment" # but this is
	hooksPath = a\
b   c	
	empty =
	alone
	quoted = x " y " z
	escapes = "a\"b\\c\td"
[user] name = Ada \"the\" First
[remote "or\"ig\\in.X"]
	URL = https://example.org/;x
# [core] bare = true
[extensions]worktreeConfig = yes
[old.Style]
	key = 1
"""


def by_git(repo, file):
    """What git reads of the file."""
    listed = repo.git("config", "--file", file, "--list", "-z", fails=True).rstrip("\0").split("\0")
    settings = {}
    for record in listed:
        key, has_value, value = record.partition("\n")
        settings.setdefault(key, []).append(value if has_value else "true")
    return {key: tuple(values) for key, values in settings.items() if key}


def test_settings_are_read_as_git_reads_them(repo, tmp_path):
    file = tmp_path / "config"
    file.write_text(TRICKY)

    assert by_git(repo, file) == read_settings(file)


def test_settings_written_by_git_are_read(repo, tmp_path):
    file, letters, seed = tmp_path / "config", random.Random(20), 20
    for number in range(40):
        value = "".join(letters.choices(' ab"\\#;\t=[]\n', k=letters.randrange(12)))
        repo.git(
            "config", "--file", file, f"part.{value.strip() or 'x'}.key{number}".replace("\n", ""), value
        )

    assert by_git(repo, file) == read_settings(file), seed


@pytest.mark.parametrize("word", ["true", "yes", "on", "1", "-1", "TRUE", "false", "no", "off", "0", ""])
def test_booleans_are_read_as_git_reads_them(repo, word):
    repo.git("config", "test.key", word)

    assert is_true(word) == (repo.git("config", "--type=bool", "test.key") == "true")


def test_no_file_has_no_settings(tmp_path):
    assert {} == read_settings(tmp_path / "config")


SETTINGS = [
    {},
    {"core.bare": "true"},
    {"core.worktree": "{root}"},
    {"core.worktree": "{linked}"},
    {"core.worktree": "/nowhere"},
    {"core.worktree": ".."},
    {"core.bare": "true", "extensions.worktreeConfig": "true"},
    {"core.worktree": "{root}", "extensions.worktreeConfig": "true"},
    {"core.worktree": "{linked}", "extensions.worktreeConfig": "true"},
    {"core.worktree": "..", "extensions.worktreeConfig": "on"},
]


@pytest.mark.parametrize("own", [{}, {"core.bare": "false"}, {"core.worktree": "{linked}"}], ids=str)
@pytest.mark.parametrize("shared", SETTINGS, ids=str)
def test_a_misleading_setting_is_found_exactly_when_git_acts_on_another_folder(repo, tmp_path, shared, own):
    linked = tmp_path / "place" / "linked"
    repo.git("worktree", "add", "-q", "--detach", linked)
    repository = repo.opened()
    trees = [repository.main, repository.at(linked)]
    names = {"root": repo.root, "linked": linked}
    for file, settings in (
        (repo.root / ".git" / "config", shared),
        (trees[1].git_dir / "config.worktree", own),
    ):
        for key, value in settings.items():
            repo.git("config", "--file", file, key, value.format(**names))

    for tree in trees:
        acts_on = repo.git("rev-parse", "--show-toplevel", at=tree.path, fails=True)
        assert (acts_on == str(tree.path)) == (
            find_misleading_setting(tree, repository.common_dir) is None
        ), tree


def test_a_file_is_read_again_once_it_has_changed(repo):
    file = repo.root / ".git" / "config"
    seen = []
    for word in ("true", "false", "true"):
        repo.git("config", "--file", file, "core.bare", word)
        seen.append(read_settings(file)["core.bare"])

    assert [("true",), ("false",), ("true",)] == seen


def test_the_advice_fixes_a_setting_that_occurs_twice(repo):
    file = repo.root / ".git" / "config"
    repo.git("config", "--file", file, "--add", "core.bare", "true")
    repo.git("config", "--file", file, "--add", "core.bare", "true")
    repository = repo.opened()
    wrong = find_misleading_setting(repository.main, repository.common_dir)

    advice = wrong.message(repo.root)
    subprocess.run(advice[advice.index("git config") :], shell=True, cwd="/", check=True)

    assert None is find_misleading_setting(repository.main, repository.common_dir)
