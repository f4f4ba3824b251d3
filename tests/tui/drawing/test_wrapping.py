"""Lines broken into rows: nothing is lost, nothing is too wide, and nothing is broken that need not be."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len, get_character_cell_size
from rich.segment import Segment
from textual.strip import Strip

from porch_tui.tui.drawing.wrapping import cuts, fitting

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
