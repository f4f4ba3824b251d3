"""Output arrives in pieces of any size; what is shown does not depend on where they end."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.emulator.states import fed, state

PIECES = st.sampled_from(
    [
        *map(str.encode, ["text", "a long text that wraps at the margin", "漢字", "e\u0301", "👩\u200d👧"]),
        *(bytes([control]) for control in range(32)),
        *(b"\xff\xfe", b"\xe6\xbc", b"\x1b[31m", b"\x1b[38;2;1;2;3m", b"\x1b[4:3m", b"\x1b[2J", b"\x1b[K"),
        *(b"\x1b[3;2H", b"\x1b[5\n;1H", b"\x1b[1<m", b"\x1b[", b"\x1b[3", b"\x1b]", b"\x1b]0;title\x07"),
        *(
            b"\x1b]2;other\x1b\\",
            b"\x1b]8;;http://x\x1b\\",
            b"\x1bP",
            b"\x1b_",
            b"\x1b\\",
            b"\x1bk",
            b"\x1b(0",
        ),
        *(
            b"\x1b(B",
            b"\x1b7",
            b"\x1b8",
            b"\x1bM",
            b"\x1b[2;3r",
            b"\x1b[L",
            b"\x1b[M",
            b"\x1b[?1049h",
            b"\x1bc",
        ),
        *(
            b"\x1b[?1049l",
            b"\x1b[?6h",
            b"\x1b[?7l",
            b"\x1b[4h",
            b"\x1b[3b",
            b"\x1b[?u",
            b"\x1b[>1u",
            b"\x1b   A",
        ),
        b"\x1b[" + b"1;" * 200 + b"m",
        b"\x1b]0;" + b"x" * 5000,
        b"\x1b[" + b"\n" * 300 + b"H",
        b"\x1bP" + b"q" * 5000,
        b"\x1b" + b" " * 20,
    ]
)


@pytest.mark.slow
@settings(max_examples=150)
@given(st.lists(PIECES | st.binary(max_size=12), max_size=25).map(b"".join), st.data())
def test_any_split_gives_the_same_screen(data, choices):
    cuts = sorted(choices.draw(st.lists(st.integers(0, len(data)), max_size=12)))

    pieces = [data[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]

    assert state(fed(*pieces)) == state(fed(data))


@settings(max_examples=60)
@given(st.lists(PIECES, max_size=12).map(b"".join))
def test_single_bytes_give_the_same_screen(data):
    assert state(fed(*(data[at : at + 1] for at in range(len(data))))) == state(fed(data))
