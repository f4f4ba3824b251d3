"""The person's own settings: read from a file, and what is wrong with it reported with its line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec import structs

from porch_tui.cli.settings import Notify, Settings, leave_keys, read_settings, settings_file
from porch_tui.present.arrangement import Layout, SortKey


def written(folder: Path, text: str) -> Path:
    file = folder / "settings.toml"
    file.write_text(text)
    return file


def test_the_file_is_beside_the_keys(tmp_path: Path) -> None:
    assert tmp_path / "porch/settings.toml" == settings_file({"XDG_CONFIG_HOME": str(tmp_path)})


def test_without_a_file_everything_is_as_usual(tmp_path: Path) -> None:
    assert Settings() == read_settings(tmp_path / "settings.toml")


def test_each_setting_is_read(tmp_path: Path) -> None:
    text = """\
theme = "nord"
layout = "above"
list_width = 40
sort = "cpu"
editor = "code --wait"
bell = false
notify = "osc777"
title = false
on_need = ["notify-send", "porch"]
on_end = ["say", "done"]
leave_keys = ["f12", "ctrl+\\\\", "f12"]
"""
    expected = Settings(
        theme="nord",
        layout=Layout.ABOVE,
        list_width=40.0,
        sort=SortKey.CPU,
        editor="code --wait",
        bell=False,
        notify=Notify.OSC777,
        title=False,
        on_need=("notify-send", "porch"),
        on_end=("say", "done"),
        leave_keys=("f12", "ctrl+\\"),
    )

    file = written(tmp_path, text)

    settings = read_settings(file)

    assert expected == structs.replace(settings, origins={})
    assert (f"{file}:1", f"{file}:11") == (
        str(settings.origins["theme"]),
        str(settings.origins["leave_keys"]),
    )
    assert ("f12", "ctrl+\\") == leave_keys(settings)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("\nbel = false", 2, "no setting is called 'bel'; did you mean 'bell'?"),
        ("zzz = 1", 1, "there are theme, layout, list_width, sort, editor, bell"),
        ("bell = 1", 1, "found 1 for bell; expected true or false"),
        ('# bell = true\nbell = "yes"', 2, 'found "yes" for bell'),
        ('notify = "loud"', 1, '"off" or "osc9" or "osc777" or "desktop"'),
        ('on_need = "notify-send porch"', 1, "expected a list of words, the program first"),
        ('on_end = [" "]', 1, "expected a list of words, the program first"),
        ('on_end = ["say done"]', 1, 'found ["say done"] for on_end; expected a list of words'),
        ('[[commands]]\nkey = "f6"\nrun = ["make test"]', 3, 'found ["make test"] for run; expected a list'),
        ("title = true\n[on_need]\nrun = 1", 2, "for on_need; expected a list of words"),
        ('[commands]\nkey = "f7"', 1, 'found { key = "f7" } for commands; expected tables [[commands]]'),
        ("theme = 3", 1, 'found 3 for theme; expected "auto"'),
        ('layout = "left"', 1, '"auto" or "beside" or "above"'),
        ("list_width = true", 1, 'expected "auto", or percent of the window, from 1 to 99'),
        ("list_width = 0.5", 1, "found 0.5 for list_width"),
        ('sort = "age"', 1, '"plan" or "state" or "name"'),
        ('editor = ["vim"]', 1, "expected a command"),
        ("command = 3", 1, "did you mean 'commands'?"),
        ('task.retry = "f5"', 1, "no setting is called 'task.retry'; did you mean 'keys.task.retry'?"),
        ('"task.rety" = "f5"', 1, "did you mean 'keys.task.retry'?"),
        ("leave_keys = []", 1, "expected a list of keys"),
        ('leave_keys = ["q"]', 1, "expected a list of keys"),
        ('leave_keys = ["ctrl+m"]', 1, "expected a list of keys"),
    ],
)
def test_a_mistake_is_reported_with_its_line_and_the_default_is_used(
    tmp_path: Path, text: str, line: int, words: str
) -> None:
    file = written(tmp_path, f"{text}\n")

    settings = read_settings(file)

    (warning,) = settings.warnings
    assert warning.startswith(f"{file}:{line}: ") and words in warning
    assert Settings(warnings=(warning,)) == structs.replace(settings, origins={})


def test_a_mistake_leaves_the_other_lines_in_force(tmp_path: Path) -> None:
    settings = read_settings(written(tmp_path, "bell = 3\ntitle = false\n"))

    assert (True, False, 1) == (settings.bell, settings.title, len(settings.warnings))


def test_a_mark_of_the_byte_order_is_no_mistake(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(b"\xef\xbb\xbfbell = false\n")

    settings = read_settings(file)

    assert (False, ()) == (settings.bell, settings.warnings)


@pytest.mark.parametrize("home", ["", "relative"])
@pytest.mark.parametrize("configured", ["", "relative", None])
def test_no_file_is_looked_for_below_the_current_folder(
    monkeypatch: pytest.MonkeyPatch, home: str, configured: str | None
) -> None:
    monkeypatch.setenv("HOME", home)
    environ = {} if configured is None else {"XDG_CONFIG_HOME": configured}

    assert settings_file(environ).is_absolute()
    assert settings_file(environ).parts[-3:] == (".config", "porch", "settings.toml")


def test_what_is_no_file_is_reported_and_does_not_stop_porch(tmp_path: Path) -> None:
    folder, pipe, loop, forbidden = (tmp_path / name for name in "abcd")
    folder.mkdir()
    os.mkfifo(pipe)
    loop.symlink_to("c")
    forbidden.mkdir(mode=0)  # nothing in it may be read, but by root

    for file in (folder, pipe, loop):
        (warning,) = read_settings(file).warnings
        assert warning.startswith(f"{file}: the settings cannot be read: ")
    if os.geteuid():
        assert "Permission denied" in read_settings(forbidden / "settings.toml").warnings[0]
    forbidden.chmod(0o700)


def test_a_link_to_the_file_is_followed_and_an_empty_one_sets_nothing(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    (tmp_path / "settings.toml").symlink_to(written(tmp_path / "dotfiles", ""))

    assert Settings() == read_settings(tmp_path / "settings.toml")


@pytest.mark.parametrize("content", [b"bell = \n", b"bell == true\n", b"\xff = 1\n", b'bell = "\n'])
def test_what_is_no_toml_is_reported_and_nothing_of_it_is_used(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(content)

    settings = read_settings(file)

    (warning,) = settings.warnings
    assert warning.startswith(str(file)) and "; nothing of it is used" in warning
    assert Settings(warnings=(warning,)) == settings


def test_settings_that_are_right_are_read_without_looking_for_lines(tmp_path: Path) -> None:
    file = written(
        tmp_path, 'bell = false\n[keys]\n"task.retry" = "f5"\n[[commands]]\nkey = "f6"\nrun = ["x"]\n'
    )
    script = (
        "import sys, pathlib, porch_tui.cli.settings as read;"
        "print(len(read.read_settings(pathlib.Path(sys.argv[1])).commands), *sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", script, file], check=True, capture_output=True, text=True)

    number, *imported = done.stdout.split()
    assert "1" == number and "tomllib" in imported
    assert not {"tomlkit", "porch_tui.cli.toml_lines"} & set(imported)
