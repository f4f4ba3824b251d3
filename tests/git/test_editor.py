"""The person's editor is the one that git would open, in the folder of the files."""

from __future__ import annotations

import pytest

from porch_tui.errors import RepositoryError
from porch_tui.git.editor import edit, edit_anywhere


@pytest.fixture
def editor(repo, tmp_path, monkeypatch):
    """Make a program the editor, which writes down where it runs and what it is given."""

    def install(name, code=0):
        program = repo.write(name, f'#!/bin/sh\nprintf "%s\\n" "$PWD" "$@" > {tmp_path}/given\nexit {code}\n')
        program.chmod(0o755)
        monkeypatch.setenv("GIT_EDITOR", f"{program} --wait")
        return lambda: (tmp_path / "given").read_text().splitlines()

    return install


def test_all_files_are_given_to_it_as_they_are(repo, editor):
    given = editor("write")

    assert edit(repo.opened(), repo.root / "f", repo.root / "two words", line=3)
    assert [str(repo.root), "--wait", f"{repo.root}/f", f"{repo.root}/two words"] == given()


def test_an_editor_that_knows_lines_begins_at_one(repo, editor, tmp_path):
    given, there = editor("vim"), tmp_path / "place" / "linked"
    repo.git("worktree", "add", "-q", "--detach", there)

    assert edit(repo.opened(), there / "f", folder=repo.opened().at(there), line=3)
    assert [str(there), "--wait", "+3", f"{there}/f"] == given()


def test_an_editor_that_fails_has_edited_nothing(repo, editor):
    editor("write", code=1)

    assert not edit(repo.opened(), repo.root / "f")


def test_a_terminal_without_an_editor_is_reported(repo, monkeypatch):
    for name in ("GIT_EDITOR", "VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "dumb")

    with pytest.raises(RepositoryError, match=r"f should be edited, but there is no editor .*dumb"):
        edit(repo.opened(), repo.root / "f")


def test_an_editor_that_is_set_to_nothing_is_reported_as_none(repo, monkeypatch):
    monkeypatch.delenv("GIT_EDITOR", raising=False)
    monkeypatch.setenv("VISUAL", "")
    file = repo.root / "f"

    for open_it in (lambda: edit(repo.opened(), file), lambda: edit_anywhere(file)):
        with pytest.raises(RepositoryError, match="f should be edited, but there is no editor"):
            open_it()
