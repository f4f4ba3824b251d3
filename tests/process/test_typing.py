"""What is typed into the terminal of a step arrives there, byte for byte, in order."""

from __future__ import annotations

import hashlib
import sys

import pytest

from porch_tui.core.model.plan import Terminal
from porch_tui.errors import RefusedError
from porch_tui.process.liveness import wait
from porch_tui.process.spawn import start
from porch_tui.process.typing import NoTerminal, TypingInto

RAW = "import os, sys, tty; tty.setraw(0); print('raw', end='', flush=True); "
HASHES = (
    RAW
    + """
import hashlib
left, hashed = int(sys.argv[1]), hashlib.sha256()
while left:
    data = os.read(0, left)
    left -= len(data)
    hashed.update(data)
print(hashed.hexdigest(), end='')
"""
)


@pytest.fixture
def in_terminal(assign, until):
    """Start a program in a terminal, and return the attempt's directory once it shows a text."""

    def run(*argv: str, shows: str = "", cols: int = 90, rows: int = 20):
        assignment = assign(argv, terminal=Terminal(cols, rows))
        start(assignment)
        log = assignment.directory / "output.log"
        until(lambda: shows in log.read_text())
        return assignment.directory

    return run


def test_a_step_in_a_terminal_knows_its_size_and_reads_what_is_typed(in_terminal, ended):
    directory = in_terminal("sh", "-c", 'stty size; read line; echo "got $line"', shows="20 90\n")

    with TypingInto(directory) as typing:
        left = typing.type(b"yes\r")

    assert (ended(directory).code, left) == (0, 0)
    assert (directory / "output.log").read_bytes() == b"20 90\r\nyes\r\ngot yes\r\n"
    assert (directory / "tty.sizes").read_text() == "0 90 20\n21 0 0\n"
    assert (directory / "tty.typed").read_text() == f"{7:020}"
    assert not (directory / "tty.in").exists()


def test_a_change_of_size_reaches_the_step_and_the_file_of_sizes(in_terminal, ended):
    script = "trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.02; done"
    directory = in_terminal("sh", "-c", script, shows="ready\n")

    with TypingInto(directory) as typing:
        taken = typing.resize(1001, 30), typing.resize(132, 43)

    assert (ended(directory).code, taken) == (0, (True, True))
    assert (directory / "output.log").read_bytes() == b"ready\r\n43 132\r\n"
    assert (directory / "tty.sizes").read_text() == "0 90 20\n7 132 43\n15 0 0\n"


def test_a_redraw_leaves_the_size_as_it_was(in_terminal, ended):
    script = "trap 'n=x$n; stty size; test $n = xx && exit' WINCH; echo ready; while :; do sleep 0.001; done"
    directory = in_terminal("sh", "-c", script, shows="ready\n")

    with TypingInto(directory) as typing:
        assert typing.redraw()

    ended(directory)
    sizes = (directory / "tty.sizes").read_text().splitlines()
    assert [line.split()[1:] for line in sizes] == [["90", "20"], ["90", "19"], ["90", "20"], ["0", "0"]]


def test_300_kb_that_are_pasted_arrive_byte_for_byte(in_terminal, ended):
    pasted = bytes(range(256)) * 1200
    directory = in_terminal(sys.executable, "-c", HASHES, str(len(pasted)), shows="raw")

    with TypingInto(directory, patience_s=60) as typing:
        left = typing.type(pasted)

    assert (ended(directory).code, left) == (0, 0)
    assert (directory / "output.log").read_text() == "raw" + hashlib.sha256(pasted).hexdigest()


def test_of_two_who_want_to_be_alone_the_second_waits_and_then_gives_up(in_terminal, ended):
    directory = in_terminal("sh", "-c", "echo ready; read line; echo got $line", shows="ready")

    with TypingInto(directory) as first, TypingInto(directory) as second:
        with first.alone():
            first.type(b"one ")
            with pytest.raises(RefusedError, match="something else has been typing"), second.alone(0.1):
                second.type(b"between ")
            first.type(b"and ")
        with second.alone():
            second.type(b"two\r")

    assert ended(directory).code == 0
    assert b"got one and two" in (directory / "output.log").read_bytes()


def test_what_a_step_does_not_read_is_not_taken_and_its_length_is_returned(in_terminal):
    directory = in_terminal(sys.executable, "-c", RAW + "import time; time.sleep(1000)", shows="raw")

    with TypingInto(directory, patience_s=0.2) as typing:
        left = typing.type(b"x" * 1_000_000)

    assert 700_000 < left < 1_000_000


def test_what_a_terminal_reports_is_passed_on_and_does_not_count_as_typed(in_terminal, ended):
    directory = in_terminal(sys.executable, "-c", RAW + "print(os.read(0, 9))", shows="raw")

    with TypingInto(directory) as typing:
        typing.pass_on(b"\x1b[I")

    ended(directory)
    assert "b'\\x1b[I'" in (directory / "output.log").read_text()
    assert not (directory / "tty.typed").exists()


def test_into_a_step_without_a_terminal_nothing_can_be_typed(begin):
    directory = begin("touch ready; sleep 1000")

    with pytest.raises(NoTerminal):
        TypingInto(directory)


def test_once_the_step_is_over_nothing_can_be_typed(in_terminal, ended):
    directory = in_terminal("sh", "-c", "echo ready; read line", shows="ready\n")

    with TypingInto(directory) as typing:
        typing.type(b"\r")
        ended(directory)

        with pytest.raises(NoTerminal):
            typing.type(b"more")
    wait(directory, timeout_s=0)
