"""Curves one row high, and what a task uses in as much room as there is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from porch_tui.core.model.telemetry import Sample
from porch_tui.present.signs import Charset
from porch_tui.tui.drawing.sparkline import curve, sparkline, usage_spans
from porch_tui.tui.drawing.styles import width_of

SAMPLES = [Sample(float(n), 50.0 * n, float(n), 2_000_000, 2_000_000, 1) for n in range(3)]


@given(st.lists(st.floats(0, 1e9), max_size=30), st.integers(0, 20), st.sampled_from(Charset))
def test_a_curve_takes_its_cells_and_the_newest_is_on_the_right(
    values: list[float], cells: int, charset: Charset
) -> None:
    drawn = sparkline(values, cells, 100.0, charset)

    assert len(drawn) == cells
    assert charset is Charset.UNICODE or drawn.isascii()


def test_the_highest_value_fills_a_cell() -> None:
    assert sparkline([0, 50, 100], 4, 100, Charset.UNICODE) == " ▁▅█"
    assert sparkline([0, 200], 2, 100, Charset.ASCII) == "_#"


def test_a_curve_has_the_largest_of_each_cell_and_nothing_of_nothing() -> None:
    assert ("", "▁█", "█") == (
        curve([], 9, Charset.UNICODE),
        curve([0.0, 9.0], 9, Charset.UNICODE),
        curve([1.0, 9.0, 3.0], 1, Charset.UNICODE),
    )
    assert curve([1.0, 2.0, 3.0], 3, Charset.ASCII).isascii()
    assert "▁▁" == curve([0.0, 0.0], 2, Charset.UNICODE)


def test_what_a_task_uses_is_numbers_where_there_is_no_room_for_curves() -> None:
    texts = [[span.text for span in usage_spans(SAMPLES, cells, Charset.ASCII)] for cells in (9, 10, 40)]

    assert [] == texts[0]
    assert ["100%", " 2.0MB"] == texts[1]
    assert ["_=#", " 100%", " 2.0MB"] == texts[2]


def test_memory_has_a_curve_only_while_it_changes() -> None:
    grown = [*SAMPLES, Sample(3.0, 100.0, 4.0, 9_000_000, 9_000_000, 1)]

    assert ["_=##", " 100%", " ...#", " 9.0MB"] == [
        span.text for span in usage_spans(grown, 40, Charset.ASCII)
    ]


@given(st.integers(0, 60))
def test_what_a_task_uses_takes_no_more_room_than_there_is(cells: int) -> None:
    assert width_of(usage_spans(SAMPLES, cells, Charset.UNICODE)) <= cells
