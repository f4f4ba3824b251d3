"""A program that calls for a person is heard, however its output is cut; nothing else sounds like a call."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from porch_tui.emulator.attention import Attention, Call, Kind, Titles, Waiting
from porch_tui.present.clean import UNSAFE
from tests.emulator.recorded import NAMES, recording

NOTE, BELL, TITLE = Kind.NOTE, Kind.BELL, Kind.TITLE
CALLS = {
    b"\x07": Call(BELL),
    b"\x1b[3\x07m": Call(BELL),
    b"\x1b]9;turn complete\x07": Call(NOTE, "turn complete"),
    b"\x1b]9;turn complete\x1b\\": Call(NOTE, "turn complete"),
    b"\x1b]777;notify;codex;needs you\x07": Call(NOTE, "codex: needs you"),
    b"\x1b]99;i=1:d=0;hello\x1b\\": Call(NOTE, "hello"),
    b"\x1b]99;i=1:p=body:e=1;aGVsbG8=\x1b\\": Call(NOTE, "hello"),
    b"\x1b]7501;state=blocked:kind=permission\x1b\\": Call(Kind.WAITING, "permission"),
    b"\x1b]7501;state=working\x1b\\": Call(Kind.WORKING),
    b"\x1b]7501;state=idle\x1b\\": Call(Kind.IDLE),
    b"\x1b]7501;state=done\x07": Call(Kind.DONE),
    b"\x1b]0;[ ! ] Action Required\x07": Call(TITLE, "[ ! ] Action Required"),
    b"\x1b]2;vim\x1b\\": Call(TITLE, "vim"),
}
NO_CALLS = [
    b"text", b"\x1b[31m", b"\x1b]9;4;1;50\x07", b"\x1b]9;4;0\x1b\\", b"\x1b]9;\x07", b"\x1b]9;broken off\x18",
    b"\x1b]99;i=1:p=?;\x1b\\", b"\x1b]99;i=1:p=close;\x1b\\", b"\x1b]99;e=1;!!!\x07", b"\x1b]1;icon\x07",
    b"\x1b]8;;http://x\x07link\x1b]8;;\x07", b"\x1b]52;c;aGVsbG8=\x07", b"\x1b]11;?\x07", b"\x1b]133;A\x07",
    b"\x1b]777;precmd\x07", b"\x1bPq\x07#0\x07\x1b\\", b"\x1b_G\x07\x1b\\", b"\x1b]7501;state=clear\x1b\\",
    b"\x1b]9;" + b"x" * 10_000 + b"\x07", b"\x1b]21337;status=x\x07",
]  # fmt: skip


@pytest.mark.parametrize("output", CALLS)
def test_a_call_is_heard(output):
    assert Attention().feed(b"before" + output + b"after") == [CALLS[output]]


@pytest.mark.parametrize("output", [*CALLS, *NO_CALLS])
def test_a_call_in_pieces_is_heard_as_well(output):
    whole = Attention().feed(output + b"text")
    cuts = range(len(output)) if len(output) < 200 else range(0, len(output), 997)

    for cut in cuts:
        attention = Attention()
        assert attention.feed(output[:cut]) + attention.feed(output[cut:] + b"text") == whole


@pytest.mark.parametrize("output", NO_CALLS)
def test_nothing_else_sounds_like_a_call(output):
    assert Attention().feed(output) == []


@settings(max_examples=80)
@given(
    st.lists(st.sampled_from([*CALLS, *NO_CALLS]) | st.binary(max_size=5), max_size=12).map(b"".join),
    st.data(),
)
def test_any_split_gives_the_same_calls(data, choices):
    cuts = sorted(choices.draw(st.lists(st.integers(0, len(data)), max_size=8)))
    attention = Attention()

    pieces = [data[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]

    assert [call for piece in pieces for call in attention.feed(piece)] == Attention().feed(data)


@given(st.binary(max_size=300))
def test_the_text_of_a_call_is_short_and_safe(text):
    for call in Attention().feed(b"\x1b]9;" + text + b"\x07"):
        assert not UNSAFE.search(call.text)
        assert len(call.text) <= 200


def test_an_endless_notification_is_not_kept():
    attention = Attention()
    for _ in range(1000):
        assert attention.feed(b"\x1b]9;" + b"x" * 1000 if _ == 0 else b"x" * 1000) == []

    assert attention.feed(b"\x07\x07") == [Call(BELL)]


def test_of_a_flood_of_calls_the_last_count():
    assert Attention().feed(b"\x07" * 10_000 + b"\x1b]9;last\x07")[-1] == Call(NOTE, "last")


@pytest.mark.parametrize(
    "name",
    [name for name in NAMES if name in {"vim", "less", "npm", "codex", "gitlog", "repl", "fzf", "opencode"}],
)
def test_programs_that_call_no_one_are_quiet(name):
    assert [call for call in Attention().feed(recording(name).data) if call.kind is not TITLE] == []


@given(st.lists(st.sampled_from(list(CALLS)), max_size=6), st.integers(1, 40), st.integers(0, 10**12))
def test_every_call_says_where_it_ends_whatever_the_pieces(calls, size, begin):
    data = b"".join(b"text" + call for call in calls)
    attention = Attention(begin)
    found = [call for at in range(0, len(data), size) for call in attention.feed(data[at : at + size])]

    places, at = [], begin
    for call in calls:
        at += 4 + len(call)
        # the terminator \x1b\\ is known by its first half; a bell in a sequence is heard where it is
        places.append(at - (1 if call.endswith(b"\\") else len(call) - call.index(b"\x07") - 1))
    assert [call.end for call in found] == places
    assert attention.offset == begin + len(data)


def test_what_was_begun_before_a_gap_does_not_go_on_behind_it():
    attention = Attention()
    attention.feed(b"\x1b]9;dropp")
    attention.skip(1000)

    assert [(BELL, 1003)] == [(call.kind, call.end) for call in attention.feed(b"ed\x07")]


def waiting(*calls: Call, **settings) -> Waiting:
    found = Waiting(**({"has_terminal": True} | settings))
    for call in calls:
        found.hear(call)
    return found


def test_a_program_waits_from_its_call_until_a_person_types():
    asks = waiting(Call(NOTE, "allow?", 10), Call(BELL, "", 12))
    assert (asks.is_waiting, asks.text) == (True, "allow?")

    asks.typed(12)
    assert not asks.is_waiting

    asks.hear(Call(BELL, "", 20))
    assert (asks.is_waiting, asks.text) == (True, "")


def test_of_two_calls_the_one_behind_the_answer_counts():
    asks = waiting(Call(NOTE, "allow?", 10), Call(NOTE, "and now?", 20))
    asks.typed(15)

    assert (asks.is_waiting, asks.text) == (True, "and now?")


def test_a_program_that_works_again_does_not_wait():
    asks = waiting(Call(Kind.WAITING, "permission", 10), Call(Kind.WORKING, "", 11))
    assert not asks.is_waiting

    asks.hear(Call(Kind.IDLE, "", 12))
    assert (asks.is_waiting, asks.is_idle, asks.has_worked) == (True, True, True)

    asks.hear(Call(BELL, "", 13))
    assert not asks.is_idle


def test_a_call_that_is_read_after_the_answer_to_it_does_not_count():
    asks = waiting()
    asks.typed(15)
    asks.hear(Call(BELL, "", 15))

    assert not asks.is_waiting


def test_a_title_says_that_it_waits_only_if_it_is_known_to():
    action = Call(TITLE, "[ ! ] Action Required", 2)
    assert not waiting(action).is_waiting

    asks = waiting(Call(TITLE, "codex", 1), titles=Titles(waits=re.compile("Action Required")))
    assert not asks.is_waiting

    asks.hear(action)
    assert asks.text == "[ ! ] Action Required"


def test_a_title_may_say_that_it_works_or_has_nothing_to_do():
    titles = Titles(idle=re.compile("Ready|Action"), works=re.compile("Working"))
    found = waiting(Call(TITLE, "Ready (app)", 1), titles=titles)
    assert found.is_waiting and found.is_idle and not found.has_worked

    found.hear(Call(TITLE, "Working… (app)", 2))
    assert not found.is_waiting and found.has_worked

    found.hear(Call(TITLE, "Action Required (app)", 3))
    assert found.text == "Action Required (app)"


def test_without_a_terminal_neither_bells_nor_titles_nor_idleness_call_anyone():
    quiet = [Call(BELL, "", 1), Call(TITLE, "x", 2), Call(Kind.IDLE, "", 3), Call(Kind.DONE, "", 4)]
    assert not waiting(*quiet, has_terminal=False).is_waiting
    assert waiting(Call(NOTE, "log in there", 5), has_terminal=False).is_waiting
    assert not waiting(Call(NOTE, "", 5), Call(Kind.DONE, "", 6), has_terminal=False).is_waiting
    assert waiting(Call(Kind.DONE, "", 6)).is_waiting
