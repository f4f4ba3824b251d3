"""A screen that changes its size is laid out as in tmux; a recording is replayed with the sizes it had."""

from __future__ import annotations

import pytest

from porch_tui.emulator.line import unpacked
from porch_tui.emulator.replay import Replay, read_sizes
from porch_tui.emulator.screen import Screen
from tests.emulator.states import fed, state


def rows(screen: Screen) -> tuple[list[str], list[str]]:
    """Return the scrollback, and the screen."""
    return (
        [unpacked(line, screen.cols).text for line in screen.history.lines],
        [line.text for line in screen.lines],
    )


def test_a_long_line_is_cut_for_fewer_columns_and_joined_for_more():
    screen = fed(b"0123456789abcdef\r\n$ ")
    screen.resize(6, 5)
    assert rows(screen) == (["012345"], ["6789ab", "cdef", "$", "", ""])
    assert (screen.x, screen.y) == (2, 2)

    screen.resize(20, 5)
    assert rows(screen) == ([], ["0123456789abcdef", "$", "", "", ""])
    assert (screen.x, screen.y) == (2, 1)


def test_lines_in_the_scrollback_are_laid_out_too():
    screen = fed(b"0123456789\r\n" * 3 + b"x\r\ny")
    screen.resize(5, 4)

    assert rows(screen) == (["01234", "56789", "01234", "56789"], ["01234", "56789", "x", "y"])


def test_a_wide_character_stays_whole():
    screen = fed("a漢字漢".encode())
    screen.resize(4, 4)

    assert rows(screen) == (["a漢"], ["字漢", "", "", ""])


def test_rows_come_back_from_the_scrollback():
    screen = fed(b"1\r\n2\r\n3\r\n4\r\n5\r\n6")
    screen.resize(10, 2)
    assert rows(screen) == (["1", "2", "3", "4"], ["5", "6"])

    screen.resize(10, 5)
    assert rows(screen) == (["1"], ["2", "3", "4", "5", "6"])


def test_empty_rows_below_the_cursor_go_first():
    screen = fed(b"1\r\n2")
    screen.resize(10, 2)

    assert rows(screen) == ([], ["1", "2"])


def test_the_main_screen_is_laid_out_when_the_alternate_one_is_left():
    screen = fed(b"0123456789ab\x1b[?1049h\x1b[Hfull")
    screen.resize(6, 3)
    assert rows(screen) == ([], ["full", "", ""])

    screen.feed(b"\x1b[?1049l")
    assert rows(screen) == ([], ["012345", "6789ab", ""])


def test_ten_thousand_rows_are_laid_out_in_a_moment():
    screen = Screen(80, 24)
    screen.feed(b"".join(b"%d %s\r\n" % (n, b"word " * (n % 40)) for n in range(12_000)))

    screen.resize(50, 24)
    screen.resize(120, 40)

    assert screen.lines[-3].text.startswith("11999 word")


@pytest.mark.parametrize("piece", [1, 7, 1000])
def test_sizes_take_effect_at_their_bytes(piece):
    data = b"0123456789abc\r\n" * 5
    sizes = read_sizes("0 10 4\n17 6 4\n40 20 3\n40 12 6\n")
    expected = Screen(10, 4)
    for begin, end, size in ((0, 17, (6, 4)), (17, 40, (20, 3)), (40, 40, (12, 6)), (40, len(data), (12, 6))):
        expected.feed(data[begin:end])
        expected.resize(*size)

    replay = Replay(Screen(80, 24))
    replay.add_sizes(sizes)
    for at in range(0, len(data), piece):
        replay.feed(data[at : at + piece])

    assert state(replay.screen) == state(expected)
    assert replay.offset == len(data)


def test_a_size_that_comes_late_takes_effect_at_once():
    replay = Replay(Screen(80, 24), offset=100)
    replay.feed(b"text")
    replay.add_sizes([(102, 10, 4)])
    replay.feed(b"")

    assert replay.screen.cols == 10


def test_lines_that_are_no_sizes_are_left_out():
    assert read_sizes("0 80 24\nnonsense\n5 0 3\n9 99999 3\n3 -1 5\n7 90 30\n2 10 10\n8 80 2") == [
        (0, 80, 24),
        (7, 90, 30),
    ]
