"""Lines are never wider than asked for, and wrapping loses nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from porch_tui.present.cells import cells, cut, squeezed, table, wrapped
from porch_tui.present.clean import clean

SIGNS = ["a", "b", "-", "/", " ", "日", "é", "\u0301", "\u26a0\ufe0f", "👩\u200d👧", "🇩🇪"]
WORDS = st.lists(st.sampled_from(SIGNS), max_size=120).map(lambda signs: clean("".join(signs)))
WIDTHS = st.integers(min_value=12, max_value=100)


@given(WORDS, WIDTHS)
def test_wrapping_keeps_to_the_width_and_loses_no_character(text: str, width: int) -> None:
    lines = wrapped(text, width, "- ")

    assert max(map(cells, lines)) <= width
    assert "".join("".join(line[2:] for line in lines).split()) == "".join(text.split())


@given(WORDS, WIDTHS)
def test_cutting_and_squeezing_keep_to_the_width(text: str, width: int) -> None:
    assert cells(cut(text, width)) <= width
    assert cells(squeezed(text, width)) <= width


@pytest.mark.slow
@given(st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1), st.integers(min_value=30, max_value=100))
def test_a_table_keeps_to_the_width_and_loses_no_character(
    rows: list[tuple[str, str, str]], width: int
) -> None:
    lines = table(rows, [False, True, False], width)

    assert max(map(cells, lines)) <= width
    assert sorted("".join(lines).replace(" ", "")) == sorted("".join(map("".join, rows)).replace(" ", ""))


def test_a_squeezed_name_keeps_both_ends() -> None:
    assert squeezed("refactor-the-parser-001", 14) == "refact..er-001"


def test_what_does_not_fit_wraps_within_its_column() -> None:
    rows = [["task", "paths"], ["auth", "src/auth/session.py, src/auth/token.py"]]

    assert table(rows, [False, False], 28) == [
        "task  paths",
        "auth  src/auth/session.py,",
        "      src/auth/token.py",
    ]


@given(WORDS)
def test_a_text_is_as_wide_in_the_report_as_on_the_screen(text: str) -> None:
    assert cells(text) == cell_len(text)


def test_an_emoji_of_several_code_points_stays_whole() -> None:
    assert cells("\u26a0\ufe0f") == 2
    assert squeezed("\u26a0\ufe0f-release-notes-\u26a0\ufe0f", 10) == "\u26a0\ufe0f-r..s-\u26a0\ufe0f"
    assert wrapped("ab\u26a0\ufe0f", 3) == ["ab", "\u26a0\ufe0f"]


def test_a_table_breaks_no_word_while_a_column_of_sentences_can_be_narrower() -> None:
    rows = [["task-with-a-long-name", "it failed because a test failed and its folder was gone"]]

    lines = table(rows, [False, False], 44)

    assert lines[0].startswith("task-with-a-long-name  it failed") and all(len(line) <= 44 for line in lines)
    assert all(len(line) <= 20 for line in table(rows, [False, False], 20))
