"""Ignored files are moved out of a worktree and back without losing any."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

import pytest

from porch_tui.cli.lookup import repository_at
from porch_tui.git.worktree.ignored_files import move, move_aside, move_back, precious
from project import Project
from tests.cli.conftest import project

__all__ = ["project"]


@pytest.fixture
def worktree(tmp_path: Path) -> Path:
    """A folder with a file, a folder and a link."""
    folder = tmp_path / "worktree"
    (folder / "build").mkdir(parents=True)
    (folder / "build" / "out").write_text("made")
    (folder / ".env").write_text("secret")
    (folder / "link").symlink_to("build")
    return folder


def content(folder: Path) -> dict[str, str]:
    """Return what is in a folder: a file's text, or where a link leads."""
    found = (path for path in folder.rglob("*") if path.is_symlink() or path.is_file())
    return {
        str(path.relative_to(folder)): str(path.readlink()) if path.is_symlink() else path.read_text()
        for path in found
    }


def test_only_a_copy_that_porch_made_and_no_one_changed_is_expendable(project: Project):
    """Equal bytes prove nothing of a file that a person has put there."""
    project.commit({".gitignore": ".env\nkept/\n*.o\n"})
    for name in (".env", "kept/mine", "kept/made.o"):
        project.write(name, "secret\n")
    tree = repository_at(str(project.root)).main

    assert (".env", "kept") == precious(project.root, tree, [])
    assert ("kept",) == precious(project.root, tree, [".env"])
    assert () == precious(project.root, tree, [".env", "kept"])
    assert (".env", "kept") == precious(project.root, tree, [".env", "kept"], [".env", "kept/mine"])


@pytest.fixture(params=["the same disk", "another disk"])
def disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rename works, or fails as between two disks."""

    def refuse(self: Path, target: Path) -> Path:
        raise OSError(errno.EXDEV, "another disk", str(target))

    if request.param == "another disk":
        monkeypatch.setattr(Path, "rename", refuse)


@pytest.mark.usefixtures("disk")
def test_what_was_moved_away_is_moved_back_over_what_is_there(worktree: Path, tmp_path: Path):
    before = content(worktree)

    move_aside(worktree, [".env", "build", "link"], tmp_path / "aside")
    assert not content(worktree)
    (worktree / ".env").write_text("newer")
    (worktree / "link").mkdir()
    move_back(tmp_path / "aside", worktree)

    assert before == content(worktree)
    assert not (tmp_path / "aside").exists()


def test_a_name_that_is_taken_gets_a_number(worktree: Path, tmp_path: Path):
    aside = tmp_path / "aside"
    for _ in range(3):
        (worktree / ".env").write_text("secret")
        move_aside(worktree, [".env"], aside)

    assert [".env", ".env.2", ".env.3"] == sorted(path.name for path in aside.iterdir())


def test_a_copy_to_another_disk_that_fails_leaves_everything_where_it_was(
    worktree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    before, target = content(worktree / "build"), tmp_path / "target"

    def rename(self: Path, target: Path) -> Path:
        raise OSError(errno.EXDEV, "another disk", str(target))

    def half_copy(source: Path, target: Path, **options: bool) -> None:
        target.mkdir()
        (target / "half").touch()
        raise shutil.Error("the disk is full")

    monkeypatch.setattr(Path, "rename", rename)
    monkeypatch.setattr(shutil, "copytree", half_copy)

    with pytest.raises(OSError, match="the disk is full"):
        move(worktree / "build", target)

    assert before == content(worktree / "build")
    assert not target.exists()
