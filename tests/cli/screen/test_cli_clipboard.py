"""Text out of the screen: which program takes it, what is kept of it, and which pager shows a log."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from porch_tui.cli.screen.clipboard import copy_programs, pager
from porch_tui.cli.screen.outside import OutsideActions
from porch_tui.core.model.plan import RunId
from porch_tui.git.discovery import discover
from porch_tui.journal import rundir
from tests.project import Project


def names(environ: dict[str, str], *installed: str) -> list[str]:
    return [one.name for one in copy_programs(environ, lambda name: name in installed)]


ALL = ("tmux", "wl-copy", "xclip", "pbcopy")


def test_a_persons_own_command_comes_first_then_tmux_then_the_display() -> None:
    environ = {"PORCH_COPY": "clip --in", "TMUX": "x", "WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}

    assert names(environ, *ALL) == ["PORCH_COPY", "tmux buffer", "wl-copy", "xclip", "pbcopy"]
    assert next(copy_programs(environ, lambda name: True)).argv == ("clip", "--in")


def test_over_ssh_no_display_takes_it() -> None:
    assert names({"SSH_TTY": "/dev/pts/1", "DISPLAY": ":10", "TMUX": "x"}, *ALL) == ["tmux buffer"]


def test_what_is_not_installed_is_not_tried() -> None:
    assert names({"TMUX": "x", "DISPLAY": ":0"}) == []


def test_less_shows_colours_and_another_pager_is_left_as_it_is() -> None:
    assert pager({}) == ("less", "-R")
    assert pager({"PAGER": "less"}) == ("less", "-R")
    assert pager({"PAGER": "bat --plain"}) == ("bat", "--plain")


@pytest.fixture
def beside(tmp_path: Path) -> OutsideActions:
    project = Project(tmp_path)
    return OutsideActions(discover(project.root), rundir.create(project.root / ".git", RunId("a-run")))


def test_a_program_takes_the_text_and_a_private_file_keeps_it(
    beside: OutsideActions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORCH_COPY", f"tee {tmp_path / 'taken'}")

    copied = beside.copy("héllo\n")

    assert copied.by == "PORCH_COPY" and (tmp_path / "taken").read_text() == "héllo\n"
    assert copied.kept.path is not None and copied.kept.path.read_text() == "héllo\n"
    assert copied.kept.path.stat().st_mode & 0o777 == 0o600


def test_a_program_that_fails_leaves_the_text_to_the_terminal(
    beside: OutsideActions, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TMUX", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PORCH_COPY", "false")
    monkeypatch.setenv("PATH", os.defpath)

    assert beside.copy("text").by == ""


def test_a_file_that_cannot_be_written_is_reported(beside: OutsideActions, tmp_path: Path) -> None:
    next((tmp_path / "app" / ".git" / "porch" / "runs").iterdir()).joinpath("texts").write_text("in the way")

    kept = beside.keep("log.txt", ["text"])

    assert kept.path is None and "cannot be written" in kept.trouble


def test_a_missing_pager_is_reported(beside: OutsideActions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGER", "no-such-pager")

    assert "no-such-pager" in beside.read_in_pager(Path("a.log"))


def test_the_pager_is_given_the_file(
    beside: OutsideActions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGER", f"cp --target-directory={tmp_path}")
    log = tmp_path / "app" / "a.log"
    log.write_text("text")

    assert beside.read_in_pager(log) == "" and (tmp_path / "a.log").read_text() == "text"
