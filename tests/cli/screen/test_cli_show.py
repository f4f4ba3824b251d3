"""`porch` opens the screen on a run, and prints where it stands once the person has left it."""

from __future__ import annotations

from pathlib import Path

import pytest
from in_process import porch

from porch_tui.cli import main
from porch_tui.cli.lookup import repository_at
from porch_tui.cli.screen.outside import OutsideActions
from porch_tui.cli.screen.streaming import stream
from porch_tui.present.arrangement import SortKey
from project import Project
from tests.cli.screen.in_terminal import terminal
from tests.tui.recordings import Recording


def test_without_a_terminal_the_screen_is_refused(ended: Project):
    refused = porch(ended, "attach")

    assert (3, True) == (refused.code, "the screen needs a terminal" in refused.err)


def test_when_the_person_leaves_what_failed_and_the_status_are_printed(
    ended: Project, monkeypatch: pytest.MonkeyPatch
):
    with terminal(monkeypatch) as shown:
        shown.press_once_shown(b"good", b"q")
        code = main(["attach", "-C", str(ended.root)])
        output = shown.read_until_shown(b"next: ")

    assert 0 == code
    after = output.rpartition(b"\x1b[?1049l")[2]
    assert b"--- fails: the end of " in after and b"oops" in after
    assert b"1 of 4 tasks landed" in after


def test_a_run_is_printed_line_by_line_until_a_key_is_pressed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    run = Recording(tmp_path, ["one", "two"], validate=False).start("one").log("one", "before it\n")
    with terminal(monkeypatch) as shown:
        shown.press_once_shown(b"one | before it", b"x", b"s")
        stream(run.session())
        output = shown.read_until_shown(b"one | before it")

    assert b"line by line; s returns to the screen" in output


def test_a_mistake_in_the_settings_is_shown_and_the_screen_starts(
    ended: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "porch").mkdir()
    (tmp_path / "porch/settings.toml").write_text("\nbel = false\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with terminal(monkeypatch, columns=200) as shown:
        shown.press_once_shown(b"settings.toml:2: no setting is called 'bel'; did you mean 'bell'?", b"q")
        code = main(["attach", "-C", str(ended.root)])

    assert 0 == code


def test_an_unknown_theme_in_the_settings_is_reported_and_the_usual_one_is_used(
    ended: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "porch").mkdir()
    (tmp_path / "porch/settings.toml").write_text('theme = "drak"\n[keys]\n"task.rety" = "f5"\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with terminal(monkeypatch, columns=400) as shown:
        shown.press_once_shown(b"settings.toml:1: no theme is called 'drak'", b"q")
        code = main(["attach", "-C", str(ended.root)])

    assert 0 == code
    assert shown.read_until_shown(b"1 more: porch settings")


def test_layout_width_and_order_are_as_they_were_chosen_the_last_time(
    ended: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with terminal(monkeypatch) as shown:
        shown.press_once_shown(b"fails", b")", b"S", b"L", b"q")
        main(["attach", "-C", str(ended.root)])

    assert (
        '{"layout":"above","list_width":43.3,"sort":"state"}' == (tmp_path / "porch/screen.json").read_text()
    )

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with terminal(monkeypatch) as shown:
        shown.press_once_shown(b"by state", b"q")
        assert 0 == main(["attach", "-C", str(ended.root)])


def test_a_choice_that_the_settings_contradict_is_said_to_be_for_now(
    ended: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "porch").mkdir()
    (tmp_path / "porch/settings.toml").write_text('bell = true\nsort = "name"\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    outside = OutsideActions(repository_at(str(ended.root)), ended.rundir)

    assert "" == outside.remember("theme", "nord")
    assert (
        f"for now: {tmp_path}/porch/settings.toml:2 says otherwise; for good: porch settings sort cpu"
        == outside.remember("sort", SortKey.CPU)
    )
