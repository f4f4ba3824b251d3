"""How a command ended: of a program that was not found, or could not be started, its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.executors.exit_text import exit_text
from porch_tui.process.liveness import Cause, Exit


def text(log: Path, code: int, said: str) -> str:
    log.write_text(said, encoding="utf-8")
    return exit_text(Exit("run", 0, code, Cause.EXIT, "", 1.0, 2.0, 1.0, 0.0, 0.0, 0, (), 0), log)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("/bin/sh: 1: pytest: not found\n", "pytest: command not found"),
        ("/bin/sh: pytest: command not found\n", "pytest: command not found"),
        ("bash: line 1: pytest: command not found\n", "pytest: command not found"),
        ("zsh:1: command not found: pytest\n", "pytest: command not found"),
        ("\x1b[31msh: 1: pytest: not found\x1b[0m\r\n", "pytest: command not found"),
        ("env: \u2018pytest\u2019: No such file or directory\n", "pytest: command not found"),
        (
            "sh: 1: eslint: not found\nnpm ERR! code ELIFECYCLE\nnpm ERR! failed\n",
            "eslint: command not found",
        ),
        ("/bin/sh: 1: ./made.sh: not found\n", "./made.sh: not found"),
        ("sh: ./made.sh: cannot execute: required file not found\n", "./made.sh: not found"),
        ("3 tests failed\n", "a program was not found"),
        ("", "a program was not found"),
    ],
)
def test_a_program_that_was_not_found_is_named(tmp_path: Path, said: str, shown: str) -> None:
    assert text(tmp_path / "output.log", 127, said) == f"exit 127: {shown}"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("/bin/sh: 1: ./run.sh: Permission denied\n", "./run.sh: permission denied"),
        ("bash: ./run: cannot execute binary file: Exec format error\n", "./run: exec format error"),
        ("sh: 1: ./app: Exec format error\n", "./app: exec format error"),
        ("sh: 1: ./src: Is a directory\n", "./src: is a directory"),
        ("", "a program could not be executed"),
    ],
)
def test_a_program_that_could_not_be_executed_is_named(tmp_path: Path, said: str, shown: str) -> None:
    assert text(tmp_path / "output.log", 126, said) == f"exit 126: {shown}"


def test_any_other_exit_says_its_code_alone(tmp_path: Path) -> None:
    assert text(tmp_path / "output.log", 3, "sh: 1: pytest: not found\n") == "exit 3"
