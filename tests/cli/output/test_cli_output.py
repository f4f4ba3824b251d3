"""Where an answer cannot be printed, or no one reads it: reported, or left out and counted."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from porch_tui import __version__
from porch_tui.cli import main
from porch_tui.cli.output.printer import hurry, unhurried
from porch_tui.cli.output.printing import say, write_line
from project import Project


@contextmanager
def piped(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Make standard output a pipe, and return the descriptor to read it from."""
    read, write = os.pipe()
    with os.fdopen(write, "w") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        yield read
        monkeypatch.undo()


def test_the_version_is_an_answer(capsys: pytest.CaptureFixture[str]):
    assert [0, 0] == [main(["--version"]), main(["-V"])]
    assert f"porch {__version__}\n" * 2 == capsys.readouterr().out


def test_a_reader_that_has_left_is_no_error(monkeypatch: pytest.MonkeyPatch):
    with piped(monkeypatch) as read:
        os.close(read)

        assert 0 == main(["schema"])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_an_answer_that_cannot_be_printed_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)

        assert 3 == main(["schema"])
    assert "cannot write to standard output: No space left on device" in capsys.readouterr().err


def test_during_a_run_what_nothing_reads_is_left_out_and_counted(monkeypatch: pytest.MonkeyPatch):
    with piped(monkeypatch) as read, os.fdopen(read, "rb") as reader:
        found: list[bytes] = []
        with unhurried():
            for number in range(20_000):
                write_line(f"line {number:050}")
            reading = threading.Thread(target=lambda: found.extend(reader), daemon=True)
            reading.start()
        sys.stdout.close()
        reading.join()

    (gap,) = [line for line in found if b"left out, as nothing read them; porch report has them all" in line]
    count = int(gap.split()[1])
    assert (20_000, found[0]) == (len(found) - 1 + count, b"line %050d\n" % 0)


@pytest.mark.slow
def test_during_a_run_a_reader_that_leaves_or_sleeps_delays_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    with piped(monkeypatch) as read, unhurried():
        os.close(read)
        write_line("to no one")
    with piped(monkeypatch) as read, unhurried(is_json=True):
        for _ in range(20_000):
            write_line("nothing reads this")
        logging.getLogger("porch_tui").warning("what the engine logs")
        hurry()
    say("porch: still here")

    assert "porch: still here\n" in capsys.readouterr().err


@pytest.mark.slow
def test_an_interrupted_command_ends_as_a_shell_expects(
    project: Project, engine: Callable[[Project, str], None], monkeypatch: pytest.MonkeyPatch
):
    engine(project, "tasks:\n  a: {run: 'echo hello; sleep 600'}\n")

    is_over = threading.Event()

    def interrupt(read: int) -> None:
        os.read(read, 1)  # it has begun to print
        os.kill(os.getpid(), signal.SIGINT)
        while not is_over.wait(5):  # the one before fell into a callback of the garbage collector
            os.kill(os.getpid(), signal.SIGINT)

    with piped(monkeypatch) as read:
        threading.Thread(target=interrupt, args=(read,)).start()
        try:
            assert 130 == main(["logs", "-C", str(project.root), "a", "--follow"])
        finally:
            is_over.set()
