"""A message goes when what it is about has moved on, and not before."""

from __future__ import annotations

from pathlib import Path

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId
from tests.tui.board_harness import on_board
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import Recording, busy


@in_loop
async def test_a_refusal_goes_when_the_task_is_somewhere_else(tmp_path: Path) -> None:
    run = busy(tmp_path)
    async with on_board(run) as shown:
        await shown.press("j", "r")
        assert shown.shows("Can't retry auth: it is running")
        run.say(e.AttemptNoticed(run.attempt("cache"), "silent for 10 min"))
        await shown.tick()
        assert shown.shows("Can't retry auth: it is running"), "another task has moved on"

        run.fail("auth")
        await shown.tick()

        assert not shown.shows("Can't retry auth")


@in_loop
async def test_what_is_said_of_a_validation_goes_when_there_is_one(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"]).judge(passes=True).start("one")
    async with on_board(run) as shown:
        await shown.press("v")
        assert shown.shows("one has not been validated")
        run.succeed("one").build()
        await shown.tick()

        assert not shown.shows("one has not been validated")


@in_loop
async def test_a_late_answer_ends_the_word_that_there_is_none(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"]).start("one")
    async with on_board(run) as shown:
        await shown.press("P")
        await shown.tick(6)
        assert shown.shows("No answer yet to pause --all")
        shown.answer_with(e.RunPaused(), e.AttemptPaused(run.attempt("one")))
        await shown.tick()

        assert not shown.shows("no answer yet")


@in_loop
async def test_that_an_engine_is_started_goes_when_it_has_come(tmp_path: Path) -> None:
    run = busy(tmp_path)
    async with on_board(run, has_engine=False, start_engine=lambda: None) as shown:
        shown.board.choose(TaskId("utf8"))
        await shown.press("r")
        assert shown.shows("! starting an engine")
        with run.engine():
            await shown.tick()

            assert not shown.shows("starting an engine")


@in_loop
async def test_what_is_asked_next_takes_the_place_of_a_refusal(tmp_path: Path) -> None:
    run = busy(tmp_path)
    async with on_board(run) as shown:
        await shown.press("j", "r")
        assert shown.shows("Can't retry auth")
        await shown.press("p")

        assert not shown.shows("Can't retry auth")
