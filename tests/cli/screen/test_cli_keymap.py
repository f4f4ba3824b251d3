"""The person's own keys: read from their settings, and what is wrong with them reported with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.cli.screen.keymap import CheckedKeys, checked_keys
from porch_tui.cli.settings import read_settings


def written(folder: Path, text: str) -> Path:
    file = folder / "settings.toml"
    file.write_text(text)
    return file


def test_without_a_file_the_keys_are_the_usual_ones(tmp_path: Path) -> None:
    assert CheckedKeys({}) == checked_keys(read_settings(tmp_path / "settings.toml"))


@pytest.mark.parametrize(
    "text",
    [
        '# mine\nbell = false\n[keys]\n"task.retry" = "f5, ctrl+t"\n"log.follow" = "?"\n',
        '[keys]\ntask.retry = "f5,ctrl+t"\nlog.follow = "?"\n',
        'keys = { "task.retry" = "f5,ctrl+t", "log.follow" = "?" }\n',
    ],
)
def test_keys_are_read_by_what_they_do(tmp_path: Path, text: str) -> None:
    keys = checked_keys(read_settings(written(tmp_path, text)))

    assert CheckedKeys({"task.retry": "f5,ctrl+t", "log.follow": "?"}) == keys


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (
            '\n[keys]\n"task.rety" = "r"\n',
            3,
            "no action of the screen is called 'task.rety'; did you mean 'task.retry'?",
        ),
        ('[keys]\n"zzz" = "r"\n', 2, "'zzz'; porch help keys lists them"),
        ('[keys]\n"task.stop" = "x"\ntask.retry = "ctlr+t"\n', 3, "no key is called 'ctlr+t'"),
        ('[keys]\n"task.retry" = "f6,F5"\n', 2, "no key is called 'F5'; did you mean 'f5'?"),
        ('[keys]\n"task.retry" = "Ctrl-T"\n', 2, "no key is called 'Ctrl-T'; did you mean 'ctrl+t'?"),
        ('[keys]\n"task.retry" = 5\n', 2, "found 5 for the key of task.retry; expected the names of keys"),
        ('[keys]\n"task.retry" = "r,,x"\n', 2, 'such as "r" or "r,f5"'),
        ('bell = true\nkeys = { "task.rety" = "r" }\n', 2, "did you mean 'task.retry'?"),
    ],
)
def test_a_mistake_is_reported_with_its_line_and_the_usual_key_is_used(
    tmp_path: Path, text: str, line: int, words: str
) -> None:
    file = written(tmp_path, text)
    settings = read_settings(file)
    keys = checked_keys(settings)

    (warning,) = (*settings.warnings, *keys.warnings)
    assert warning.startswith(f"{file}:{line}: ") and words in warning
    assert {} == {id: key for id, key in keys.keymap.items() if id != "task.stop"}


def test_the_file_of_earlier_versions_counts_where_the_settings_have_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "keys.toml").write_text('"task.retry" = "f5"\n"task.stop" = "f6"\n"task.rety" = "f7"\n')
    file = written(tmp_path, '[keys]\n"task.stop" = "f8"\n')

    keys = checked_keys(read_settings(file))

    assert {"task.retry": "f5", "task.stop": "f8"} == keys.keymap
    assert f"{tmp_path}/keys.toml:3: " in keys.warnings[0]


def test_what_is_no_table_of_keys_is_reported(tmp_path: Path) -> None:
    settings = read_settings(written(tmp_path, 'keys = "f5"\n'))

    assert "expected a table [keys]" in settings.warnings[0]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('"task.retry" = "x"', 2, "task.retry has the key x, so that task.stop has none left"),
        ('"list.sort" = "r"', 2, "list.sort has the key r, so that task.retry has none left"),
        (
            '"run.help" = "f1"\n"task.retry" = "ctrl+i"',
            3,
            "board.next_place has the key tab, so that task.retry",
        ),
        ('"list.sort" = "f5"\n"list.mark" = "f5"', 2, "list.sort has the key f5, so that list.mark has none"),
    ],
)
def test_an_action_that_loses_its_key_to_another_is_reported(
    tmp_path: Path, text: str, line: int, words: str
) -> None:
    file = written(tmp_path, f"[keys]\n{text}\n")

    (warning,) = checked_keys(read_settings(file)).warnings

    assert warning.startswith(f"{file}:{line}: ") and words in warning


@pytest.mark.parametrize(
    "text",
    [
        '"task.retry" = "x"\n"task.stop" = "r"',
        '"task.retry" = "x"\n"task.stop" = "f5"',
        '"list.sort" = "l"',  # enter is left for what l did
        '"log.next_error" = "e"',  # in the log alone
        '"list.log" = "enter"',
    ],
)
def test_keys_that_leave_every_action_one_are_no_mistake(tmp_path: Path, text: str) -> None:
    assert () == checked_keys(read_settings(written(tmp_path, f"[keys]\n{text}\n"))).warnings


@pytest.mark.parametrize("key", ["ctrl+i", "ctrl+m", "ctrl+[", "ctrl+c", "ctrl+p"])
def test_a_command_cannot_have_a_key_that_terminals_send_as_one_of_porch(tmp_path: Path, key: str) -> None:
    file = written(tmp_path, f'[[commands]]\nkey = "{key}"\nrun = ["true"]\n')

    keys = checked_keys(read_settings(file))

    assert [""] == [own.key for own in keys.commands] and f"{file}:1: {key} is the key of" in keys.warnings[0]


def test_a_key_with_a_sign_is_known_by_the_name_that_it_comes_with(tmp_path: Path) -> None:
    file = written(tmp_path, '[[commands]]\nkey = "ctrl+]"\nrun = ["true"]\n')

    assert ["ctrl+right_square_bracket"] == [own.key for own in checked_keys(read_settings(file)).commands]
