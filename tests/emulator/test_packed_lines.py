"""A packed row is a tenth of the size, and becomes the same row again."""

from __future__ import annotations

from sys import getsizeof

import pytest
from hypothesis import given
from hypothesis import strategies as st

from porch_tui.emulator.history import History
from porch_tui.emulator.line import packed, unpacked
from porch_tui.emulator.screen import Screen
from tests.emulator.states import fed

PIECES = st.sampled_from(
    [
        "a",
        "bc  ",
        "漢",
        "e\u0301",
        "🚀",
        "é",
        "👩\u200d👧",
        "\x1b[31m",
        "\x1b[m",
        "\x1b[44m",
        "\x1b[K",
        "\x1b[3G",
    ]
)


@given(st.lists(PIECES, max_size=20).map("".join))
def test_a_row_survives_packing(text):
    line = fed(text.encode(), cols=60).lines[0]

    again = unpacked(packed(line), 60)

    assert (again.chars, again.styles, again.used, again.wraps) == (
        line.chars,
        line.styles,
        line.used,
        line.wraps,
    )


@pytest.mark.slow
def test_ten_thousand_rows_of_a_build_log_take_less_than_ten_megabytes():
    screen = Screen(120, 30)
    for n in range(10_100):
        screen.feed(
            b"\x1b[32m%06d\x1b[0m \x1b[1mcompiling\x1b[0m src/module_%d.c \x1b[38;5;208mwarning\x1b[0m: "
            b"\x1b[2munused variable in a function with a long name\x1b[0m -> \x1b[34mobject_%d.o\x1b[0m\r\n"
            % (n, n, n)
        )

    lines = screen.history.lines
    assert len(lines) == 10_000
    assert sum(getsizeof(line) + sum(map(getsizeof, line)) for line in lines) < 10_000_000


@pytest.mark.slow
def test_rows_that_are_heavy_are_dropped_earlier():
    history = History(most_bytes=100_000)
    screen = Screen(200, 2, history)
    for n in range(200):
        screen.feed(b"".join(b"\x1b[38;2;%d;0;%dmx" % (n, x) for x in range(200)) + b"\r\n")

    assert len(history.lines) < 100
    assert history.dropped == 200 - 1 - len(history.lines)
