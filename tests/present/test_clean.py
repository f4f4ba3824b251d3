"""Whatever a title or a path holds, nothing of it is obeyed, by a terminal or by Markdown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from porch_tui.present.clean import clean, clean_message, escaped, escaped_line, in_code
from porch_tui.tui.drawing.cells import shortened
from tests.report import hostile

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))


@given(ANY_TEXT)
def test_nothing_a_terminal_obeys_is_left_and_the_text_can_be_encoded(text: str) -> None:
    cleaned = clean(text)

    assert hostile.obeyed(cleaned) == [] and "\n" not in cleaned
    cleaned.encode()


@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(text) == clean(clean(text))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("two\r\n\tlines", "two lines"),
        ("\x1b[31mred\x07", "␛[31mred␇"),
        ("caf\udce9.py", r"caf\xe9.py"),
        ("left\u202eright", "left\ufffdright"),
        ("日本", "日本"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("  indented", "  indented"),
        ("hidden\U000e0041", "hidden\ufffd"),
    ],
)
def test_what_is_not_text_is_shown_and_not_dropped(text: str, shown: str) -> None:
    assert clean(text) == shown


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("src/my_file.py", "src/my_file.py"),
        ("__init__.py", r"\_\_init\_\_.py"),
        ("a | *b* `c`", r"a \| \*b\* \`c\`"),
        ("<b>&amp;", r"\<b>\&amp;"),
        ("[x](y)", r"\[x\](y)"),
    ],
)
def test_markdown_shows_a_text_as_it_is(text: str, written: str) -> None:
    assert escaped(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("- point", r"\- point"),
        ("1. first", r"1\. first"),
        ("2.1 times", "2.1 times"),
        ("> quote", r"\> quote"),
        ("a -> b", "a -> b"),
        ("===", r"\==="),
        ("# head", r"\# head"),
    ],
)
def test_no_text_begins_a_block_of_its_own(text: str, written: str) -> None:
    assert escaped_line(text) == written


def test_a_code_span_is_not_ended_from_inside() -> None:
    assert in_code("echo `date` ``") == "``` echo `date` `` ```"


@given(ANY_TEXT)
def test_a_message_keeps_its_lines_and_is_cleaned_as_any_text(text: str) -> None:
    lines = clean_message(text).split("\n")

    assert [clean(line) for line in lines] == [line.replace("\t", " ") for line in lines]


def test_a_byte_that_is_no_text_is_written_the_same_everywhere() -> None:
    assert clean("caf\udce9") == clean_message("caf\udce9") == shortened("caf\udce9", 20) == r"caf\xe9"
