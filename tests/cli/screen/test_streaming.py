"""A run line by line on the normal screen, in a real pseudo-terminal: what it prints, which keys end it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.pty_harness import PtyProgram
from tests.tui.recordings import Recording

STREAM = """
import sys
from pathlib import Path
from porch_tui.cli.screen.streaming import stream
from porch_tui.journal.rundir import RunDir
from porch_tui.session.session import Session
stream(Session(RunDir(Path(sys.argv[1]))))
print("BACK", flush=True)
"""


def streamed(run: Recording) -> PtyProgram:
    return PtyProgram(STREAM, str(run.rundir.path), columns=120)


@pytest.mark.parametrize("key", ["s", "q", "\n", "\x1b"])
def test_a_key_pressed_before_the_first_line_ends_it(tmp_path: Path, key: str) -> None:
    with streamed(Recording(tmp_path, ["one"], validate=False)) as shown:
        shown.send(key)

        shown.read_until_shown("BACK")
        assert 0 == shown.wait()
        assert shown.is_as_before


def test_what_a_task_writes_and_what_becomes_of_it_stand_one_below_the_other(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one", "two"], validate=False).start("one").log("one", "before it\n")
    with streamed(run) as shown:
        shown.read_until_shown("one | before it")
        run.log("one", "10 %\r20 %\r30 %\nand \x1b]0;a title\x07on\n")
        shown.read_until_shown("one | and on")
        run.succeed("one")
        shown.read_until_shown("one      done in 41.0s")
        shown.send("xs")
        shown.read_until_shown("BACK")

        lines = [line for line in shown.screen() if line.startswith("one | ")]
        assert ["one | before it", "one | 30 %", "one | and on"] == lines
        assert b"a title" not in shown.output


def test_a_flood_is_shown_in_part_and_a_line_without_an_end_once_it_has_one(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"], validate=False).start("one").log("one", "begun\n")
    with streamed(run) as shown:
        shown.read_until_shown("one | begun")
        run.log("one", "#" * 20_000)
        run.log("one", "\rover\n")
        shown.read_until_shown("one | over")

        assert b"one | \xe2\x80\xa6 3,622 bytes left out, see porch logs" in shown.output
        shown.send("s")
        assert 0 == shown.wait()
