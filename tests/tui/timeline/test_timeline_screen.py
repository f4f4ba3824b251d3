"""What ran when, on the screen: bars, marks, the critical path, and moving among them."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.present.signs import Role
from porch_tui.tui.terminal.options import ScreenOptions
from porch_tui.tui.timeline.timeline_screen import TimelinePane
from tests.tui.board_harness import Screened, assert_golden, on_board
from tests.tui.crowds import crowded
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import Recording, busy


def row(shown: Screened, name: str) -> str:
    """Return the row of a lane."""
    return next(one for one in shown.rows() if one[3:].startswith(f"{name} "))


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (160, 48)], ids=lambda size: "x".join(map(str, size)))
@in_loop
async def test_a_crowded_run_looks_as_agreed(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_board(crowded(tmp_path), size) as shown:
        await shown.press("t")

        assert_golden(f"timeline-{size[0]}x{size[1]}", shown.text())


@in_loop
async def test_it_is_drawn_in_ascii(tmp_path: Path) -> None:
    options = ScreenOptions(fps=0, is_ascii=True, is_colorless=True)
    async with on_board(crowded(tmp_path), (120, 36), options) as shown:
        await shown.press("t")

        assert shown.text().isascii() and "#" in row(shown, "auth")


@in_loop
async def test_work_the_queue_and_outcomes_look_different(tmp_path: Path) -> None:
    async with on_board(crowded(tmp_path)) as shown:
        await shown.press("t", "j")

        assert row(shown, "schema").endswith("─✓") and row(shown, "schema").startswith(" * ")
        assert row(shown, "utf8").endswith("─=")
        assert "━!┄" in row(shown, "logging") and shown.shows("┄ waits for you")
        assert row(shown, "auth").endswith("█▸")


@in_loop
async def test_what_the_signs_mean_is_whole_while_rows_are_free(tmp_path: Path) -> None:
    async with on_board(crowded(tmp_path), (80, 24)) as shown:
        await shown.press("t")
        assert shown.shows("┄ waits for you") and shown.rows()[-2].endswith("✓ landed")

        await shown.resize(80, 17)
        assert shown.rows()[-2].endswith("…") and shown.shows("0.0s to 44.0s of the run")


@in_loop
async def test_the_cursor_shows_the_exact_times_of_its_bar(tmp_path: Path) -> None:
    async with on_board(crowded(tmp_path)) as shown:
        await shown.press("t")
        assert shown.shows("schema.1: succeeded, 0.0s to 44.0s of the run, 44.0s long")

        await shown.press("l")
        assert shown.shows("schema: in the merge queue, 44.0s to 1m04s of the run, 20.0s long; landed as")
        await shown.press("l", "j")
        assert "api" == shown.app.live.chosen
        await shown.press("k")
        assert "schema" == shown.app.live.chosen


@in_loop
async def test_zooming_in_shows_less_of_the_time_and_0_all_again(tmp_path: Path) -> None:
    async with on_board(crowded(tmp_path)) as shown:
        await shown.press("t")
        whole = shown.rows()[1]
        await shown.press("+", "+", "+")
        near = shown.rows()[1]
        assert "2m00s" in whole and "2m00s" not in near
        await shown.press(".")
        assert near != shown.rows()[1]
        await shown.press(",")
        assert near == shown.rows()[1]
        await shown.press("-")
        assert near != shown.rows()[1]
        await shown.press("0")
        assert whole == shown.rows()[1]


@in_loop
async def test_a_bar_out_of_view_is_scrolled_to(tmp_path: Path) -> None:
    async with on_board(crowded(tmp_path)) as shown:
        await shown.press("t", *["+"] * 6, "h")
        assert "◆" in row(shown, "schema")
        await shown.press("l")
        assert "◆" in row(shown, "schema")


@in_loop
async def test_what_is_under_way_grows_while_it_is_looked_at(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"]).start("one").wait(5)
    async with on_board(run) as shown:
        await shown.press("t")
        before = row(shown, "one")
        await shown.tick(4)

        assert len(before) < len(row(shown, "one")) and shown.shows("one.1: under way, 0.0s to 9.0s")


@in_loop
async def test_rows_beyond_the_window_are_reached(tmp_path: Path) -> None:
    names = [f"task-{n:02}" for n in range(60)]
    run = Recording(tmp_path, names, slots=80).judge(passes=True).start(*names).wait(9)
    async with on_board(run, (80, 24)) as shown:
        await shown.press("t", "G")
        assert row(shown, "validations")
        await shown.press("k")
        assert row(shown, "task-59").startswith(">")
        await shown.press("g")
        assert row(shown, "task-00").startswith(">")


@in_loop
async def test_t_again_goes_back_with_the_task_that_was_reached(tmp_path: Path) -> None:
    async with on_board(crowded(tmp_path)) as shown:
        await shown.press("t", "j", "j", "t")

        assert (shown.board, "logging") == (shown.app.live, shown.board.chosen)


@in_loop
async def test_a_run_in_which_nothing_began_says_so(tmp_path: Path) -> None:
    async with on_board(Recording(tmp_path, ["one"], slots=0)) as shown:
        await shown.press("t")

        assert shown.shows("validations") or shown.shows("nothing has begun")


@in_loop
async def test_a_still_timeline_draws_nothing(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), has_engine=False) as shown:
        await shown.press("t")
        for _ in range(2):
            await shown.tick()
            widgets = list(shown.app.live.walk_children(with_self=True))
            regions = [region for widget in widgets for region in widget._exchange_repaint_regions()]

        assert [] == regions


def night(folder: Path) -> Recording:
    """Return a run that was gone on with on the next morning."""
    run = Recording(folder, ["one", "two", "three"], slots=1, validate=False).through("one").start("two")
    run.wait(20).say(e.RunPaused()).succeed("two").wait(15 * 3600)
    return run.say(e.EngineTookOver(7, "pc"), e.RunResumed()).build().land("two").start("three").wait(40)


@in_loop
async def test_a_night_without_an_engine_is_one_mark_with_its_length(tmp_path: Path) -> None:
    async with on_board(night(tmp_path), (80, 24)) as shown:
        await shown.press("t")

        assert shown.shows(" 15h00m00s ") and shown.shows("┊ no engine")
        cells = {row(shown, name).index("┊") for name in ("one", "two", "three")}
        assert 1 == len(cells)
        await shown.press("j", "j", "+", "+", "+")
        assert shown.shows("three.1: under way, 15h00m28s to")
        assert "◆" in row(shown, "three") and "┊" not in row(shown, "three")


@in_loop
async def test_the_bar_under_the_cursor_is_in_no_color_that_means_something(tmp_path: Path) -> None:
    async with on_board(crowded(tmp_path)) as shown:
        await shown.press("t")
        pane = shown.app.live.query_one(TimelinePane)
        lines = [
            line for line in pane.compose_lines() if "◆ chosen" not in "".join(span.text for span in line)
        ]
        roles = {span.role for line in lines for span in line if "◆" in span.text}

        assert {Role.STRONG} == roles
