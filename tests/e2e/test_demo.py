"""The tour always ends the same way: three of its first five tasks land, green."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from project import PORCH
from tests.tui.pty_harness import PtyProgram

FIRST_FIVE = {"mul", "div", "rename", "useadd", "whisper"}


def test_the_demo_lands_the_largest_green_set_unattended(tmp_path: Path):
    done = subprocess.run(
        [*PORCH, "demo", "--headless", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    assert "fetch           fails on purpose: leave it" in done.stderr
    assert "3 of 5 tasks landed, 1 failed as expected" in done.stdout
    root = tmp_path / "calculator"
    output = subprocess.run(
        ["git", "log", "--first-parent", "--format=%(trailers:key=Porch-Task,valueonly)", "main"],
        cwd=root, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert len(output) == 3
    assert set(output) < FIRST_FIVE
    assert "whisper" in output
    subprocess.run([sys.executable, "-m", "unittest", "-q"], cwd=root, check=True, capture_output=True)


def test_the_demo_never_overwrites(tmp_path: Path):
    (tmp_path / "calculator").mkdir()

    done = subprocess.run(
        [*PORCH, "demo", "--headless", str(tmp_path)], capture_output=True, text=True, check=False
    )

    assert (done.returncode, "exists" in done.stderr) == (4, True)


def test_at_a_terminal_the_demo_says_what_comes_and_begins_at_a_key(tmp_path: Path):
    source = "import sys; from porch_tui.__main__ import main; sys.exit(main())"
    with PtyProgram(source, "demo", str(tmp_path)) as demo:
        demo.read_until_shown("Press enter to begin, ctrl+c to leave.")
        assert any("fails on purpose: leave it" in row for row in demo.screen())
        demo.send("\x03")

        assert demo.wait() == 130
    assert not (tmp_path / "calculator" / ".git" / "porch").exists()
