"""Messages survive any cut of their bytes, and what is no message breaks a connection, nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from porch_tui.core.model.plan import RunId, TaskId, TaskSpec
from porch_tui.places.wire import messages as m
from porch_tui.places.wire.lines import LONGEST_LINE, Lines, WireError, encode

KEY = m.Key(RunId("r"), TaskId("build: a"), 2)
ORDER = m.Order(
    KEY,
    TaskSpec(TaskId("build: a"), "Build", ("sh", "-c", "echo 'ü'\n"), checks=(("true",), ("a", "b"))),
    slot=1,
    base="b" * 40,
    branch="feature/a",
    head_ref="h",
    leftover_ref="l",
    clone_refs="c",
    pins="p",
    lease_s=60.0,
    env=(("A", "1"),),
)
SAID = [
    m.Greeting(m.PROTOCOL, "1", "id", "app"),
    m.Start(ORDER, 12.5, stop_s=0.5, is_frozen=True),
    m.Stop(KEY, 5.0),
    m.Pack("b" * 40, 0, 3, b"\x00\xff\n"),
    m.Ping(7),
]


@given(st.lists(st.integers(1, 400), min_size=1))
def test_messages_arrive_whole_and_in_order_however_the_bytes_are_cut(sizes):
    data, lines, heard = b"".join(map(encode, SAID)), Lines.from_engine(), []
    at = 0
    while at < len(data):
        size = sizes[at % len(sizes)]
        heard += lines.feed(data[at : at + size])
        at += size

    assert heard == SAID


def test_a_kind_that_is_not_known_is_skipped():
    data = b'{"type":"FromTheFuture","x":[1]}\n' + encode(m.Ping(1))

    assert list(Lines.from_engine().feed(data)) == [m.Ping(1)]


def test_each_side_hears_only_what_the_other_may_say():
    assert list(Lines.from_engine().feed(encode(m.Pong(1, 0.0)))) == []


@pytest.mark.parametrize(
    "data",
    [b"Welcome!\n", b"[]\n", b'"x"\n', b"{}\n", b'{"type":["x"]}\n', b'{"type":"Ping","number":"x"}\n'],
)
def test_what_is_no_message_is_an_error(data):
    with pytest.raises(WireError):
        list(Lines.from_engine().feed(data))


def test_a_line_without_an_end_is_not_kept_for_ever():
    lines, piece = Lines.from_host(), b"x" * (1 << 20)

    with pytest.raises(WireError):
        for _ in range(LONGEST_LINE // len(piece) + 2):
            list(lines.feed(piece))

    assert not list(lines.feed(piece * 8))
    assert len(lines) == 0
