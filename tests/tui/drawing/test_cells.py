"""Foreign text cut to measure; wide lines broken into rows, of which nothing is lost."""

from __future__ import annotations

import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len, get_character_cell_size
from rich.segment import Segment
from textual.strip import Strip

from porch_tui.present.clean import UNSAFE
from porch_tui.present.signs import Charset
from porch_tui.tui.drawing.cells import cuts, fitting, left, right, shortened, wrapped

SEED = 20261122
PIECES = ["a", "word", " ", "日本", "é", "\x1b[31m", "\u202e", "\n", "👩‍👩‍👧", "x" * 30]


def random_texts(count: int) -> list[str]:
    chance = random.Random(SEED)
    return ["".join(chance.choices(PIECES, k=chance.randrange(12))) for _ in range(count)]


def test_columns_are_filled_to_the_cell_whatever_the_text_holds() -> None:
    for text in random_texts(500):
        for cells in (0, 1, 2, 7, 20):
            assert cells == cell_len(left(text, cells)), (SEED, text, cells)
            assert cells == cell_len(right(text, cells)), (SEED, text, cells)
            assert not UNSAFE.search(left(text, cells) + right(text, cells)), (SEED, text)


def test_what_does_not_fit_ends_in_an_ellipsis() -> None:
    assert "waits for…" == shortened("waits for schema", 10)
    assert "waits for~" == shortened("waits for schema", 10, Charset.ASCII)
    assert "schema" == shortened("schema", 6)


def test_a_paragraph_keeps_every_word_and_no_line_is_too_wide() -> None:
    for text in random_texts(500):
        for cells in (2, 9, 40):
            lines = wrapped(text, cells)
            assert all(cell_len(line) <= cells for line in lines), (SEED, text, lines)
            assert "".join(left(text, 10_000).split()) == "".join("".join(lines).split()), (SEED, text)


texts = st.text(st.sampled_from("ab 界é😀"), max_size=40)


def naive(text: str, cells: int) -> list[str]:
    rows = [""]
    for character in text:
        if cell_len(rows[-1]) + get_character_cell_size(character) > cells:
            rows.append("")
        rows[-1] += character
    return rows


@given(texts, st.integers(2, 12))
def test_rows_are_those_that_writing_character_by_character_makes(text: str, cells: int) -> None:
    strip = Strip([Segment(text)])

    rows = [strip.crop(begin, end).text for begin, end in pairwise(cuts(text, cells))]

    assert naive(text, cells) == rows


@given(st.lists(st.integers(1, 5), max_size=20), st.integers(1, 12))
def test_as_many_lines_fit_as_their_rows_do_but_at_least_one(heights: list[int], rows: int) -> None:
    fits = fitting(heights, rows)

    assert fits == len(heights) or sum(heights[: fits + 1]) > rows or sum(heights[:fits]) == rows
    assert sum(heights[:fits]) <= rows or fits == 1
