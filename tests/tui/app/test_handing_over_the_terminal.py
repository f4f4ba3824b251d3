"""The keys that leave the screen to a program, in a real terminal: it has it to itself, and gives it back."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.tui.pty_harness import PtyProgram

ATTACH = "import sys; from porch_tui.cli import main; sys.exit(main(['attach', '-C', sys.argv[1]]))"
ENTERED, LEFT = b"\x1b[?1049h", b"\x1b[?1049l"
SAYS = """#!/bin/sh
{first}
echo "{word} $PWD $*"
read answer < /dev/tty
"""


def program(path: Path, word: str, first: str = "") -> str:
    """Write a program that says a word, where it is and what it was given, and waits for a line."""
    path.write_text(SAYS.format(word=word, first=first))
    path.chmod(0o755)
    return str(path)


def has_more(output: bytearray, entered: int) -> bool:
    """Say whether the screen was entered once more."""
    return output.count(ENTERED) > entered


@pytest.mark.slow
def test_diff_editor_shell_and_lines_have_the_terminal_and_give_it_back(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-P", "-m", "porch_tui", "demo", "--headless", str(tmp_path)],
        capture_output=True,
        check=True,
    )
    environ = {
        "PAGER": program(tmp_path / "pager", "PAGING", "cat"),
        "GIT_EDITOR": program(tmp_path / "editor", "EDITING"),
        "SHELL": program(tmp_path / "shell", "IN A SHELL"),
    }
    root = tmp_path / "calculator"
    with PtyProgram(ATTACH, str(root), columns=160, rows=48, environ=environ) as shown:
        shown.read_until_shown("need you")
        shown.send("/mul\r")
        shown.read_until_shown("mul output")
        said = [
            ("o", "PAGING"),
            ("e", "EDITING"),
            ("!", "IN A SHELL"),
            ("s", "line by line; s returns"),
        ]
        for key, expected in said:
            if key == "o":  # the pager is a key of the diff
                shown.send("d")
                shown.read_until_shown("] next file")
            shown.read_until_quiet()
            left, entered = shown.output.count(LEFT), shown.output.count(ENTERED)
            shown.send(key)
            if key == "e":
                shown.read_until_shown("Edit which file of mul?")
                shown.send("1")
            shown.read_until_shown(expected)
            assert left + 1 == shown.output.count(LEFT), f"{key} is said over the screen"
            shown.send("\n")
            shown.read_until(partial(has_more, shown.output, entered), f"back from {key}")
            if key == "o":
                shown.read_until_quiet()
                shown.send("q")
        shown.read_until_quiet()
        shown.send("q")
        assert 0 == shown.wait()
