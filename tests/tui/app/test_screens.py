"""The screens beside the board: opened by their key, closed by it or by escape, with the same task chosen."""

from __future__ import annotations

import asyncio
from pathlib import Path

from porch_tui.core.model.plan import TaskId
from porch_tui.tui.model.outside import NoRepository
from tests.tui.board_harness import PATIENCE_S, Screened, on_board
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import busy


class Narrator(NoRepository):
    """Tells a story of as many lines as it was asked times."""

    def __init__(self) -> None:
        self.asked = 0

    def report(self, cells: int) -> str:
        self.asked += 1
        return "\n".join(["The story", *(f"  chapter {n + 1}" for n in range(self.asked))])


async def until_shown(shown: Screened, text: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not shown.shows(text):
            await shown.pilot.pause()


@in_loop
async def test_the_report_opens_on_top_of_the_board_and_closes_with_the_same_key(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), outside=Narrator()) as shown:
        await shown.press("o")
        await until_shown(shown, "chapter 1")

        await shown.press("o")

        assert shown.app.live is shown.board


@in_loop
async def test_escape_goes_back_to_the_board_and_its_task(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), outside=Narrator()) as shown:
        shown.board.choose(TaskId("utf8"))
        await shown.press("o", "escape")

        assert (shown.board, "utf8") == (shown.app.live, shown.board.chosen)


@in_loop
async def test_the_report_is_made_again_when_the_run_has_changed(tmp_path: Path) -> None:
    run = busy(tmp_path)
    async with on_board(run, outside=Narrator()) as shown:
        await shown.press("o")
        await until_shown(shown, "chapter 1")
        run.succeed("auth")
        await shown.tick()

        await until_shown(shown, "chapter 2")


@in_loop
async def test_without_the_repository_the_report_says_what_it_needs(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("o")

        await until_shown(shown, "needs the run's repository")
