"""Where a traceback goes, whoever has prepared that place."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from porch_tui.cli.error_report import save_traceback
from project import Project

ONE = "tasks:\n  a: {run: 'true'}\n"


def kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have a traceback kept by a porch that was started in a folder, and return where it is."""
    monkeypatch.chdir(folder)
    try:
        raise ZeroDivisionError("on purpose")
    except ZeroDivisionError:
        said = save_traceback()
    place = Path(said.removeprefix("its traceback is in "))
    assert "ZeroDivisionError: on purpose" in place.read_text()
    return place


def test_outside_of_a_repository_it_is_a_new_file_in_a_private_folder(tmp_path, monkeypatch):
    shared = tmp_path / "tmp"
    shared.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(shared))

    first, second = kept(tmp_path, monkeypatch), kept(tmp_path, monkeypatch)

    assert first != second
    assert stat.S_IMODE(first.parent.stat().st_mode) == 0o700
    assert first.parent.parent == shared


@pytest.mark.parametrize("trap", ["link", "pipe", "folder"])
def test_what_was_laid_in_its_place_is_neither_followed_nor_waited_for(project: Project, trap, monkeypatch):
    project.plan(ONE)
    project.porch("run", "--headless")
    victim, place = project.root.parent / "victim", project.rundir.traceback
    victim.write_text("private")
    match trap:
        case "link":
            place.symlink_to(victim)
        case "pipe":
            os.mkfifo(place)
        case "folder":
            place.mkdir()

    assert kept(project.root, monkeypatch) != place
    assert victim.read_text() == "private"


def test_it_is_added_to_what_the_run_has_already(project: Project, monkeypatch):
    project.plan(ONE)
    project.porch("run", "--headless")

    kept(project.root, monkeypatch)

    assert kept(project.root, monkeypatch) == project.rundir.traceback
    assert project.rundir.traceback.read_text().count("on purpose") == 4
