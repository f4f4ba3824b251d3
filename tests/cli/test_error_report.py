"""Conditions of the machine are described; anything else is a bug, and its traceback is saved."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from porch_tui.cli.error_report import condition, save_traceback
from porch_tui.errors import RepositoryError, limit_met
from project import Project

ONE = "tasks:\n  a: {run: 'true'}\n"


def error(number: int, file: str | None = None) -> OSError:
    return OSError(number, os.strerror(number), *([file] if file else []))


@pytest.mark.parametrize(
    ("met", "printed"),
    [
        (error(errno.EAGAIN), "no more processes or threads"),
        (RuntimeError("can't start new thread"), "no more processes or threads"),
        (error(errno.EMFILE), "no more open files"),
        (error(errno.ENOMEM), "not enough memory"),
        (MemoryError(), "not enough memory"),
        (error(errno.ENOSPC, "/a"), "the disk of /a is full"),
        (error(errno.EROFS, "/a"), "/a: Read-only file system; fix that, then try again"),
        (error(errno.EIO, "/a"), "/a: Input/output error"),
        (FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']"), "set TMPDIR"),
    ],
    ids=repr,
)
def test_limits_and_conditions_of_the_machine_are_described(met: Exception, printed: str):
    assert printed in condition(met)


def test_a_limit_is_found_in_the_cause_of_an_error():
    try:
        try:
            raise error(errno.EMFILE)
        except OSError as cause:
            raise RepositoryError("git could not be started") from cause
    except RepositoryError as met:
        assert "no more open files" in limit_met(met)


BUGS = [ValueError("x"), error(errno.EBADF), error(errno.EINVAL), KeyError("x")]


@pytest.mark.parametrize("bug", BUGS, ids=repr)
def test_anything_else_is_a_bug(bug: Exception):
    assert condition(bug) == ""


def saved_by(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the traceback of a porch that was started in a folder is saved."""
    monkeypatch.chdir(folder)
    try:
        raise ZeroDivisionError("on purpose")
    except ZeroDivisionError:
        said = save_traceback()
    place = Path(said.removeprefix("its traceback is in "))
    assert "ZeroDivisionError: on purpose" in place.read_text()
    return place


def test_outside_a_repository_the_traceback_is_in_a_new_private_folder(tmp_path, monkeypatch):
    shared = tmp_path / "tmp"
    shared.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(shared))

    first, second = saved_by(tmp_path, monkeypatch), saved_by(tmp_path, monkeypatch)

    assert first != second
    assert stat.S_IMODE(first.parent.stat().st_mode) == 0o700
    assert first.parent.parent == shared


@pytest.mark.parametrize("trap", ["link", "pipe", "folder"])
def test_a_link_or_a_pipe_in_its_place_is_not_used(project: Project, trap, monkeypatch):
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

    assert saved_by(project.root, monkeypatch) != place
    assert victim.read_text() == "private"


def test_a_run_keeps_the_tracebacks_it_has(project: Project, monkeypatch):
    project.plan(ONE)
    project.porch("run", "--headless")

    saved_by(project.root, monkeypatch)

    assert saved_by(project.root, monkeypatch) == project.rundir.traceback
    assert project.rundir.traceback.read_text().count("on purpose") == 4
