"""What the run used over its time is drawn where rows are left, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from porch_tui.present.plots import Plot
from porch_tui.present.signs import Charset
from porch_tui.tui.board.plots_pane import PlotsPane, plot_lines
from porch_tui.tui.drawing.styles import width_of
from porch_tui.tui.terminal.options import ScreenOptions
from tests.tui.board_harness import Screened, on_board, rows_of
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import Recording, busy

STEPS = Plot("landed", (0.0, 1.0, 2.0, 4.0), ("0", "1", "2", "4"), 4.0, "4", 60.0)


@given(st.integers(1, 90), st.integers(2, 12), st.sampled_from(Charset))
def test_a_plot_takes_its_rows_and_cells(cells: int, rows: int, charset: Charset) -> None:
    lines = plot_lines(STEPS, cells, rows, charset)

    assert [cells] * rows == [width_of(line) for line in lines]
    assert charset is Charset.UNICODE or all(span.text.isascii() for line in lines for span in line)


def test_the_largest_amount_is_as_high_as_the_plot_and_none_is_blank() -> None:
    drawn = ["".join(span.text for span in line) for line in plot_lines(STEPS, 8, 3, Charset.UNICODE)]

    assert ["landed 4", "      ██", "  ▄▄████"] == drawn


def test_what_there_was_at_most_is_not_shown_as_what_there_is() -> None:
    memory = Plot("memory", (4.0, 1.0), ("4MB", "1MB"), 4.0, "4MB", 60.0)
    slots = Plot("tasks at work", (1.0, 1.0), ("1", "1"), 4.0, "4 slots", 60.0, is_to_largest=False)

    titles = [
        "".join(span.text for span in plot_lines(one, 30, 2, Charset.UNICODE)[0]) for one in (memory, slots)
    ]

    assert [" ".join(one.split()) for one in titles] == ["memory 1MB, peak 4MB", "tasks at work 1 of 4 slots"]


def plotted(shown: Screened) -> list[str]:
    """Return the rows of the plots; none if they are not shown."""
    pane = shown.board.query_one(PlotsPane)
    return rows_of(pane) if pane.size.area else []


@in_loop
async def test_below_the_queue_the_run_is_drawn_over_its_time(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        rows = plotted(shown)

        assert "over time" in rows[0] and "6m50s" in rows[0]
        assert any(row.startswith(" tasks at work") and row.endswith("2 of 9 slots") for row in rows)
        assert any(row.split() == ["landed", "1"] for row in rows)


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (100, 24)], ids=str)
@in_loop
async def test_without_room_there_is_nothing_of_it(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_board(busy(tmp_path), size) as shown:
        assert [] == plotted(shown) and not shown.shows("over time")


@in_loop
async def test_a_list_that_needs_the_rows_gets_them(tmp_path: Path) -> None:
    run = Recording(tmp_path, [f"task-{n:03}" for n in range(40)]).start("task-000")
    async with on_board(run) as shown:
        assert [] == plotted(shown) and shown.shows("task-020")


@in_loop
async def test_it_is_drawn_again_every_few_seconds_only(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        first = plotted(shown)
        await shown.tick()
        assert first == plotted(shown)
        await shown.tick(30)
        assert "7m21s" in plotted(shown)[0]


@in_loop
async def test_in_ascii_it_has_no_other_character(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), options=ScreenOptions(fps=0, is_ascii=True)) as shown:
        assert plotted(shown) and all(row.isascii() for row in plotted(shown))


@in_loop
async def test_what_has_landed_within_the_last_second_is_counted(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one", "two"], validate=False).start("two").wait(4.6).through("one")
    async with on_board(run) as shown:
        assert any(row.split() == ["landed", "1"] for row in plotted(shown))


@in_loop
async def test_a_run_that_comes_to_rest_is_drawn_to_its_end(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"], validate=False).start("one").wait(4.6)
    async with on_board(run) as shown:
        assert any("tasks at work" in row for row in plotted(shown)), plotted(shown)

        run.succeed("one").build().land("one")
        await shown.tick()

        assert any(row.split() == ["landed", "1"] for row in plotted(shown))
