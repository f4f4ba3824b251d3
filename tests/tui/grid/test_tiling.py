"""How panes are laid out in a window, and where the keys lead among them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from porch_tui.tui.grid.tiling import LEAST_HEIGHT, LEAST_WIDTH, MOST_PANES, Tiling, moved, tiling


@given(st.integers(0, 40), st.integers(1, 300), st.integers(1, 100))
def test_every_pane_is_large_enough_and_no_row_is_empty(count: int, width: int, height: int) -> None:
    tiles = tiling(count, width, height)

    assert tiles.columns == 1 or width // tiles.columns >= LEAST_WIDTH
    assert tiles.rows == 1 or height // tiles.rows >= LEAST_HEIGHT
    assert tiles.places - tiles.columns < max(1, min(count, MOST_PANES))
    assert tiles.places >= min(count, MOST_PANES, (width // LEAST_WIDTH) * (height // LEAST_HEIGHT))


@given(st.integers(1, 40), st.integers(1, 6), st.integers(1, 6))
def test_the_last_row_of_a_page_is_as_wide_as_the_others(count: int, columns: int, rows: int) -> None:
    on_page = min(count, columns * rows)
    page = Tiling(columns, rows).holding(on_page)
    drawn, spans = page.spans(on_page)

    assert on_page == len(spans) and drawn * page.rows == sum(spans)


@pytest.mark.parametrize(
    ("count", "size", "tiles"),
    [
        (2, (80, 22), Tiling(1, 2)),
        (6, (80, 22), Tiling(2, 3)),
        (12, (80, 22), Tiling(2, 3)),
        (2, (160, 46), Tiling(2, 1)),
        (4, (160, 46), Tiling(2, 2)),
        (5, (160, 46), Tiling(3, 2)),
        (7, (160, 46), Tiling(3, 3)),
        (7, (200, 48), Tiling(4, 2)),
        (12, (160, 46), Tiling(3, 4)),
        (12, (200, 48), Tiling(4, 3)),
        (3, (60, 13), Tiling(1, 2)),
    ],
)
def test_windows_people_have_are_divided_well(count: int, size: tuple[int, int], tiles: Tiling) -> None:
    assert tiling(count, *size) == tiles


@given(st.integers(1, 40), st.integers(1, 4), st.integers(1, 4), st.data())
def test_every_pane_is_reached_and_none_that_is_not_there(
    count: int, columns: int, rows: int, data: st.DataObject
) -> None:
    tiles = Tiling(columns, rows)
    at = data.draw(st.integers(0, count - 1))
    steps = [(1, 0), (-1, 0), (0, 1), (0, -1)]

    assert all(0 <= moved(at, count, tiles, *step) < count for step in steps)
    assert at == count - 1 or any(moved(at, count, tiles, *step) > at for step in steps)
