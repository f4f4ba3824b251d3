"""No output, however odd, makes the emulator fail, or take memory or time without end."""

from __future__ import annotations

import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from porch_tui.emulator.screen import Screen
from tests.emulator.states import fed, shown, state

MEGABYTE = 1_000_000
MUCH = 60_000
FLOODS = {
    "an endless title": b"\x1b]0;" + b"x" * MUCH,
    "an endless device control string": b"\x1bP" + b"q" * MUCH,
    "an endless private message": b"\x1b^" + b"x" * MUCH,
    "an endless control sequence": b"\x1b[" + b"1;" * (MUCH // 2),
    "endless intermediates": b"\x1b" + b" " * MUCH,
    "huge parameters": b"\x1b[99999999999999999999@\x1b[2147483647;2147483647H\x1b[999999999S" * 500,
    "many parameters": b"\x1b[" + b"38;5;1;" * 30 + b"m",
    "nothing but marks": "\u0301".encode() * (MUCH // 2),
    "nothing but joiners": "a\u200d".encode() * (MUCH // 4),
    "bytes that are no UTF-8": b"\xff\xc3\xe6\xbc" * (MUCH // 4),
    "a new colour for each cell": b"".join(
        b"\x1b[38;2;%d;%d;%dmx" % (n >> 16 & 255, n >> 8 & 255, n & 255) for n in range(5_000)
    ),
    "many saved titles": b"\x1b]0;title\x07\x1b[22t" * 4_000,
    "many keyboards": b"\x1b[>1u" * 2_000,
    "many clears": b"x\x1b[2J" * 400,
    "many repeats": b"x\x1b[99999b" * 1_000,
}


@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_takes_bounded_memory_and_time(flood):
    screen = Screen(80, 24)
    data = FLOODS[flood]
    began = time.process_time()
    tracemalloc.start()

    for at in range(0, len(data), 16_384):
        screen.feed(data[at : at + 16_384])

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 25 * MEGABYTE  # of which 10 may be scrollback
    assert time.process_time() - began < 60


@pytest.mark.parametrize("begin", [b"\x1b]0;", b"\x1bP", b"\x1b[", b"\x1b", b"\x1bX"])
def test_an_endless_sequence_in_single_bytes_takes_bounded_time(begin):
    screen = fed(begin)
    began = time.process_time()

    for _ in range(8_000):
        screen.feed(b";")

    assert time.process_time() - began < 60


@settings(max_examples=50)
@given(st.binary(max_size=400), st.integers(1, 12), st.integers(1, 5))
def test_any_bytes_are_shown_somehow(data, cols, rows):
    screen = fed(data, cols=cols, rows=rows)

    for line in screen.lines:
        assert len(line.chars) == len(line.styles) == cols
    assert 0 <= screen.x <= cols
    assert 0 <= screen.y < rows


@settings(max_examples=50)
@given(
    st.lists(
        st.sampled_from([b"\x1b[", b"\x1b]", b"\x1bP", b"\x1b", b"?", b";", b"\x07"])
        | st.binary(max_size=3)
        | st.integers(0, 10**6).map(lambda number: b"%d" % number)
        | st.sampled_from("ABCDEFGHJKLMPSTXZ`abdefghilmnqrstu@").map(str.encode),
        max_size=60,
    ),
    st.lists(st.tuples(st.integers(1, 12), st.integers(1, 5)), max_size=4),
)
def test_any_sequences_and_sizes_leave_whole_rows(pieces, sizes):
    screen = fed(*pieces)
    for cols, rows in sizes:
        screen.resize(cols, rows)
        screen.feed("x漢".encode())

        assert len(screen.lines) == rows
        assert (
            {len(line.chars) for line in screen.lines}
            == {cols}
            == {len(line.styles) for line in screen.lines}
        )


def test_a_sequence_that_is_broken_off_does_not_swallow_what_follows():
    assert shown(b"\x1b[3\x18text")[0] == "text"
    assert shown(b"\x1b]0;ti\x1atext")[0] == "text"
    assert shown(b"\x1b]0;ti\x1b[1mtext")[0] == "text"
    assert shown(b"\x1b\x1b[1mtext")[0] == "text"


def test_a_link_is_shown_as_its_text():
    assert (
        shown(b"\x1b]8;id=1;https://example.org/\x1b\\here\x1b]8;;\x1b\\ it is", cols=20)[0] == "here it is"
    )


def test_the_clipboard_and_pictures_leave_no_trace():
    assert state(fed(b"\x1b]52;c;aGVsbG8=\x07\x1b_Gf=100;AAAA\x1b\\\x1bPq#0;2;0;0;0\x1b\\")) == state(fed())


def test_what_turns_or_hides_text_never_gets_into_a_cell():
    assert shown("a\u202eb\u2066c\u200bd\ufeffe\u0085f".encode())[0] == "abcdef"


def test_a_size_that_no_terminal_has_is_refused():
    with pytest.raises(ValueError, match="0 columns"):
        Screen(0, 5)
    with pytest.raises(ValueError, match="1 to 1000"):
        fed().resize(80, 5000)
