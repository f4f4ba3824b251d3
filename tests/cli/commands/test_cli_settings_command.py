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
    assert ['theme "auto" default', 'layout "auto" default', 'list_width "auto" default'] == lines[2:5]
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
        'theme "dark" settings.toml:1',
        f'sort "cpu" chosen on the screen ({home}/state/porch/screen.json)',
        'keys.task.retry "f5" settings.toml:4',
        'commands: f6 ["make", "{branch}"] settings.toml:5',
        "bell true default",
    } <= {*lines}
    assert f"porch: {file}:2: no setting is called 'bel'; did you mean 'bell'?" in errors


def test_a_theme_that_there_is_not_is_listed_among_the_mistakes(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = home / "config/porch/settings.toml"
    file.write_text('theme = "drakula"\n')

    assert f"porch: {file}:1: no theme is called 'drakula'; did you mean 'dracula'?" in listed(capsys)[1]


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


def test_an_editor_that_fails_is_reported(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = home / "config/porch/settings.toml"
    monkeypatch.setenv("GIT_EDITOR", "false")
    with terminal(monkeypatch) as shown:
        code = main(["settings", "edit"])
        shown.read_until_shown(b"another one: porch settings editor COMMAND")

    assert 3 == code
    assert commented_file() == file.read_text()


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


def test_one_is_set_and_printed_and_unset(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = home / "config/porch/settings.toml"
    file.write_text("# mine\nbell = true\n")

    def printed(*words: str) -> str:
        assert 0 == main(["settings", *words])
        return capsys.readouterr().out

    assert f'theme = "gruvbox"  {file}:3\n' == printed("theme", "gruvbox")
    assert f'keys.task.retry = "f5"  {file}:6\n' == printed("keys.task.retry", "f5")
    assert '# mine\nbell = true\ntheme = "gruvbox"\n\n[keys]\n"task.retry" = "f5"\n' == file.read_text()
    assert ("gruvbox\n", "true\n", "f5\n", "x\n") == (
        printed("theme"),
        printed("bell"),
        printed("keys.task.retry"),
        printed("keys.task.stop"),
    )
    assert 'theme = "auto"  default\n' == printed("--unset", "theme")
    assert 'keys.task.retry = "r"  default\n' == printed("--unset", "keys.task.retry")
    assert "# mine\nbell = true\n\n[keys]\n" == file.read_text()


def test_the_shell_offers_the_settings(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["completion", "bash"])

    assert "edit theme layout list_width sort" in capsys.readouterr().out


def test_unsetting_forgets_what_was_chosen_on_the_screen_too(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "state/porch").mkdir(parents=True)
    (home / "state/porch/screen.json").write_text('{"theme": "nord", "sort": "cpu"}')

    assert 0 == main(["settings", "--unset", "theme"])

    assert 'theme = "auto"  default\n' == capsys.readouterr().out
    assert '{"sort":"cpu"}' == (home / "state/porch/screen.json").read_text()
    assert [] == [*(home / "config/porch").iterdir()]


@pytest.mark.parametrize(
    ("words", "written"),
    [
        (["bell", "false"], "bell = false"),
        (["editor", "code --wait"], 'editor = "code --wait"'),
        (["theme", '"dark"'], 'theme = "dark"'),
        (["list_width", "40"], "list_width = 40"),
        (["list_width", "33.333333"], "list_width = 33.333333"),
        (["list_width", "auto"], 'list_width = "auto"'),
        (["on_end", "notify-send", "it is done"], 'on_end = ["notify-send", "it is done"]'),
        (["on_end", "--", "sh", "-c", "true"], 'on_end = ["sh", "-c", "true"]'),
        (["on_end", '["sh", "-c", "true"]'], 'on_end = ["sh", "-c", "true"]'),
        (["on_end", "[]"], "on_end = []"),
        (["leave_keys", "f12"], 'leave_keys = ["f12"]'),
        (["keys.list.sort", "S,f6"], '"list.sort" = "S,f6"'),
    ],
)
def test_a_value_is_typed_plainly_or_as_it_stands_in_the_file(
    home: Path, words: list[str], written: str
) -> None:
    assert 0 == main(["settings", *words])

    assert written in (home / "config/porch/settings.toml").read_text().splitlines()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["bel", "false"], "no setting is called 'bel'; did you mean 'bell'?"),
        (["bel"], "no setting is called 'bel'; did you mean 'bell'?"),
        (["--unset", "bel"], "no setting is called 'bel'; did you mean 'bell'?"),
        (["edit", "x"], "no setting is called 'edit'"),
        (["bell", "yes"], 'found "yes" for bell; expected true or false'),
        (["bell", "true", "false"], 'found "true false" for bell; expected true or false'),
        (["theme", "gruvboks"], "no theme is called 'gruvboks'; did you mean 'gruvbox'?"),
        (["theme", "contrats"], "did you mean 'contrast'?"),
        (["list_width", "40%"], 'found "40%" for list_width; expected "auto", or percent of the window'),
        (["layout", "left"], '"auto" or "beside" or "above"'),
        (["editor", "a\nb"], "expected a command"),
        (["on_end", "a\udce9"], "expected a list of words"),
        (["on_end", "notify-send done"], 'such as ["notify-send", "porch"]'),
        (
            ["keys.task.rety", "f5"],
            "no action of the screen is called 'task.rety'; did you mean 'task.retry'?",
        ),
        (["keys.task.retry", "ctlr+t"], "no key is called 'ctlr+t'"),
        (["keys.task.retry", "r,,x"], "expected the names of keys"),
        (["keys", "f5"], "keys has no value of its own, but a table [keys]"),
        (["commands"], "but tables [[commands]]"),
        (["task.retry", "f5"], "no setting is called 'task.retry'; did you mean 'keys.task.retry'?"),
        (["theme=nord"], "set it without =: porch settings theme nord"),
        (["--unset", "bell", "title"], "unset them one by one"),
    ],
)
def test_a_wrong_key_or_value_is_reported_and_nothing_is_written(
    home: Path, capsys: pytest.CaptureFixture[str], words: list[str], expected: str
) -> None:
    assert 2 == main(["settings", *words])

    assert expected in capsys.readouterr().err
    assert [] == [*(home / "config/porch").iterdir()]


def test_a_broken_file_is_reported_with_its_line_and_not_written(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = home / "config/porch/settings.toml"
    file.write_text("bell = true\ntheme = \n")

    assert (2, 2) == (main(["settings", "bell", "false"]), main(["settings", "--unset", "bell"]))

    assert capsys.readouterr().err.count(f"{file}:2: ") == 2
    assert "bell = true\ntheme = \n" == file.read_text()
