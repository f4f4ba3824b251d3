"""What a short command prints, and the commands that give no answer."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from porch_tui.process.printed import MOST_BYTES, CommandError, printed


def output_of(script: str, longest_s: float = 30.0) -> bytes:
    return printed(("/bin/sh", "-c", script), Path("/"), os.environ, longest_s)


def test_bytes_come_as_they_were_printed():
    assert b"a\nb\0\xff" == output_of("printf 'a\\nb\\0\\377'")


def test_more_than_a_pipe_holds_is_read():
    assert 300_000 == len(output_of("head -c 300000 /dev/zero"))


def test_a_command_that_fails_is_quoted_with_its_last_words():
    with pytest.raises(CommandError, match="failed with exit 3: no such thing"):
        output_of("echo first >&2; echo no such thing >&2; exit 3")


def test_a_program_that_is_not_there_is_said():
    with pytest.raises(CommandError, match="could not be started: No such file"):
        printed(("/nowhere/at-all",), Path("/"), os.environ)


def test_a_command_that_prints_without_end_is_ended():
    with pytest.raises(CommandError, match=f"more than {MOST_BYTES >> 20} MiB"):
        output_of("yes")


def test_a_command_that_does_not_end_is_ended_with_what_it_started(tmp_path: Path):
    pid = tmp_path / "pid"

    with pytest.raises(CommandError, match=r"did not end within 0\.5 s"):
        output_of(f"sleep 60 & echo $! > {pid}; wait", 0.5)

    child = int(pid.read_text())
    deadline = time.monotonic() + 20
    while is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_alive(child)


def test_what_a_command_leaves_behind_is_not_waited_for():
    assert b"done\n" == output_of("sleep 60 & echo done")


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
