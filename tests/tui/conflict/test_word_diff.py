"""A diff of one side from the base, by lines and by words."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from porch_tui.tui.conflict.word_diff import (
    LONGEST_LINE,
    MOST_PAIRS,
    Changed,
    Sign,
    after,
    before_both,
    changes,
    count,
    lines_of,
)

TEXTS = st.lists(st.sampled_from([b"a\n", b"b c\n", b"b d\n", b"\n", b"x = 1\r\n", b"\xff\n"])).map(b"".join)


def marked(line: Changed) -> str:
    """Return a line, what differs in brackets."""
    return "".join(f"[{text}]" if differs else text for text, differs in line.pieces)


def shown(before: bytes, after: bytes) -> list[str]:
    """Return each line with its sign, what differs in brackets."""
    return [one.sign.value + marked(one) for one in changes(before, after)]


def test_the_words_that_differ_are_marked():
    assert ["-return [a] + b", "+return [c] + b"] == shown(b"return a + b\n", b"return c + b\n")


def test_a_line_to_which_words_were_only_added_has_lost_none():
    gone, came = changes(b"return a + b\n", b"return log(a + b)\n")

    assert gone.is_compared and not any(differs for _, differs in gone.pieces)
    assert [text for text, differs in came.pieces if differs] == ["log(", ")"]


def test_lines_that_have_little_in_common_are_not_compared_by_words():
    assert ["-import os", "+x = y(1)"] == shown(b"import os\n", b"x = y(1)\n")


def test_of_a_line_too_long_to_compare_all_between_the_first_and_the_last_difference_is_marked():
    same = b"a b " * LONGEST_LINE
    before, after = same + b"1 same 2 " + same, same + b"3 same 4 " + same

    gone, came = changes(before, after)

    assert gone.is_compared and came.is_compared
    assert [text for text, differs in gone.pieces if differs] == ["1 same 2"]
    assert [text for text, differs in came.pieces if differs] == ["3 same 4"]


def test_each_line_of_a_base_has_what_differs_from_either_side():
    base = b"x = 1\ny = 1\nz = 1\n"

    lines = before_both(base, base.replace(b"x = 1", b"x = 2"), base.replace(b"z = 1", b"z = 3"))

    assert ["x = [1]", "y = 1", "z = [1]"] == [marked(one) for one in lines]


def test_the_lines_of_a_text_have_what_differs_from_the_base():
    assert ["same", "x = [2]"] == [marked(one) for one in after(b"same\nx = 1\ngone\n", b"same\nx = 2\n")]


def test_a_line_in_the_middle_goes_and_the_rest_stays():
    assert [" a", "-b", " c"] == shown(b"a\nb\nc\n", b"a\nc\n")


def test_all_came_to_nothing_and_all_went_from_it():
    assert (["+a"], ["-a"], []) == (shown(b"", b"a\n"), shown(b"a\n", b""), shown(b"", b""))


def test_came_and_gone_are_counted():
    assert (2, 1) == count(changes(b"a\nb\n", b"a\nc\nd\n"))


@given(TEXTS, TEXTS)
def test_the_diff_holds_both_texts_to_the_line(before: bytes, after: bytes):
    diff = changes(before, after)
    lines = [(one.sign, "".join(text for text, _ in one.pieces)) for one in diff]

    assert lines_of(before) == tuple(text for sign, text in lines if sign is not Sign.CAME)
    assert lines_of(after) == tuple(text for sign, text in lines if sign is not Sign.GONE)


def test_what_is_too_large_to_compare_is_shown_as_removed_and_added():
    old = b"".join(b"%d\n" % n for n in range(MOST_PAIRS // 1000))
    new = b"".join(b"x%d\n" % n for n in range(1001))
    began = time.process_time()

    diff = changes(old, new)

    assert (1001, MOST_PAIRS // 1000) == count(diff)
    assert time.process_time() - began < 5


def bare(before: bytes, after: bytes) -> list[str]:
    return [one.sign.value + marked(one) for one in changes(before, after, ignore_whitespace=True)]


def test_without_whitespace_a_line_that_was_only_indented_is_the_same_as_it_is_now():
    assert ["     x = 1", "-y", "+z"] == bare(b"x =  1\ny\n", b"    x = 1\nz\n")


def test_without_whitespace_none_of_it_is_marked_within_a_line_that_differs_otherwise():
    assert ["-f([a],b)", "+f( [c], b )"] == bare(b"f(a,b)\n", b"f( c, b )\n")


@given(TEXTS, TEXTS)
def test_without_whitespace_nothing_of_either_text_is_lost(before: bytes, after: bytes):
    diff = changes(before, after, ignore_whitespace=True)

    def squeezed(sign: Sign) -> list[str]:
        texts = ("".join(text for text, _ in one.pieces) for one in diff if one.sign in (Sign.SAME, sign))
        return ["".join(text.split()) for text in texts]

    for sign, text in ((Sign.GONE, before), (Sign.CAME, after)):
        assert ["".join(line.split()) for line in lines_of(text)] == squeezed(sign)
