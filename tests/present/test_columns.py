"""Lines are never wider than asked for, and wrapping loses nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from porch_tui.present.cells import cells, cut, squeezed, table, wrapped
from porch_tui.present.clean import clean

WORDS = st.text("ab-/ 日é\u0301", max_size=120).map(clean)
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
