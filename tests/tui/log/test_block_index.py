"""Lines of a file by number, while the file grows, shrinks, is replaced or is not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from porch_tui.tui.log.block_index import BLOCK_BYTES, BlockIndex, Growth, Line
from porch_tui.tui.terminal.ansi import HEAD_BYTES, TAIL_BYTES

quickly = settings(deadline=None, database=None, max_examples=40, print_blob=True)

# Long runs make lines end on, before and after the edges of blocks.
runs = st.builds(
    lambda piece, times: piece * min(times, 200_000 // len(piece)),
    st.sampled_from(
        [b"\n", b"a\n", b"word ", b"x" * 4095 + b"\n", b"0123456789abcde\n", b"\r", "é\n".encode()]
    ),
    st.sampled_from([1, 2, 3, 15, 16, 4096]),
)
steps = st.lists(st.tuples(st.lists(runs, max_size=3).map(b"".join), st.integers(1, 200_000)), max_size=6)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "task.log"


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def read_all(index: BlockIndex) -> None:
    while index.advance(100_000) is not Growth.NOTHING:
        pass


def expected_lines(data: bytes) -> list[Line]:
    lines = data.split(b"\n")
    return [as_line(line) for line in (lines if lines[-1] else lines[:-1])]


def as_line(line: bytes) -> Line:
    tail = line[-TAIL_BYTES:] if len(line) > HEAD_BYTES else b""
    return Line(line[:HEAD_BYTES], tail, len(line))


def all_lines(index: BlockIndex) -> list[Line]:
    return [index.line(number) for number in range(index.line_count)]


# --- properties


@quickly
@given(steps)
def test_the_lines_are_those_of_the_file_however_it_grows_and_is_read(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[bytes, int]]
) -> None:
    path = tmp_path_factory.mktemp("log") / "task.log"
    index = BlockIndex(path)
    written = b""
    for data, limit in steps:
        append(path, data)
        written += data
        index.advance(limit)

        assert expected_lines(written[: index.read_bytes]) == all_lines(index)
    read_all(index)

    assert index.is_complete
    assert expected_lines(written) == all_lines(index)
    assert index.is_last_line_open == (written[-1:] not in {b"", b"\n"})


@quickly
@given(st.lists(st.one_of(runs, st.just(b"x" * 50_000)), max_size=8).map(b"".join))
def test_the_end_read_alone_is_the_end_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("log") / "task.log"
    path.write_bytes(data)
    whole = BlockIndex(path)
    read_all(whole)
    ending = whole.near_end()
    read_all(ending)
    first = whole.lines_before(ending.origin)

    assert whole.line_count == first + ending.line_count
    if ending.origin == 0 or data[ending.origin - 1 : ending.origin] == b"\n":
        assert all_lines(whole)[first:] == all_lines(ending)


@quickly
@given(st.lists(runs, max_size=4).map(b"".join), st.integers(0, 500_000))
def test_lines_before_counts_the_newlines_before_an_offset(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, offset: int
) -> None:
    path = tmp_path_factory.mktemp("log") / "task.log"
    path.write_bytes(data)
    index = BlockIndex(path)
    read_all(index)

    assert data[:offset].count(b"\n") == index.lines_before(offset)


# --- what a file may do


def test_a_missing_file_is_empty_and_no_trouble(path: Path) -> None:
    index = BlockIndex(path)

    assert Growth.NOTHING is index.advance()
    assert (index.line_count, index.is_complete, index.trouble) == (0, True, "")
    assert [] == all_lines(index)


def test_a_file_that_appears_later_is_read(path: Path) -> None:
    index = BlockIndex(path)
    index.advance()
    path.write_bytes(b"one\ntwo\n")

    assert Growth.MORE is index.advance()
    assert expected_lines(b"one\ntwo\n") == all_lines(index)


def test_a_file_that_does_not_change_is_nothing_new(path: Path) -> None:
    path.write_bytes(b"one\n")
    index = BlockIndex(path)
    index.advance()

    assert Growth.NOTHING is index.advance()


def test_an_open_last_line_is_a_line_and_grows(path: Path) -> None:
    path.write_bytes(b"one\ntw")
    index = BlockIndex(path)
    index.advance()
    assert (index.line_count, index.is_last_line_open) == (2, True)
    assert index.line(1).head == b"tw"
    append(path, b"o\n")

    assert Growth.MORE is index.advance()
    assert (index.line_count, index.is_last_line_open) == (2, False)
    assert index.line(1).head == b"two"


def test_a_truncated_file_starts_again(path: Path) -> None:
    path.write_bytes(b"one\ntwo\nthree\n")
    index = BlockIndex(path)
    index.advance()
    path.write_bytes(b"new\n")

    assert Growth.AGAIN is index.advance()
    assert expected_lines(b"new\n") == all_lines(index)


def test_a_file_truncated_and_written_longer_between_two_looks_starts_again(path: Path) -> None:
    path.write_bytes(b"one\ntwo\n")
    index = BlockIndex(path)
    index.advance()
    path.write_bytes(b"another and longer\nfile\n")

    assert Growth.AGAIN is index.advance()
    assert expected_lines(b"another and longer\nfile\n") == all_lines(index)


def test_a_replaced_file_starts_again(path: Path) -> None:
    path.write_bytes(b"one\ntwo\n")
    index = BlockIndex(path)
    index.advance()
    other = path.with_name("other")
    other.write_bytes(b"one\ntwo\nthree\n")
    other.replace(path)

    assert Growth.AGAIN is index.advance()
    assert expected_lines(b"one\ntwo\nthree\n") == all_lines(index)


def test_a_file_taken_away_is_empty_again(path: Path) -> None:
    path.write_bytes(b"one\n")
    index = BlockIndex(path)
    index.advance()
    path.unlink()

    assert Growth.AGAIN is index.advance()
    assert Growth.NOTHING is index.advance()
    assert index.line_count == 0


def test_the_end_of_a_file_that_is_replaced_starts_at_the_start(path: Path) -> None:
    path.write_bytes(b"line\n" * 100_000)
    ending = BlockIndex(path).near_end()
    ending.advance()
    assert ending.origin > 0
    path.write_bytes(b"new\n")

    assert Growth.AGAIN is ending.advance()
    assert expected_lines(b"new\n") == all_lines(ending)


def test_reading_a_file_that_was_cut_since_raises_nothing(path: Path) -> None:
    path.write_bytes(b"line\n" * 100_000)
    index = BlockIndex(path)
    index.advance()
    os.truncate(path, 10)

    assert len([index.line(number) for number in range(50_000, 50_040)]) == 40


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_says_so(path: Path) -> None:
    path.write_bytes(b"one\n")
    path.chmod(0)
    index = BlockIndex(path)
    index.advance()

    assert "Permission denied" in index.trouble


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_is_no_regular_file_says_so_and_leaks_nothing(path: Path, make: object) -> None:
    assert callable(make)
    make(path)
    index = BlockIndex(path)
    before = open_files()
    for _ in range(5):
        index.advance()

    assert "not a regular file" in index.trouble
    assert before == open_files()


def open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


# --- a log whose middle was dropped

DROPPED = "… 371 MiB dropped …\n".encode()
MIB = 1024 * 1024


def with_gap(path: Path, first: bytes, gap_bytes: int, last: bytes) -> None:
    """Write a log whose middle is a hole that ends with the line that reports it."""
    with path.open("wb") as file:
        file.write(first)
        file.truncate(len(first) + gap_bytes)
        file.seek(len(first) + gap_bytes - len(DROPPED))
        file.write(DROPPED + last)
    if path.stat().st_blocks * 512 >= path.stat().st_size:
        pytest.skip("this file system has no holes")


@pytest.mark.parametrize("gap_bytes", [300_000, 5 * MIB + 1, 2048 * MIB])
@pytest.mark.parametrize("first", [b"a\n", b"word\n" * 250_000])
def test_what_was_dropped_from_the_middle_is_one_line(path: Path, first: bytes, gap_bytes: int) -> None:
    with_gap(path, first, gap_bytes, b"c\n" * 1_000_000)
    index = BlockIndex(path)
    read_all(index)

    before = first.count(b"\n")
    assert index.line_count == before + 1 + 1_000_000
    text = DROPPED.strip()
    around = [first.splitlines()[-1], text, b"c"]
    assert around == [index.line(number).head for number in range(before - 1, before + 2)]
    assert index.line(before).length == len(text)


def test_a_gap_is_not_read(path: Path) -> None:
    with_gap(path, b"a\n", 2048 * MIB, b"c\n")
    index = BlockIndex(path)

    index.advance(200_000)
    index.advance(200_000)

    assert index.is_complete


def test_a_gap_that_comes_or_grows_means_starting_again(path: Path) -> None:
    path.write_bytes(b"word\n" * 400_000)
    index = BlockIndex(path)
    read_all(index)

    for gap_bytes in (1_000_000, 1_500_000):
        size = path.stat().st_size
        with_gap(path, b"word\n" * 100, gap_bytes, b"word\n" * ((size - gap_bytes) // 5))
        assert index.advance() is Growth.AGAIN
        read_all(index)

    assert b"word" == index.line(99).head
    assert DROPPED.strip() == index.line(100).head
    assert index.advance() is Growth.NOTHING


# --- how much is read


def test_one_look_reads_no_more_than_its_limit(path: Path) -> None:
    path.write_bytes(b"line\n" * 100_000)
    index = BlockIndex(path)
    index.advance(1000)

    assert (index.read_bytes, index.line_count, index.is_complete) == (1000, 200, False)


def test_a_line_of_many_blocks_is_read_at_its_ends_only(path: Path) -> None:
    line = b"start" + b"x" * 10 * BLOCK_BYTES + b"end"
    path.write_bytes(b"before\n" + line + b"\nafter\n")
    index = BlockIndex(path)
    read_all(index)

    assert as_line(line) == index.line(1)


def test_a_line_beyond_the_last_is_an_error(path: Path) -> None:
    path.write_bytes(b"one\n")
    index = BlockIndex(path)
    index.advance()

    with pytest.raises(IndexError, match=r"line 1 of .* which has 1"):
        index.line(1)


def test_a_closed_index_is_empty_and_lets_go_of_the_file(path: Path) -> None:
    path.write_bytes(b"one\n")
    before = open_files()
    index = BlockIndex(path)
    index.advance()
    index.close()

    assert (0, before) == (index.line_count, open_files())
