"""A step with a terminal keeps every promise of a step, and its terminal behaves as people's own do."""

from __future__ import annotations

import os
import signal
import stat
import sys
import termios
import tty

import pytest

from porch_tui.core.model.plan import Terminal
from porch_tui.process import control
from porch_tui.process.liveness import Cause, Lost, Running, find
from porch_tui.process.spawn import start
from porch_tui.process.supervisor import kernel
from porch_tui.process.typing import NoTerminal, TypingInto

ASKS = "\x1b[6n"
"""Where the cursor is."""
READS = """
import os, select, sys, termios, time, tty
tty.setraw(0)
def read(count):
    found = b''
    while len(found) < count and select.select([0], [], [], 20)[0]:
        found += os.read(0, 99)
    return found
def write(text):
    os.write(1, text.encode())
"""


@pytest.fixture
def in_terminal(assign, until):
    """Start a program in a terminal, and return the attempt's directory once it shows a text."""

    def run(*argv: str, shows: str = "", **how):
        assignment = assign(argv, terminal=Terminal(80, 24), **how)
        start(assignment)
        log = assignment.directory / "output.log"
        until(lambda: log.exists() and shows in log.read_text())
        return assignment.directory

    return run


def shows(directory):
    return (directory / "output.log").read_text()


def program(*statements):
    """Return a program that can `write` texts and `read` so many bytes."""
    return sys.executable, "-c", READS + "\n".join(statements)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("\x1b[6n", "\x1b[1;1R"),
        ("12345\r\n123\x1b[6n", "\x1b[2;4R"),
        ("\x1b[c", "\x1b[?62;22c"),
        ("\x1b]11;?\x07", "\x1b]11;rgb:0000/0000/0000\x1b\\"),
        ("\x1b[?1004h", "\x1b[O"),
    ],
)
def test_a_query_is_answered_although_no_one_looks(in_terminal, ended, question, answer):
    directory = in_terminal(*program(f"write({question!r}); write(repr(read({len(answer)})))"))

    ended(directory)

    assert shows(directory).endswith(repr(answer.encode()))


def test_a_query_that_comes_in_pieces_is_answered_once(in_terminal, ended):
    pieces = f"for piece in {ASKS!r}: write(piece); time.sleep(0.01)"
    directory = in_terminal(
        *program(pieces, "first = read(6); write('\\x1b[5n'); write(repr(first + read(4)))")
    )

    ended(directory)

    assert shows(directory).endswith(repr(b"\x1b[1;1R\x1b[0n"))


def test_a_query_is_answered_by_what_is_shown_after_much_output_and_at_another_size(in_terminal, ended):
    much, other = f"write('x' * 1000000 + {ASKS!r}); read(8)", f"write({ASKS!r}); write(repr(read(7)))"
    directory = in_terminal(*program(much, "write('\\r\\n' * 30 + '|'); read(1)", other), shows="|")

    with TypingInto(directory) as typing:
        typing.resize(300, 10)
        typing.type(b"x")

    ended(directory)
    assert shows(directory).endswith(repr(b"\x1b[10;2R"))


def test_two_queries_are_answered_once_each_however_many_look_on(in_terminal, ended):
    twice = f"write({ASKS!r} + {ASKS!r}); first = read(12); write('\\x1b[5n'); write(repr(first + read(4)))"
    directory = in_terminal(*program("write('|'); read(1)", twice), shows="|")

    with TypingInto(directory) as typing, TypingInto(directory) as other:
        other.redraw()
        typing.type(b"x")

        ended(directory)

    assert shows(directory).endswith(repr(b"\x1b[1;2R\x1b[1;2R\x1b[0n"))


def test_a_program_that_asks_for_focus_reports_while_a_person_is_inside_has_the_focus(
    in_terminal, ended, until
):
    reports = "read(3); write('\\x1b[?1004h'); write(repr(read(3))); write(repr(read(3)))"
    directory = in_terminal(*program("write('|')", reports), shows="|")

    with TypingInto(directory) as typing:
        typing.pass_on(b"\x1b[I")
        until(lambda: repr(b"\x1b[I") in shows(directory))
    # leaves without a word, as who is killed does

    ended(directory)
    assert shows(directory).endswith(repr(b"\x1b[I") + repr(b"\x1b[O"))


def test_the_last_lines_are_kept_of_a_program_that_ends_right_after_writing(assign, ended):
    kept = []
    for number in range(20):
        step = "i=0; while [ $i -lt 200 ]; do i=$((i+1)); echo line $i; done"
        assignment = assign(step, name=f"attempt{number}", terminal=Terminal())
        start(assignment)
        ended(assignment.directory)
        kept.append(shows(assignment.directory))

    assert kept == ["".join(f"line {number}\n" for number in range(1, 201))] * 20


def test_its_files_are_readable_by_their_owner_only(in_terminal):
    directory = in_terminal("sh", "-c", "echo ready; sleep 1000", shows="ready")
    with TypingInto(directory) as typing:
        typing.type(b"x")
        while not (directory / "tty.typed").exists():
            pass

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in directory.glob("tty.*")}

    assert modes == dict.fromkeys(("tty.in", "tty.sizes", "tty.typed"), 0o600)


def test_ctrl_c_interrupts_what_is_in_the_foreground(in_terminal, ended):
    directory = in_terminal(
        "sh", "-c", "trap 'exit 3' INT; echo ready; while :; do sleep 0.02; done", shows="ready"
    )

    with TypingInto(directory) as typing:
        typing.type(b"\x03")

    assert ended(directory).code == 3


def test_a_shell_with_job_control_goes_on_after_each_of_three_pauses(in_terminal, ended, until):
    directory = in_terminal("bash", "--norc", "-i", shows="$ ", env={**os.environ, "PS1": "$ "})

    def echoed(word: str) -> None:
        """Type a line, and wait until `cat` has printed it as well."""
        typing.type(f"{word}\r".encode())
        until(lambda: shows(directory).count(f"{word}\n") >= 2)

    def pause(is_paused: bool) -> None:
        control.set_paused(directory, is_paused)
        until(lambda: isinstance(found := find(directory), Running) and found.is_paused == is_paused)

    with TypingInto(directory) as typing:
        typing.type(b"echo $((40 + 2)); cat\r")
        until(lambda: "42\n" in shows(directory))  # the shell itself does not read any more
        for turn in "abc":
            echoed(f"before {turn}")
            pause(True)
            pause(False)
            echoed(f"after {turn}")
        typing.type(b"\x04exit 7\n")

    assert ended(directory).code == 7
    assert "Stopped" not in shows(directory)


def test_a_shell_that_is_stopped_ends_at_once_as_when_its_terminal_hangs_up(in_terminal, ended):
    directory = in_terminal("bash", "--norc", "-i", shows="$ ", env={**os.environ, "PS1": "$ "}, grace_s=1000)

    control.stop(directory, grace_s=1000)

    exit_ = ended(directory)
    assert (exit_.cause, exit_.killed) == (Cause.STOPPED, 0)


def test_a_stop_gives_a_step_in_a_terminal_its_grace(in_terminal, ended):
    directory = in_terminal(
        "sh", "-c", "trap 'echo tidied; exit' TERM; echo ready; while :; do sleep 0.02; done", shows="ready"
    )

    control.stop(directory, grace_s=1000)

    assert ended(directory).cause is Cause.STOPPED
    assert shows(directory).endswith("tidied\n")


def test_what_runs_in_the_background_hangs_up_when_the_command_is_over(in_terminal, ended, tmp_path):
    directory = in_terminal(
        "sh",
        "-c",
        "(trap 'echo hung up > hup; exit' HUP; echo ready; while :; do sleep 0.02; done) & read line",
        shows="ready",
    )

    with TypingInto(directory) as typing:
        typing.type(b"\r")

    assert ended(directory).has_succeeded
    assert (tmp_path / "hup").read_text() == "hung up\n"


def test_what_stays_in_the_background_is_ended_and_noted_behind_the_picture(in_terminal, ended):
    directory = in_terminal("sh", "-c", "trap '' HUP; (while :; do sleep 0.02; done) & echo over")

    assert ended(directory).stragglers
    begin, end = (int(line.split()[0]) for line in (directory / "tty.sizes").read_text().splitlines())
    log = (directory / "output.log").read_bytes()
    assert log[begin:end] == b"over\r\n"
    assert b"still running" in log[end:]


def test_when_its_shim_is_killed_nothing_is_left_and_nothing_can_be_typed(in_terminal, until, running):
    directory = in_terminal("bash", "--norc", "-i", shows="$ ", env={**os.environ, "PS1": "$ "})

    os.kill(running(directory).shim_pid, signal.SIGKILL)
    until(lambda: isinstance(find(directory), Lost))
    control.end_leftovers(directory)

    with pytest.raises(NoTerminal):
        TypingInto(directory)


def test_a_program_that_does_not_exist_is_reported_and_leaves_no_terminal(assign, ended):
    assignment = assign(("no-such-program",), terminal=Terminal())
    start(assignment)

    exit_ = ended(assignment.directory)

    assert exit_.cause is Cause.SPAWN_ERROR
    assert (assignment.directory / "tty.sizes").read_text() == "0 120 36\n0 0 0\n"
    assert not (assignment.directory / "tty.in").exists()


@pytest.mark.slow
def test_a_log_in_a_terminal_is_cut_like_any_other_and_offsets_stay(in_terminal, ended):
    directory = in_terminal("sh", "-c", "yes $(printf %0500d) | head -c 60000000; printf end")

    ended(directory)

    log = directory / "output.log"
    assert log.stat().st_blocks * 512 < 60_000_000
    assert (directory / "tty.sizes").read_text().splitlines()[-1] == f"{log.stat().st_size} 0 0"


def test_where_opening_a_terminal_is_not_enough_a_fork_makes_it_the_controlling_one():
    master, slave = os.openpty()
    tty.setraw(slave, termios.TCSANOW)

    pid = kernel.fork_in_terminal(["sh", "-c", "tty > /dev/tty; exit 5"], dict(os.environ), os.ttyname(slave))

    assert os.read(master, 99).decode().strip() == os.ttyname(slave)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 5
    with pytest.raises(FileNotFoundError):
        kernel.fork_in_terminal(["no-such-program"], dict(os.environ), os.ttyname(slave))
    os.close(master)
    os.close(slave)
