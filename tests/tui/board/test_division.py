"""How the window is divided, at every size."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Size

from porch_tui.tui.board.division import LEAST_LEFT, LEAST_LOG, Shape, heights, left_cells, shape_of


def test_the_lists_take_two_fifths_of_a_wide_window_and_never_less_than_they_need() -> None:
    widths = [left_cells(width, None, has_agents=False) for width in (100, 120, 160, 200)]

    assert [47, 48, 64, 80] == widths


def test_what_agents_used_gets_room_where_both_have_enough() -> None:
    assert [48, 72, 90] == [left_cells(width, None, has_agents=True) for width in (120, 150, 200)]


@given(st.integers(LEAST_LEFT + LEAST_LOG, 400), st.floats(0, 1))
def test_both_sides_keep_what_can_be_read_wherever_the_border_is_put(width: int, share: float) -> None:
    left = left_cells(width, share, has_agents=False)

    assert LEAST_LEFT <= left <= width - LEAST_LOG


@given(st.integers(8, 100), st.integers(3, 200), st.integers(0, 60), st.integers(3, 200))
def test_all_rows_are_given_out_and_the_list_takes_what_the_queue_leaves(
    rows: int, tasks: int, reasons: int, queue: int
) -> None:
    shares = heights(rows, tasks, reasons, queue)

    assert rows == sum(shares)
    assert shares.tasks >= tasks or shares.queue <= max(3, rows // 4), "no row is free while tasks are hidden"
    assert shares.queue >= queue or shares.plots == 0


def test_plots_have_only_what_nothing_else_needs() -> None:
    assert (15, 4, 11) == heights(30, 12, 3, 4)
    assert (12, 8, 0) == heights(20, 12, 0, 4)


def test_a_small_window_has_no_list_and_a_narrow_one_no_columns() -> None:
    shapes = [shape_of(Size(*size)) for size in ((59, 40), (60, 14), (60, 15), (99, 50), (100, 15))]

    assert [Shape.TINY, Shape.TINY, Shape.STACKED, Shape.STACKED, Shape.WIDE] == shapes
