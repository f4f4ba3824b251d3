"""Ignored files go along into a worktree, and nothing else does."""

from __future__ import annotations

import os

import pytest

from porch_tui.errors import PlanError
from porch_tui.git.copying import copy_files
from porch_tui.git.worktrees import ensure


@pytest.fixture
def there(repo, tmp_path):
    place = tmp_path / "place" / "app-auth"
    ensure(repo.opened(), place, "feature/auth", repo.tip(), "porch run/auth")
    return place


def test_files_folders_modes_and_symlinks_are_copied_and_nothing_is_there_to_commit(repo, there):
    repo.write("sub/.env", "SECRET\n").chmod(0o600)
    repo.write("build/bin/tool", "#!/bin/sh\n").chmod(0o755)
    (repo.root / "build/link").symlink_to("../f")
    (repo.root / "cache").symlink_to("/nowhere")
    os.mkfifo(repo.root / "build/pipe")

    copy_files(repo.root, there, ["sub/.env", "build", "cache"])
    copy_files(repo.root, there, ["sub/.env", "build", "cache"])

    assert ("SECRET\n", 0o600) == (
        (there / "sub/.env").read_text(),
        (there / "sub/.env").stat().st_mode & 0o777,
    )
    assert os.access(there / "build/bin/tool", os.X_OK)
    assert ("../f", "/nowhere") == (str((there / "build/link").readlink()), str((there / "cache").readlink()))
    assert not (there / "build/pipe").exists()
    assert "" == repo.git("status", "--porcelain", at=there)


def test_a_later_change_of_the_copy_does_not_reach_the_original(repo, there):
    repo.write(".env", "SECRET\n")
    copy_files(repo.root, there, [".env"])
    (there / ".env").write_text("changed\n")

    assert "SECRET\n" == (repo.root / ".env").read_text()


def test_all_mistakes_are_told_at_once_and_nothing_is_copied(repo, there, tmp_path):
    repo.write(".env", "SECRET\n")
    repo.write("notes", "not ignored\n")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "x.env").touch()
    (repo.root / "build").symlink_to(tmp_path / "outside")
    names = [".env", "f", "notes", "missing.env", "../x.env", "/etc/passwd", ".git/config", "build/x.env"]

    with pytest.raises(PlanError) as raised:
        copy_files(repo.root, there, names)

    assert len(names) - 1 == len(str(raised.value).splitlines())
    assert not (there / ".env").exists()


def test_odd_names_are_copied(repo, there, odd_name):
    repo.write(f"build/{odd_name}", "x\n")
    copy_files(repo.root, there, [f"build/{odd_name}"])

    assert "x\n" == (there / "build" / odd_name).read_text()
