"""A log of any length takes a bounded room on the disk, and says what is missing."""

from __future__ import annotations

import errno
import os
import sys
import time

import pytest

from porch_tui.process.liveness import Ended, wait
from porch_tui.process.output import follow, size
from porch_tui.process.spawn import start
from porch_tui.process.supervisor import kernel, spool
from porch_tui.process.supervisor.log_cap import FIRST_BYTES, LAST_BYTES, MIB, PUNCH_BYTES, LogCap

LINE = b"line %062d\n"
MOST_BYTES = FIRST_BYTES + LAST_BYTES + PUNCH_BYTES + MIB


@pytest.fixture
def log(tmp_path):
    """Return an open log that can be punched, on whatever file system this is."""
    probe = os.open(tmp_path / "probe", os.O_RDWR | os.O_CREAT)
    os.write(probe, b"x" * MIB)
    try:
        kernel.punch(probe, 0, MIB // 2)
    except OSError as error:
        pytest.skip(f"nothing can be dropped from a file here: {error.strerror}")
    finally:
        os.close(probe)
    descriptor = os.open(tmp_path / "output.log", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    yield descriptor
    os.close(descriptor)


def room_bytes(log: int) -> int:
    return os.fstat(log).st_blocks * 512


def shown(tmp_path, start: int = 0) -> bytes:
    """Return what `porch logs` prints."""
    return b"".join(follow(tmp_path / "output.log", lambda: True, start))


def numbered(first: int, count: int) -> bytes:
    """Return so many lines of 68 bytes."""
    return b"".join(map(LINE.__mod__, range(first, first + count)))


def test_the_middle_of_a_long_log_is_one_line_and_the_rest_is_whole(log, tmp_path):
    content = numbered(0, 900_000)
    os.write(log, content)

    LogCap(log, kernel.punch).look()

    before, line, after = shown(tmp_path).partition("… 41 MiB dropped …\n".encode())
    assert line
    assert content.startswith(before) and before.endswith(b"\n")
    assert content.endswith(after) and after.startswith(b"line ")
    assert FIRST_BYTES < len(before) < FIRST_BYTES + 100
    assert LAST_BYTES <= len(after) < LAST_BYTES + 100
    assert room_bytes(log) < FIRST_BYTES + LAST_BYTES + MIB
    assert os.fstat(log).st_size == len(content)


@pytest.mark.slow
def test_a_gap_grows_with_the_log_and_stays_one(log, tmp_path):
    cap = LogCap(log, kernel.punch)
    for number in range(8):
        os.write(log, numbered(number * 250_000, 250_000))
        cap.look()

    lines = shown(tmp_path).splitlines()
    assert [line for line in lines if not line.startswith(b"line ")] == ["… 112 MiB dropped …".encode()]
    assert (lines[0], lines[-1]) == ((LINE % 0).strip(), (LINE % 1_999_999).strip())
    assert room_bytes(log) < MOST_BYTES


def test_a_short_log_is_left_alone(log, tmp_path):
    content = b"x" * (FIRST_BYTES + LAST_BYTES + PUNCH_BYTES - 1)
    os.write(log, content)

    LogCap(log, kernel.punch).look()

    assert shown(tmp_path) == content


def test_zeros_that_a_task_wrote_are_shown_as_they_are(log, tmp_path):
    content = b"a\0\0b\n" + bytes(100_000) + b"c\n"
    os.write(log, content)

    assert shown(tmp_path) == content


def test_output_without_a_single_line_is_cut_anywhere(log, tmp_path):
    os.write(log, b"x" * 60 * MIB)

    LogCap(log, kernel.punch).look()

    before, line, after = shown(tmp_path).partition("\n… 42 MiB dropped …\n".encode())
    assert (set(before), bool(line), set(after)) == ({ord("x")}, True, {ord("x")})


def test_a_log_of_two_gigabytes_is_cut_as_fast_as_any(log, tmp_path):
    os.write(log, numbered(0, 50_000))
    os.truncate(log, 2048 * MIB)  # as holes: their content does not matter
    os.write(log, numbered(0, 300_000))
    began = time.monotonic()

    LogCap(log, kernel.punch).look()

    assert time.monotonic() - began < 5
    assert b" MiB dropped " in shown(tmp_path)[FIRST_BYTES : FIRST_BYTES + 1000]


@pytest.mark.slow
def test_an_emptied_log_starts_again(log, tmp_path):
    cap = LogCap(log, kernel.punch)
    os.write(log, numbered(0, 900_000))
    cap.look()
    os.truncate(log, 0)
    cap.look()
    os.write(log, numbered(0, 900_000))
    cap.look()

    assert shown(tmp_path).count(b"dropped") == 1


@pytest.mark.slow
def test_a_file_system_without_holes_is_reported_once_in_the_log(log, tmp_path, monkeypatch):
    monkeypatch.setattr(kernel, "IS_LINUX", False)  # as on a system that cannot do it
    os.write(log, numbered(0, 900_000))
    cap = LogCap(log, kernel.punch)

    complaints = cap.look(), cap.look()

    why = f"the file system cannot drop its middle ({os.strerror(errno.ENOTSUP)})"
    assert complaints == (f"-- porch: this log keeps growing, for {why}", "")
    assert numbered(0, 900_000) == shown(tmp_path)


CHATTERER = """
import os
block = b"".join(b"some words %06d\\n" % number for number in range(60_000))
for _ in range(140):
    os.write(1, block)
print("over")
"""


def test_a_task_that_writes_150_megabytes_keeps_its_beginning_and_its_end(log, assign):
    assignment = assign((sys.executable, "-c", CHATTERER))
    start(assignment)

    assert isinstance(wait(assignment.directory), Ended)
    path = assignment.directory / "output.log"
    text = b"".join(follow(path, lambda: True))
    assert size(path) > 150_000_000
    assert path.stat().st_blocks * 512 < MOST_BYTES
    assert text.startswith(b"some words 000000\n") and text.endswith(b"over\n")
    assert text.count(b"MiB dropped") == 1 and b"\0" not in text
    assert not spool.read(f"{assignment.directory}/exit.json")["killed"]


def test_a_reader_in_the_gap_continues_behind_it(log, tmp_path):
    os.write(log, numbered(0, 900_000))
    LogCap(log, kernel.punch).look()

    went_on = shown(tmp_path, start=20 * MIB)

    assert went_on.startswith("… 41 MiB dropped …\nline ".encode())
