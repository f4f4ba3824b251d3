"""A program that asks its terminal something gets the answer that holds where it asked."""

from __future__ import annotations

import pytest

from porch_tui.emulator import queries
from porch_tui.emulator.queries import Answers, may_ask
from porch_tui.emulator.screen import Screen
from tests.emulator.recorded import recording

ANSWERS = {
    b"\x1b[c": b"\x1b[?62;22c",
    b"\x1b[0c": b"\x1b[?62;22c",
    b"\x1b[>c": b"\x1b[>0;0;0c",
    b"\x1b[5n": b"\x1b[0n",
    b"\x1b[3;7H\x1b[6n": b"\x1b[3;7R",
    b"\x1b[1;80Hx\x1b[6n": b"\x1b[1;80R",
    b"\x1b[3;7H\x1b[?6n": b"\x1b[?3;7R",
    b"\x1b[?996n": b"\x1b[?997;1n",
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",
    b"\x1b[?2004h\x1b[?2004$p": b"\x1b[?2004;1$y",
    b"\x1b[?1049h\x1b[?1049$p": b"\x1b[?1049;1$y",
    b"\x1b[?9999$p": b"\x1b[?9999;0$y",
    b"\x1b[4$p": b"\x1b[4;2$y",
    b"\x1b]10;?\x07": b"\x1b]10;rgb:e0e0/e0e0/e0e0\x1b\\",
    b"\x1b]11;?\x1b\\": b"\x1b]11;rgb:0000/0000/0000\x1b\\",
    b"\x1b[?u": b"\x1b[?0u",
    b"\x1b[>5u\x1b[?u": b"\x1b[?5u",
    b"\x1b[>0q": b"\x1bP>|porch\x1b\\",
    b"\x1b[18t": b"\x1b[8;24;80t",
    b"\x1bP$qm\x1b\\": b"\x1bP0$r\x1b\\",
    b"\x1bP$qr\x1b\\": b"\x1bP1$r1;24r\x1b\\",
    b"\x1bP+q544e\x1b\\": b"\x1bP0+r\x1b\\",
    b"\x1b[?1004h": b"\x1b[O",
    b"\x1b]99;i=a-b.1:p=?;\x1b\\": b"\x1b]99;i=a-b.1:p=?;p=title,body:o=always,unfocused\x1b\\",
    b"\x1b]99;p=?\x07": b"\x1b]99;p=?;p=title,body:o=always,unfocused\x1b\\",
}
SILENT = [
    b"text",
    b"\x1b[31m",
    b"\x1b[8n",
    b"\x1b[1c",
    b"\x1b]11;#ffffff\x07",
    b"\x1b]52;c;?\x07",
    b"\x1b[21t",
    b"\x1b[?1u",
    b"\x1b]99;i=1:p=body;ready\x07",
    b"\x1b]99;i=1\nrm -r x\n:p=?;\x07",
    b"\x1b]99;i=\nreboot\n;p=?\x07",
]


def answered(*pieces: bytes) -> bytes:
    answers = Answers(Screen(80, 24))
    return b"".join(answers.after(piece) for piece in pieces)


@pytest.mark.parametrize("query", ANSWERS)
def test_a_query_is_answered(query):
    assert answered(query) == ANSWERS[query]


@pytest.mark.parametrize("query", ANSWERS)
def test_a_query_in_single_bytes_is_answered_once(query):
    assert answered(*(query[at : at + 1] for at in range(len(query)))) == ANSWERS[query]


@pytest.mark.parametrize("query", ANSWERS)
def test_a_query_is_seen_before_there_is_a_screen(query):
    assert may_ask(b"text" + query)
    assert any(may_ask(query[at:], b"text" + query[:at]) for at in range(len(query)))


@pytest.mark.parametrize("output", SILENT)
def test_what_asks_nothing_gets_no_answer(output):
    assert answered(output) == b""


def test_an_answer_is_of_the_moment_of_its_query():
    assert answered(b"\x1b[6nab\x1b[6n\r\n\x1b[6n") == b"\x1b[1;1R\x1b[1;3R\x1b[2;1R"


def test_a_program_learns_that_it_has_no_focus_once():
    assert answered(b"\x1b[?1004h\x1b[?1004h\x1b[?1004l\x1b[?1004;2004h") == b"\x1b[O\x1b[O"
    assert may_ask(b"\x1b[?2004;1004h")


def test_a_screen_that_is_only_looked_at_answers_nothing():
    screen = Screen(80, 24)
    screen.feed(b"\x1b[6n")

    assert screen.on_query is None


def test_a_flood_of_queries_gets_bounded_answers():
    assert len(answered(b"\x1b[6n" * 20_000)) < queries.MOST_BYTES + 100


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("fzfinline", [b"R"]),  # else it takes no keys
        ("codex", [b"\x1b[?7u", b"\x1b[?62;22c", b"\x1b[O", b"\x1b]11;rgb:"]),
        ("opencode", [b"\x1b[?62;22c", b"\x1bP>|porch\x1b\\", b"$y"]),
    ],
)
def test_real_programs_are_answered_what_they_wait_for(name, needed):
    recorded = recording(name)
    answers = Answers(recorded.screen()).after(recorded.data)

    assert may_ask(recorded.data)
    for answer in needed:
        assert answer in answers
