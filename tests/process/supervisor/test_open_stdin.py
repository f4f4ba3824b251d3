"""A step whose standard input is open gets what people write, and who reads it waits for them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from porch_tui.process import control
from porch_tui.process.liveness import Lost, find
from porch_tui.process.spawn import start
from porch_tui.process.supervisor import kernel
from porch_tui.process.supervisor.calls import NewCalls
from porch_tui.process.typing import NoTerminal, TypingInto

needs_proc = pytest.mark.skipif(not kernel.IS_LINUX, reason="needs /proc/PID/syscall")


@pytest.fixture
def asks(assign, until):
    """Start a program whose standard input is open, and return the attempt's directory."""

    def run(*steps, **how):
        assignment = assign(*steps, has_open_stdin=True, **how)
        start(assignment)
        until((assignment.directory / "tty.in").exists)
        return assignment.directory

    return run


@pytest.fixture
def waits(until):
    """Wait until an attempt has said something, and return what."""

    def said(directory):
        calls, found = NewCalls(str(directory)), []
        until(lambda: found.extend(calls.take()) or found)
        return [(one.kind, one.text) for one in found]

    return said


def output(directory):
    return (directory / "output.log").read_text()


def write(directory, text):
    with TypingInto(directory) as typing:
        return typing.type(text.encode())


def test_a_line_that_is_written_is_read_and_the_next_step_has_no_input(asks, ended):
    directory = asks('read -r x; echo "got $x"; read -r y || echo end', "read -r z || echo none")

    assert write(directory, "yes\n") == 0
    control.finish(directory, 5.0)

    assert ended(directory).code == 0
    assert "got yes\nend\n" in output(directory) and output(directory).endswith("none\n")
    assert not (directory / "tty.in").exists()


def test_much_that_is_written_before_the_end_arrives_whole(asks, ended):
    directory = asks("sleep 0.2; wc -c")
    text = "x" * 99 + "\n"

    assert write(directory, text * 1500) == 0
    control.finish(directory, 5.0)

    assert ended(directory).code == 0
    assert output(directory).split() == ["150000"]


@needs_proc
@pytest.mark.parametrize(
    "command",
    [
        "printf '\\033[1mName?\\033[0m '; read -r x",
        ("bash", "-c", "printf 'Name? '; read -r x"),
        (sys.executable, "-uc", "input('Name? ')"),
        "printf 'Name? '; (sh -c 'cat >/dev/null; true'; true)",
    ],
)
def test_a_process_that_reads_it_waits_for_a_person(asks, ended, waits, command):
    directory = asks(command)

    assert waits(directory) == [("waiting", "Name?")]

    write(directory, "me\n")
    control.finish(directory, 5.0)
    assert ended(directory).code == 0


@needs_proc
def test_the_next_question_is_another_call(asks, ended, waits):
    directory = asks("printf 'One? '; read -r x; printf 'Two? '; read -r x")
    assert waits(directory) == [("waiting", "One?")]
    (directory / "calls.jsonl").unlink()

    write(directory, "1\n")

    assert waits(directory) == [("waiting", "Two?")]  # although no line ends before it
    write(directory, "2\n")
    assert ended(directory).code == 0


@needs_proc
@pytest.mark.slow
def test_who_reads_something_else_does_not_wait(asks, tmp_path, waits):
    os.mkfifo(tmp_path / "other")
    other = f"exec 3<>{tmp_path}/other; timeout 1 cat <&3"

    directory = asks(f"printf 'One? '; {other}; printf 'Two? '; read -r x")

    assert waits(directory) == [("waiting", "One? Two?")]


@needs_proc
@pytest.mark.slow
def test_one_that_goes_on_unanswered_does_not_wait_any_more(asks, waits):
    directory = asks("printf 'Name? '; timeout 1 cat; sleep 100")
    assert waits(directory) == [("waiting", "Name?")]

    (directory / "calls.jsonl").unlink()

    assert waits(directory) == [("working", "")]


def test_once_no_process_reads_it_no_one_can_write(asks, until, ended):
    directory = asks("exec <&-; until test -e go; do sleep 0.02; done")
    until(lambda: not (directory / "tty.in").exists())

    with pytest.raises(NoTerminal):
        write(directory, "lost\n")

    (directory.parent / "go").touch()
    assert ended(directory).code == 0


def test_when_its_shim_is_killed_it_ends(asks, until, running):
    directory = asks("cat; echo ended")

    os.kill(running(directory).shim_pid, signal.SIGKILL)

    until(lambda: isinstance(find(directory), Lost))
    until(lambda: "ended" in output(directory))


@needs_proc
@pytest.mark.slow
def test_one_that_was_answered_while_it_was_frozen_does_not_wait(tmp_path, until, monkeypatch):
    monkeypatch.syspath_prepend(Path(kernel.__file__).parent)  # as in a shim
    blocked_read = import_module("blocked_read")
    reading, writing = os.pipe()
    log = os.open(tmp_path / "output.log", os.O_RDWR | os.O_CREAT)
    reader, calls = blocked_read.BlockedRead(str(tmp_path), log, writing), tmp_path / "calls.jsonl"

    def looks() -> None:
        until(lambda: reader.due_in_s() == 0)
        reader.look()

    with subprocess.Popen(["cat"], stdin=reading, stdout=subprocess.DEVNULL) as child:
        until(lambda: looks() or calls.exists())
        child.send_signal(signal.SIGSTOP)
        until(lambda: kernel.stat_fields(child.pid)[0] == b"T")
        calls.unlink()
        os.write(writing, b"1\n")
        reader.answered()

        looks()
        looks()

        child.kill()
    assert not calls.exists()
    for fd in (reading, writing, log):
        os.close(fd)
