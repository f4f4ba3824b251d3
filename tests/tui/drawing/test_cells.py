"""Foreign text cut to measure."""

from __future__ import annotations

import random

from rich.cells import cell_len

from porch_tui.present.clean import UNSAFE
from porch_tui.present.signs import Charset
from porch_tui.tui.drawing.cells import left, right, shortened, wrapped

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
