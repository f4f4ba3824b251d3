"""Reading a log that grows."""

from __future__ import annotations

import threading

import pytest

from porch_tui.process.liveness import Ended, find
from porch_tui.process.output import BLOCK_BYTES, Extract, follow, read_range, size, tail
from porch_tui.process.spawn import start


@pytest.fixture
def log(tmp_path):
    return tmp_path / "output.log"


@pytest.mark.parametrize(
    ("content", "lines", "expected"),
    [
        (b"", 5, b""),
        (b"a\nb\nc\n", 2, b"b\nc\n"),
        (b"a\nb\nc", 2, b"b\nc"),
        (b"a\nb\nc\n", 3, b"a\nb\nc\n"),
        (b"a\nb\nc\n", 99, b"a\nb\nc\n"),
        (b"a\nb\n", 0, b""),
        (b"\n\n\n", 2, b"\n\n"),
        (b"\n", 1, b"\n"),
        (b"a\n10%\r20%\r30%\n", 1, b"10%\r20%\r30%\n"),
        (b"a\r\nb\r\n", 1, b"b\r\n"),
        (b"\xff\xfe\n\xf0\x9f", 1, b"\xf0\x9f"),
    ],
)
def test_the_last_lines_are_found(log, content, lines, expected):
    log.write_bytes(content)

    assert Extract(len(content) - len(expected), expected) == tail(log, lines)


@pytest.mark.parametrize("size_bytes", [BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 3 * BLOCK_BYTES])
def test_the_last_lines_are_found_across_the_ends_of_blocks(log, size_bytes):
    log.write_bytes(b"first\n" + b"x" * size_bytes + b"\nlast\n")

    assert b"x" * size_bytes + b"\nlast\n" == tail(log, 2).content


def test_a_line_without_end_is_cut_at_the_limit(log):
    log.write_bytes(b"x" * 3_000_000)

    assert (tail(log, 1, 100_000).start, len(tail(log, 1, 100_000).content)) == (2_900_000, 100_000)


def test_reading_continues_where_the_tail_ended(log):
    log.write_bytes(b"a\nb\n")
    seen = tail(log, 1)
    with log.open("ab") as writer:
        writer.write(b"c\n")

    assert read_range(log, seen.end, size(log)) == b"c\n"


def test_a_range_is_cut_at_the_end_of_the_log(log):
    log.write_bytes(b"0123456789")

    ranges = [(0, 3), (8, 99), (99, 200), (5, 2), (-4, 2)]
    assert [read_range(log, *bounds) for bounds in ranges] == [b"012", b"89", b"", b"", b"01"]


def test_a_log_that_does_not_exist_yet_is_empty(log):
    assert (0, b"", Extract(0, b"")) == (size(log), read_range(log, 0, 10), tail(log, 10))


def test_following_a_task_gives_everything_up_to_its_last_byte(assign, tmp_path):
    assignment = assign("for i in 1 2 3 4 5; do echo $i; sleep 0.05; done; printf end")
    path = assignment.directory / "output.log"
    following = follow(path, lambda: isinstance(find(assignment.directory), Ended))
    start(assignment)

    assert b"".join(following) == b"1\n2\n3\n4\n5\nend"


def test_following_may_begin_before_the_log_does(log):
    is_done = threading.Event()
    threading.Timer(0.05, lambda: (log.write_bytes(b"a\nb\n"), is_done.set())).start()

    assert b"".join(follow(log, is_done.is_set)) == b"a\nb\n"


def test_following_may_begin_in_the_middle(log):
    log.write_bytes(b"a\nb\n")

    assert b"".join(follow(log, lambda: True, start=2)) == b"b\n"


def test_a_log_emptied_by_a_step_is_followed_from_its_beginning(log):
    log.write_bytes(b"long long ago\n")
    is_done = threading.Event()
    following = follow(log, is_done.is_set)
    assert next(following) == b"long long ago\n"
    log.write_bytes(b"new\n")
    is_done.set()

    assert list(following) == [b"new\n"]
