"""What a person types is the same in any pieces; only the leave key, reports and marks of pastes are seen."""

from __future__ import annotations

import random
import re

import pytest

from porch_tui.emulator.keys import pressed
from porch_tui.session.typed import (
    FOCUS_IN,
    PASTE_BEGIN,
    PASTE_END,
    SILENT_PASTE_S,
    Kind,
    Piece,
    Typed,
)

LEAVE = b"\x1d"
CLICK = b"\x1b[<0;10;5M"


def typed(*reads: bytes, leave: str = "ctrl+right_square_bracket") -> list[Piece]:
    """Return what a terminal has sent in these reads, with neighbours of one kind joined."""
    one, found = Typed(pressed([leave])), []
    for read in reads:
        found += one.take(read)
    joined: list[Piece] = []
    for piece in [*found, *one.rest()]:
        if joined and joined[-1].kind is piece.kind is Kind.KEYS:
            joined[-1] = Piece(Kind.KEYS, joined[-1].data + piece.data)
        else:
            joined.append(piece)
    return joined


def test_keys_are_passed_on_as_they_are():
    data = b"a\x1b[A\x1bOB\x1b[1;5C\r\x7f\x1b\x1bx\xc3\xa9\x00\x1b[3~\x1b[27u"

    assert typed(data) == [Piece(Kind.KEYS, data)]


@pytest.mark.parametrize(
    "leave",
    [
        b"\x1d", b"\x1b[93;5u", b"\x1b[93;5:1u", b"\x1b[93;69u", b"\x1b[93:125;5u", b"\x1b[93;5;29u",
        b"\x1b[27;5;93~",
    ],
)  # fmt: skip
def test_the_leave_key_is_found_anywhere_in_a_read(leave):
    assert typed(b"abc" + leave + b"def") == [
        Piece(Kind.KEYS, b"abc"), Piece(Kind.LEAVE, leave), Piece(Kind.KEYS, b"def"),
    ]  # fmt: skip


@pytest.mark.parametrize("other", [b"\x1b[93u", b"\x1b[93;6u", b"\x1b[93;3u", b"\x1b[94;5u", b"]"])
def test_what_only_looks_like_it_is_passed_on(other):
    assert typed(other) == [Piece(Kind.KEYS, other)]


def test_that_it_goes_up_again_is_of_no_interest():
    assert typed(b"\x1b[93;5u\x1b[93;5:3u") == [Piece(Kind.LEAVE, b"\x1b[93;5u")]


def test_it_may_be_another_key():
    assert typed(b"\x1da\x1b[24~", leave="f12") == [
        Piece(Kind.KEYS, b"\x1da"), Piece(Kind.LEAVE, b"\x1b[24~"),
    ]  # fmt: skip


def test_it_is_not_found_in_a_paste():
    inside = b"one \x1d two \x1b[93;5u \x1b[<0;1;1M \x1b[200~ three"
    paste = PASTE_BEGIN + inside + PASTE_END

    assert typed(b"x" + paste + LEAVE) == [
        Piece(Kind.KEYS, b"x"),
        Piece(Kind.PASTE_MARK, PASTE_BEGIN),
        Piece(Kind.KEYS, inside),
        Piece(Kind.PASTE_MARK, PASTE_END),
        Piece(Kind.LEAVE, LEAVE),
    ]


def test_any_split_makes_no_difference():
    data = (
        b"ls\r" + CLICK + b"\x1b" + PASTE_BEGIN + b"a\x1db\x1b[20\x1b[93;5u" + PASTE_END + b"\x1b[I\x1b[O"
        + b"\x1b[<35;100;200m\x1b[93;5uq\x1b[<1;2\x1b[A" + LEAVE
    )  # fmt: skip
    whole = typed(data)

    assert {piece.kind for piece in whole} == set(Kind) - {Kind.ANSWER}
    assert b"".join(piece.data for piece in whole) == data
    for at in range(len(data)):
        assert typed(data[:at], data[at:]) == whole, data[:at]
    assert typed(*(bytes([byte]) for byte in data)) == whole
    for seed in range(200):
        dice = random.Random(seed)
        cuts = sorted(dice.sample(range(len(data)), 5))
        assert typed(*(data[a:b] for a, b in zip([0, *cuts], [*cuts, None], strict=True))) == whole, cuts


def test_escape_alone_waits_a_moment_for_what_may_follow_and_is_then_the_key():
    one = Typed(pressed(["ctrl+]"]))

    assert one.take(b"\x1b") == []
    assert one.patience_s is not None
    assert one.patience_s < 0.05
    assert one.rest() == [Piece(Kind.KEYS, b"\x1b")]
    assert one.patience_s is None


def test_reports_are_no_keys():
    assert typed(CLICK + FOCUS_IN + b"x") == [
        Piece(Kind.MOUSE, CLICK), Piece(Kind.FOCUS, FOCUS_IN), Piece(Kind.KEYS, b"x"),
    ]  # fmt: skip


def test_a_paste_of_300_kb_is_the_same_bytes():
    inside = random.Random(1).randbytes(300_000).replace(PASTE_END, b"")
    paste = PASTE_BEGIN + inside + PASTE_END

    pieces = typed(*(paste[at : at + 4096] for at in range(0, len(paste), 4096)))

    assert [piece.kind for piece in pieces] == [Kind.PASTE_MARK, Kind.KEYS, Kind.PASTE_MARK]
    assert pieces[1].data == inside


def test_a_paste_whose_end_does_not_come_is_over_after_a_while():
    now = [0.0]
    one = Typed(pressed(["ctrl+]"]), clock=lambda: now[0])
    assert one.take(PASTE_BEGIN + b"half of")[-1] == Piece(Kind.KEYS, b"half of")
    now[0] += SILENT_PASTE_S - 1
    assert one.take(LEAVE) == [Piece(Kind.KEYS, LEAVE)]
    now[0] += SILENT_PASTE_S + 1
    assert one.take(LEAVE) == [Piece(Kind.LEAVE, LEAVE)]


def test_answers_to_the_reader_are_no_keys_whatever_the_pieces():
    answers = re.compile(rb"\x1b\[\?[\d;]+\$y")
    data = b"a\x1b[?2026;2$y\x1b[?1u"
    expected = [
        Piece(Kind.KEYS, b"a"), Piece(Kind.ANSWER, b"\x1b[?2026;2$y"), Piece(Kind.KEYS, b"\x1b[?1u"),
    ]  # fmt: skip
    for at in range(len(data)):
        one = Typed(pressed(["ctrl+]"]), answers)

        assert [*one.take(data[:at]), *one.take(data[at:])] == [piece for piece in expected if at or piece]
