"""A task that reads its standard input is answered on the screen, by a line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from porch_tui.core.model.copying import replace
from porch_tui.core.model.events.task import AttemptPaused, AttemptWaits
from porch_tui.core.model.plan import OpenStdin, Terminal
from porch_tui.process.supervisor import frames
from tests.tui.board_harness import on_board
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import Recording, task


class Asking:
    """A run with a task that asks, of which the test is the supervisor."""

    def __init__(self, folder: Path) -> None:
        specs = [replace(task("ask"), open_stdin=OpenStdin()), task("other")]
        self.run = Recording(folder, specs).start("ask", "other").wait(5)
        self.run.log("ask", "Overwrite? [y/N] ")
        self.run.say(AttemptWaits(self.run.attempt("ask"), "Overwrite? [y/N]"))
        path = self.run.rundir.attempt("ask.1") / "tty.in"
        os.mkfifo(path)
        self._pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK)

    def taken(self) -> bytes:
        """Return what was written to the task."""
        written, left = b"", os.read(self._pipe, 65536)
        while left:
            one, left = frames.take(left)
            assert one is not None and one[0] == frames.TYPED
            written += one[1]
        return written

    def end(self) -> None:
        """Read nothing any more."""
        os.close(self._pipe)


@pytest.fixture
def asking(tmp_path: Path) -> Asking:
    return Asking(tmp_path)


@pytest.mark.parametrize(("typed", "written"), [(["y"], b"y\n"), ([], b"\n"), (["space"], b" \n")])
@in_loop
async def test_enter_asks_what_the_task_asks_and_writes_the_line(asking, typed, written):
    async with on_board(asking.run) as shown:
        assert shown.shows("enter answer")
        await shown.press("enter")
        assert shown.shows("ask: Overwrite? [y/N]") and shown.shows("esc cancels")

        await shown.press(*typed, "enter")

        assert written == asking.taken()
        assert shown.shows("ask has its answer")


@in_loop
async def test_escape_writes_nothing(asking):
    async with on_board(asking.run) as shown:
        await shown.press("enter", "y", "escape")

        assert not shown.shows("esc cancels")
        with pytest.raises(BlockingIOError):
            asking.taken()


@in_loop
async def test_the_log_and_the_grid_have_the_key_too(asking):
    async with on_board(asking.run) as shown:
        await shown.press("l")
        assert shown.shows("enter answer")
        await shown.press("escape", "a")
        assert shown.shows("enter answer")

        await shown.press("enter", "n", "enter")

        assert asking.taken() == b"n\n"


@in_loop
async def test_a_task_that_has_stopped_reading_is_said_to(asking):
    async with on_board(asking.run) as shown:
        await shown.press("enter")
        asking.end()
        await shown.press("y", "enter")

        assert shown.shows("ask does not read its standard input now")


@in_loop
async def test_other_tasks_and_one_that_is_frozen_have_their_log_behind_the_key(asking):
    async with on_board(asking.run) as shown:
        await shown.press("j")
        assert shown.shows("enter log")
        await shown.press("k")
        asking.run.say(AttemptPaused(asking.run.attempt("ask"), ""))
        await shown.tick()
        await shown.press("j", "k")
        assert not shown.shows("enter answer")


@in_loop
async def test_from_another_task_the_board_says_who_asks_and_which_key_answers(asking):
    async with on_board(asking.run, (120, 36)) as shown:
        await shown.press("j")

        assert shown.shows("press n, then enter for ask")


@in_loop
async def test_whoever_else_waits_is_named_with_the_key_for_it(tmp_path):
    specs = [
        replace(task("ask"), open_stdin=OpenStdin()),
        replace(task("shell"), terminal=Terminal()),
        task("broken"),
        task("other"),
    ]
    run = Recording(tmp_path, specs).start("ask", "shell", "broken", "other").wait(5).fail("broken")
    for name in ("ask", "shell"):
        run.say(AttemptWaits(run.attempt(name), f"{name}?"))
    async with on_board(run, (160, 40)) as shown:
        await shown.press("G")

        text = shown.text()
        assert "broken failed — r retry" in text
        assert sum(said in text for said in ("— enter answer", "— enter step in")) >= 1

        await shown.press("g")
        text = shown.text()
        assert "— enter step in" in text
