"""What is read and searched aside of the screen: logs too large to be gone through within a frame."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from porch_tui.core.model.plan import TaskId
from porch_tui.tui.log import lines as log_lines
from porch_tui.tui.log.pane import LogPane
from porch_tui.tui.log.pattern import Pattern
from tests.tui.board_harness import on_board
from tests.tui.pane_harness import PATIENCE_S, Shown, in_loop, on_screen
from tests.tui.recordings import busy


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A log of 12 MB."""
    path = tmp_path / "task.log"
    line = "x" * 990
    with path.open("w") as file:
        file.write("needle at the top\n")
        file.writelines(f"{n:08} {line}\n" for n in range(12_000))
    return path


async def until(shown: Shown, is_there: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not is_there():
            shown.pane.tick()
            await shown.pilot.pause()


@in_loop
async def test_a_large_log_is_read_in_a_thread(large: Path) -> None:
    async with on_screen(LogPane(), large) as shown:
        assert "reading" in shown.title()
        await until(shown, lambda: "12,001 lines ▼ follow" in shown.title())

        await shown.press("g")
        assert shown.first() == "needle at the top"


def test_a_log_replaced_while_a_thread_reads_it_is_noticed(large: Path) -> None:
    lines = log_lines.LogLines(large)
    large.write_text("short\n")
    lines.read_aside()

    assert lines.advance()[0] is log_lines.Growth.AGAIN
    lines.close()


def test_the_reading_thread_ends_when_the_log_is_closed(large: Path) -> None:
    lines = log_lines.LogLines(large)
    lines.close()
    lines.read_aside()

    assert not lines.is_read


@in_loop
async def test_a_search_finds_what_is_far_above_and_goes_there(large: Path) -> None:
    async with on_screen(LogPane(), large) as shown:
        shown.pane.model.seek(Pattern("needle"))
        shown.pane.model.go_to_nearest()
        assert "searching" in shown.title()

        await until(shown, lambda: shown.first() == "needle at the top")
        assert "/needle: 1 of 1" in shown.title()


@in_loop
async def test_a_filter_fills_from_the_end_of_a_large_log(large: Path) -> None:
    async with on_screen(LogPane(), large) as shown:
        shown.pane.model.filter_by(Pattern("00000"))
        assert shown.pane.model.is_following and "so far" in shown.title()

        await until(shown, lambda: "&00000: 1,000 lines ▼ follow" in shown.title())


@in_loop
async def test_a_search_that_is_given_up_ends(large: Path) -> None:
    async with on_screen(LogPane(), large) as shown:
        shown.pane.model.seek(Pattern("needle"))
        finder = shown.pane.model.search.finder
        shown.pane.model.seek(None)

        assert finder is not None and not finder.step()


@in_loop
async def test_on_the_board_the_samples_of_the_engine_tell_when_lines_were_written(tmp_path: Path) -> None:
    run = busy(tmp_path)
    run.usage("auth", 50.0, 400, log_bytes=10_000)
    async with on_board(run) as shown:
        shown.board.choose(TaskId("auth"))
        await shown.press("enter", "t")

        assert shown.shows("4m38s") and shown.shows("test_login_119")
