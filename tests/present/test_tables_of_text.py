"""Tables of text that fit a width without breaking words that need not be."""

from __future__ import annotations

from porch_tui.present.cells import cells, tables

TITLES = ["task", "attempts", "expected", "wall", "CPU", "peak memory", "tokens in", "tokens out", "cost"]
ROW = ["license-two", "12", "1m00s", "12.3s", "0.3s", "999MB", "200", "40", "$0.00028"]


def test_columns_that_would_break_words_go_below_after_the_first_one_again() -> None:
    lines = tables([TITLES, ROW], [False, *[True] * 8], 60)

    assert max(map(cells, lines)) <= 60
    assert lines.count("") == 1
    words = {word for line in lines for word in line.split()}
    assert {word for cell in [*TITLES, *ROW] for word in cell.split()} == words
    assert [line.split()[0] for line in lines if line[:1].strip()] == ["task", "license-two"] * 2


def test_a_table_that_fits_stays_one() -> None:
    assert tables([TITLES, ROW], [False, *[True] * 8], 100) == [
        "task         attempts  expected   wall   CPU  peak memory  tokens in  tokens out      cost",
        "license-two        12     1m00s  12.3s  0.3s        999MB        200          40  $0.00028",
    ]


def test_a_word_longer_than_any_column_is_broken_and_still_fits() -> None:
    lines = tables([["file", "why"], ["x" * 300, "y" * 90]], [False, False], 60)

    assert max(map(cells, lines)) <= 60
    assert sum(line.count("x") for line in lines) == 300
