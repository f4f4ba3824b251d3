"""What runs in the terminals of tasks, and the screen that shows them in a terminal of its own."""

from __future__ import annotations

from pathlib import Path

from tests.tui.pty_harness import PtyProgram
from tests.tui.recordings import Recording

WRITES_DOWN = """
import os, sys, tty
tty.setraw(0)
taken = open(sys.argv[1], "ab", buffering=0)
sys.stdout.write(sys.argv[2].encode().decode("unicode_escape") + "ready to read")
sys.stdout.flush()
while data := os.read(0, 65536):
    taken.write(data)
"""
"""Appends what it reads to a file, after writing something."""

SCREEN = """
import sys
from pathlib import Path
from porch_tui.journal.rundir import RunDir
from porch_tui.session.session import Session
from porch_tui.tui.app.run import run_screen
from porch_tui.tui.terminal.options import options_for
options = options_for(leave_keys=tuple(sys.argv[2:]) or ("ctrl+]",))
leaving = run_screen(Session(RunDir(Path(sys.argv[1]))), options)
print("LEFT", leaving.name, flush=True)
"""


def screen(run: Recording, *leave_keys: str, columns: int = 160, rows: int = 40) -> PtyProgram:
    """Open the screen on a run."""
    return PtyProgram(SCREEN, str(run.rundir.path), *leave_keys, columns=columns, rows=rows)


def stepped_in(program: PtyProgram, leave_key: str = "ctrl+]") -> None:
    """Step into the task under the cursor, once what it has written is shown."""
    program.read_until_shown("ready to read")
    program.send("\r")
    program.read_until_shown(f"{leave_key} leaves")


def write_slowly(program: PtyProgram, data: bytes) -> None:
    """Type much: a terminal takes 4 kB at once, and the screen writes meanwhile."""
    for at in range(0, len(data), 1024):
        program.send(data[at : at + 1024])
        program.read_for(0.002)


def has(path: Path, expected: bytes) -> bool:
    """Say whether a file has exactly these bytes."""
    return path.exists() and path.read_bytes() == expected
