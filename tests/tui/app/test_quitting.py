"""The ways to leave the screen, and that none of them stops anything unasked."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.tui.board.board import Board
from porch_tui.tui.terminal.options import Leaving
from tests.tui.board_harness import on_board
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import Recording, busy


@in_loop
async def test_control_c_only_says_how_to_leave(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("ctrl+c")

        assert shown.shows("Press q to quit") and shown.app.is_running


@in_loop
async def test_a_notice_goes_away_after_a_while(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("ctrl+c")
        await shown.tick(3)
        assert shown.shows("Press q to quit")
        await shown.tick(10)
        assert not shown.shows("Press q to quit")


@in_loop
async def test_output_of_a_program_is_shown_without_its_colors(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("j", "p")
        why = "\x1b[31mfatal:\x1b[0m src/\x1b]8;;x\x1b\\app.py is locked\x1b[K"
        shown.answer_with(e.CommandRefused("pause auth", why))
        await shown.tick(0.1)

        assert shown.shows("! Can't pause auth: fatal: src/app.py is locked")
        assert not any(sign in shown.text() for sign in ("␛", "[31m", "^["))


@in_loop
async def test_q_leaves_at_once_when_nothing_runs(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"], validate=False).through("one")
    async with on_board(run, has_engine=False) as shown:
        await shown.press("q")

        assert shown.app.return_value is Leaving.ENDED


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
@in_loop
async def test_q_asks_while_something_runs_and_d_leaves_it_running(tmp_path: Path, key: str) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press(key)
        assert shown.shows("2 tasks are running. Leave the screen?")

        await shown.press("d")
        assert shown.app.return_value is Leaving.DETACHED and [] == shown.sent()


@in_loop
async def test_the_question_names_only_keys_that_it_has(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("q")
        assert shown.shows("After f or s, porch resume continues")

    async with on_board(Recording(tmp_path / "queued", ["one"]).start("one").succeed("one").build()) as shown:
        await shown.press("q")
        assert shown.shows("After s, porch resume continues") and not shown.shows(" f  ")


@in_loop
async def test_under_a_question_its_answers_are_shown_and_no_keys_of_the_board(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        keys = shown.rows()[-1]
        assert "quit" in keys
        await shown.press("q")
        answers = shown.rows()[-1]
        assert answers.startswith(" d leave it running; ") and answers.endswith("esc stay")
        await shown.tick(3)
        assert answers == shown.rows()[-1] and "quit" not in answers

        await shown.press("escape")

        assert shown.rows()[-1] == keys


@pytest.mark.parametrize("key", ["escape", "q"])
@in_loop
async def test_one_can_stay_after_all(tmp_path: Path, key: str) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("q", key)

        assert isinstance(shown.app.screen, Board) and shown.app.is_running


@in_loop
async def test_a_choice_can_be_clicked(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("q")
        y = next(y for y, row in enumerate(shown.rows()) if "leave it running" in row)
        await shown.pilot.click(offset=(shown.rows()[y].index("leave it"), y))
        await shown.pilot.pause()

        assert shown.app.return_value is Leaving.DETACHED


@in_loop
async def test_f_lets_running_tasks_finish_and_then_ends_the_engine(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("q", "f")

        assert shown.app.return_value is Leaving.FINISHED
        assert [c.Ending.FINISH] == [one.ending for one in shown.sent() if isinstance(one, c.StopRun)]


@in_loop
async def test_a_paused_run_of_which_nothing_runs_is_not_called_busy(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one", "two"], slots=1).start("one").say(e.RunPaused()).fail("one")
    async with on_board(run) as shown:
        await shown.press("q")

        assert shown.shows("The run is paused. Leave the screen?") and shown.shows("leave it paused")
        assert shown.shows("stop everything") and not shown.shows("finish")


@in_loop
async def test_a_run_that_cannot_be_stopped_says_so_and_the_screen_stays(tmp_path: Path) -> None:
    run = busy(tmp_path)
    async with on_board(run) as shown:
        run.rundir.inbox.rename(run.rundir.path / "elsewhere")
        await shown.press("q", "s")

        assert shown.shows("cannot give run") and shown.app.is_running
