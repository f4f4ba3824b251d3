"""The person's own keys: read from a file, and what is wrong with it said with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.cli.screen.keymap import keymap_file, read_keymap
from porch_tui.errors import PlanError


def written(folder: Path, text: str) -> Path:
    file = folder / "keys.toml"
    file.write_text(text)
    return file


def test_the_file_is_where_such_files_are(tmp_path: Path) -> None:
    assert tmp_path / "porch/keys.toml" == keymap_file({"XDG_CONFIG_HOME": str(tmp_path)})
    assert Path.home() / ".config/porch/keys.toml" == keymap_file({"XDG_CONFIG_HOME": "relative"})


def test_without_a_file_the_keys_are_the_usual_ones(tmp_path: Path) -> None:
    assert {} == read_keymap(tmp_path / "keys.toml")


def test_keys_are_read_by_what_they_do(tmp_path: Path) -> None:
    file = written(tmp_path, '# mine\n"task.retry" = "f5, t"\n"log.follow" = "F"\n')

    assert {"task.retry": "f5,t", "log.follow": "F"} == read_keymap(file)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('\n"task.rety" = "r"\n', [":2: ", "'task.rety'", "did you mean 'task.retry'?"]),
        ('"zzz" = "r"\n', [":1: ", "'zzz'", "help screen"]),
        ('"task.retry" = 5\n', [":1: ", 'such as "r" or "r,f5"']),
        ('"task.retry" = "r,,x"\n', [":1: ", "such as"]),
        ("task.retry\n", ["line 1", "a line looks like"]),
    ],
)
def test_a_mistake_is_reported_with_its_line(tmp_path: Path, text: str, words: list[str]) -> None:
    with pytest.raises(PlanError) as printed:
        read_keymap(written(tmp_path, text))

    assert [] == [word for word in words if word not in str(printed.value)]
