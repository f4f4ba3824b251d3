"""Commands of a person's own on the screen: what they print, how they ended, and where they are listed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from threading import Event

from porch_tui.cli.screen.own_command import RunningCommand, facts_of, started
from porch_tui.core.model.plan import TaskId
from porch_tui.present.own_commands import OwnCommand
from porch_tui.tui.app.own_command import OwnCommandScreen
from porch_tui.tui.model.outside import NoRepository
from porch_tui.tui.terminal.options import ScreenOptions
from tests.tui.board_harness import PATIENCE_S, Screened, on_board
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import Recording, busy

WAITS = OwnCommand(
    "f7", ("sh", "-c", "echo begun {task}; while [ ! -e go ]; do sleep 0.05; done; exit 3"), "wait"
)
OF_RUN = OwnCommand("", ("sh", "-c", "echo the run is {run}"), "say the run", is_of_task=False)
OPTIONS = ScreenOptions(fps=0, commands=(WAITS, OF_RUN))


class Starting(NoRepository):
    """Starts commands in a folder, once it may."""

    def __init__(self, run: Recording, folder: Path) -> None:
        self._run, self._folder = run, folder
        self.begun: list[RunningCommand] = []
        self.may_start = Event()
        self.may_start.set()

    def start(self, own: OwnCommand, task: TaskId | None) -> RunningCommand:
        assert self.may_start.wait(PATIENCE_S)
        facts = facts_of(self._run.session().state, task, self._folder)
        output = self._folder / f"texts/{len(self.begun)}.log"
        self.begun.append(started(own, facts, self._folder, output))
        return self.begun[-1]


async def until(shown: Screened, condition: Callable[[], bool], what: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await shown.tick(0.1)
            await asyncio.sleep(0.01)


@in_loop
async def test_the_output_is_followed_and_the_exit_code_shown_and_x_ends_it(tmp_path: Path) -> None:
    outside = Starting(run := busy(tmp_path), tmp_path)
    async with on_board(run, options=OPTIONS, outside=outside) as shown:
        await shown.press("j", "f7")
        await until(shown, lambda: shown.shows("begun auth") and shown.shows("at work: sh -c"), "its output")
        assert shown.shows("x stop") and not shown.shows("p pause")

        await shown.press("x")
        await until(shown, lambda: shown.shows("ended by signal 15"), "its end")
        assert [] == shown.sent(), "the task is not stopped"
        await shown.press("q")
        assert shown.app.live is shown.board


@in_loop
async def test_a_closed_one_goes_on_and_its_key_shows_it_again_and_its_end_is_said(tmp_path: Path) -> None:
    outside = Starting(run := busy(tmp_path), tmp_path)
    async with on_board(run, options=OPTIONS, outside=outside) as shown:
        for _ in range(2):
            await shown.press("j", "k", "f7")
            await until(shown, lambda: isinstance(shown.app.live, OwnCommandScreen), "the screen")
            await shown.press("escape")
        (running,) = outside.begun

        (tmp_path / "go").touch()
        await until(
            shown, lambda: running.code() is not None and shown.shows("exit 3; its output"), "its end"
        )


@in_loop
async def test_its_key_pressed_again_before_it_has_begun_begins_no_second_one(tmp_path: Path) -> None:
    outside = Starting(run := busy(tmp_path), tmp_path)
    async with on_board(run, options=OPTIONS, outside=outside) as shown:
        outside.may_start.clear()
        await shown.press("j", "f7", "f7")
        outside.may_start.set()
        await shown.app.workers.wait_for_complete()
        await until(shown, lambda: shown.shows("at work: sh -c"), "its screen")

        (running,) = outside.begun
        running.stop()


@in_loop
async def test_they_are_on_the_key_bar_in_the_help_and_without_a_key_in_the_palette(tmp_path: Path) -> None:
    outside = Starting(run := busy(tmp_path), tmp_path)
    async with on_board(run, (200, 50), OPTIONS, outside=outside) as shown:
        assert "f7 wait" in shown.rows()[-1]
        await shown.press("question_mark", "slash", *"begun")
        assert shown.shows("your own commands") and shown.shows("wait: sh -c")
        await shown.press("escape", "escape", "escape", "colon", *"say the run")
        await until(shown, lambda: shown.shows("say the run: sh -c"), "it to be found")
        await shown.press("enter")
        await until(shown, lambda: shown.shows("the run is ") and shown.shows("exit 0"), "its output")
