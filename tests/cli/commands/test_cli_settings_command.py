"""`porch settings` lists a person's own settings and where each came from, and opens them in the editor."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.cli import main
from porch_tui.cli.settings import Settings, read_settings
from porch_tui.cli.settings_text import commented_file
from tests.cli.screen.in_terminal import terminal


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folders of a person who has set nothing."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "config/porch").mkdir(parents=True)
    return tmp_path


def listed(capsys: pytest.CaptureFixture[str]) -> tuple[list[str], str]:
    assert 0 == main(["settings"])
    printed = capsys.readouterr()
    return [" ".join(line.split()) for line in printed.out.splitlines()], printed.err


def test_without_a_file_all_are_defaults_and_the_place_of_the_file_is_named(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines, errors = listed(capsys)

    assert f"{home}/config/porch/settings.toml (not there; porch settings edit begins it)" == lines[0]
    assert ['theme "auto" default', 'layout "auto" default', 'sort "plan" default'] == lines[2:5]
    assert "" == errors


def test_each_value_is_listed_with_where_it_came_from(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = home / "config/porch/settings.toml"
    file.write_text(
        'theme = "dark"\nbel = 1\n[keys]\ntask.retry = "f5"\n'
        '[[commands]]\nkey = "f6"\nrun = ["make", "{branch}"]\n'
    )
    (home / "state/porch").mkdir(parents=True)
    (home / "state/porch/screen.json").write_text('{"theme": "nord", "sort": "cpu"}')

    lines, errors = listed(capsys)

    assert f"{file}" == lines[0]
    assert {
        f'theme "dark" {file}:1',
        f'sort "cpu" chosen on the screen ({home}/state/porch/screen.json)',
        f'keys.task.retry "f5" {file}:4',
        f'commands: f6 ["make", "{{branch}}"] {file}:5',
        "bell true default",
    } <= {*lines}
    assert f"porch: {file}:2: no setting is called 'bel'; did you mean 'bell'?" in errors


def test_a_broken_memory_of_the_screen_is_as_none(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "state/porch").mkdir(parents=True)
    (home / "state/porch/screen.json").write_text('{"sort": "by weight"')

    assert 'sort "plan" default' in listed(capsys)[0]


def test_the_editor_opens_the_file_which_is_begun_with_every_setting_in_a_comment(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = home / "config/porch/settings.toml"
    monkeypatch.setenv("GIT_EDITOR", "echo 'bell = 3' >>")
    with terminal(monkeypatch) as shown:
        code = main(["settings", "edit"])
        output = shown.read_until_shown(b"expected true or false")

    begun = commented_file()
    assert 0 == code
    assert f"{begun}bell = 3\n" == file.read_text()
    assert f"{file}:{len(begun.splitlines()) + 1}: found 3 for bell" in output.decode()


def test_what_a_person_has_written_stays_when_the_file_is_opened_in_the_editor_they_set(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = home / "config/porch/settings.toml"
    file.write_text("# mine\neditor = \"sh -c 'cp $1 $1.seen' -\"\n")
    monkeypatch.setenv("GIT_EDITOR", "false")
    with terminal(monkeypatch):
        assert 0 == main(["settings", "edit"])

    assert file.read_text() == Path(f"{file}.seen").read_text() and file.read_text().startswith("# mine\n")


def test_without_a_terminal_no_editor_is_opened_and_the_file_is_named(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 3 == main(["settings", "edit"])

    assert f"the settings are in {home}/config/porch/settings.toml" in capsys.readouterr().err
    assert [] == [*(home / "config/porch").iterdir()]


def test_the_file_that_is_begun_sets_nothing_and_is_right_once_its_comments_are_settings(
    tmp_path: Path,
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(commented_file())
    assert Settings() == read_settings(file)

    lines = commented_file().splitlines()
    set_lines = [line.removeprefix("# ") for line in lines if " = " in line or line.startswith("# [")]
    file.write_text("\n".join(line for line in set_lines if not line.startswith("(")))

    settings = read_settings(file)
    assert ((), {"task.retry": "f5"}, 1) == (settings.warnings, settings.keys, len(settings.commands))
