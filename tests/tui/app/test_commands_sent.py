"""What the keys ask of the run: the command in the inbox, and the message about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.rules.decide import decide
from porch_tui.journal import inbox
from porch_tui.tui.terminal.options import Leaving, ScreenOptions
from tests.tui.board_harness import Screened, on_board
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import Recording, busy


def commands_sent(shown: Screened) -> list[tuple[str, str]]:
    """Return kind and task of each command sent."""
    return [(type(one).__name__, getattr(one, "task", "")) for one in shown.sent()]


async def go_to(shown: Screened, task: str) -> None:
    shown.board.choose(TaskId(task))
    await shown.pilot.pause()


def screen_text(shown: Screened) -> str:
    """Return the screen on one line, so that a wrapped notice can be found."""
    return " ".join(shown.text().split())


@pytest.mark.parametrize(
    ("task", "keys", "expected"),
    [
        ("auth", ["p"], [("PauseTask", "auth")]),
        ("utf8", ["r"], [("RetryTask", "utf8")]),
        ("logging", ["Q"], [("RequeueEntry", "logging")]),
        ("auth", ["x", "y"], [("StopTask", "auth")]),
        ("docs", ["x", "y"], [("StopTask", "docs")]),
        ("auth", ["X", "y"], [("StopTask", "auth")]),
        ("logging", ["W", "y"], [("WithdrawEntry", "logging")]),
        ("auth", ["P"], [("PauseRun", "")]),
        ("auth", ["enter", "p"], [("PauseTask", "auth")]),
        ("auth", ["x", "escape"], []),
        ("auth", ["x", "n", "escape"], []),
        ("logging", ["W", "q"], []),
    ],
)
@in_loop
async def test_a_key_puts_its_command_into_the_inbox(
    tmp_path: Path, task: str, keys: list[str], expected: list[tuple[str, str]]
) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await go_to(shown, task)
        await shown.press(*keys)

        assert expected == commands_sent(shown)


@in_loop
async def test_what_cannot_be_taken_back_is_asked_by_name(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await go_to(shown, "auth")
        await shown.press("x")
        assert shown.shows("Stop auth?") and "Its worktree" in screen_text(shown)
        await shown.press("escape")
        await go_to(shown, "docs")
        await shown.press("x")
        assert shown.shows("Cancel docs?")
        await shown.press("escape")
        await go_to(shown, "logging")
        await shown.press("W")
        assert shown.shows("Withdraw logging from the merge queue?")


@in_loop
async def test_a_paused_task_is_let_go_on_by_the_same_key(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"]).start("one")
    run.say(e.AttemptPaused(run.attempt("one")))
    async with on_board(run) as shown:
        assert shown.shows("p resume")
        await shown.press("p")

        assert [("ResumeTask", "one")] == commands_sent(shown)


@in_loop
async def test_a_paused_run_is_let_go_on_by_the_same_key(tmp_path: Path) -> None:
    async with on_board(Recording(tmp_path, ["one"]).start("one").say(e.RunPaused())) as shown:
        assert shown.shows("P resume all")
        await shown.press("P")

        assert [("ResumeRun", "")] == commands_sent(shown)


@in_loop
async def test_a_command_that_succeeds_changes_what_is_shown_without_a_message(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"]).start("one")
    async with on_board(run) as shown:
        await shown.press("p")
        shown.answer_with(e.AttemptPaused(run.attempt("one")))
        await shown.tick(0.1)

        assert shown.shows("paused") and "!" not in screen_text(shown)


@in_loop
async def test_a_command_that_would_be_refused_is_refused_at_once_and_not_sent(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await go_to(shown, "auth")
        await shown.press("r")

        assert "Can't retry auth: it is running" in screen_text(shown)
        assert [] == shown.sent()


@in_loop
async def test_a_refusal_by_the_engine_is_shown_with_its_reason(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await go_to(shown, "auth")
        await shown.press("p")
        shown.answer_with(e.CommandRefused("pause auth", "auth has finished"))
        await shown.tick(0.1)

        assert "Can't pause auth: already finished" in screen_text(shown)


@in_loop
async def test_an_engine_that_does_not_answer_is_reported_once(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await go_to(shown, "auth")
        await shown.press("p")
        await shown.tick(2)
        assert "no answer" not in screen_text(shown)
        await shown.tick(4)
        assert "No answer yet to pause auth" in screen_text(shown)
        await shown.tick(60)
        assert "no answer" not in screen_text(shown)


@in_loop
async def test_a_command_without_an_engine_starts_one_and_says_so(tmp_path: Path) -> None:
    started: list[str] = []
    run = busy(tmp_path)
    async with on_board(run, has_engine=False, start_engine=lambda: started.append("engine")) as shown:
        await go_to(shown, "utf8")
        await shown.press("r")

        assert "starting an engine" in screen_text(shown)
        assert ["engine"] == started and [("RetryTask", "utf8")] == commands_sent(shown)


@in_loop
async def test_an_engine_that_came_and_went_between_two_looks_is_not_awaited(tmp_path: Path) -> None:
    run = busy(tmp_path)
    async with on_board(run, has_engine=False, start_engine=lambda: None) as shown:
        await go_to(shown, "utf8")
        await shown.press("r")
        assert shown.shows("starting an engine")

        run.wait(2).say(e.EngineTookOver(77, "box"))
        await shown.tick()

        assert not shown.shows("· starting an engine")


@in_loop
async def test_a_command_where_no_engine_can_be_started_waits_and_says_so(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), has_engine=False) as shown:
        await go_to(shown, "utf8")
        await shown.press("r")

        assert "Queued: retry utf8. Nothing is running; start it with: porch resume" in screen_text(shown)
        assert [("RetryTask", "utf8")] == commands_sent(shown)


@in_loop
async def test_a_run_directory_that_takes_no_command_is_reported(tmp_path: Path) -> None:
    run = busy(tmp_path)
    async with on_board(run) as shown:
        run.rundir.inbox.rename(run.rundir.path / "elsewhere")
        await go_to(shown, "utf8")
        await shown.press("r")

        assert "cannot give run" in screen_text(shown)


@in_loop
async def test_r_in_capitals_starts_an_engine_and_watches_it_come(tmp_path: Path) -> None:
    started: list[str] = []
    run = Recording(tmp_path, ["one"]).start("one")
    async with on_board(run, has_engine=False, start_engine=lambda: started.append("engine")) as shown:
        assert shown.shows("R resume")
        await shown.press("R")
        assert ["engine"] == started and shown.shows("starting an engine")
        await shown.press("R")
        assert ["engine"] == started

        with run.engine():
            await shown.tick()
            assert "engine" not in shown.rows()[0]
            await shown.press("R")
            assert "Nothing is waiting for an engine, and nothing has failed" in screen_text(shown)


@in_loop
async def test_a_command_that_waits_for_an_engine_is_enough_to_start_one(tmp_path: Path) -> None:
    started: list[str] = []
    run = Recording(tmp_path, ["one"], validate=False).start("one").fail("one")
    async with on_board(run, has_engine=False, start_engine=lambda: started.append("engine")) as shown:
        assert not shown.shows("R resume")
        inbox.drop(run.rundir, c.RetryTask(inbox.new_command_id(), TaskId("one")))
        await shown.tick()
        assert shown.shows("R resume") and "no engine: press R to resume" in shown.rows()[0]
        await shown.press("R")

        assert ["engine"] == started


@in_loop
async def test_an_engine_that_does_not_start_is_reported_with_its_log(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"]).start("one")
    async with on_board(run, (160, 48), has_engine=False, start_engine=lambda: None) as shown:
        await shown.press("R")
        await shown.tick(11)

        assert "The engine did not start; see" in screen_text(shown)
        assert "no engine: press R to resume" in shown.rows()[0]


@in_loop
async def test_an_engine_that_dies_is_noticed(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"]).start("one")
    async with on_board(run, has_engine=False) as shown:
        with run.engine():
            await shown.tick()
            assert "engine" not in shown.rows()[0]
        await shown.tick()
        assert "no engine" in shown.rows()[0]


@in_loop
async def test_stopping_everything_stops_the_run_and_leaves(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("q", "s")

        assert shown.app.return_value is Leaving.STOPPED
        assert [c.Ending.STOP] == [one.ending for one in shown.sent() if isinstance(one, c.StopRun)]


@in_loop
async def test_all_is_paused_and_resumed_with_the_tasks_that_run(tmp_path: Path) -> None:
    run = busy(tmp_path)
    async with on_board(run) as shown:
        await shown.press("P")
        assert [True] == [one.with_tasks for one in shown.sent() if isinstance(one, c.PauseRun)]
        shown.answer_with(*decide(run.state, c.PauseRun("1", with_tasks=True)))
        await shown.tick()
        assert [TaskStatus.PAUSED] * 2 == [run.state.tasks[TaskId(one)].status for one in ("auth", "cache")]
        await shown.press("P")

        assert [True] == [one.with_tasks for one in shown.sent() if isinstance(one, c.ResumeRun)]


@in_loop
async def test_many_commands_at_once_start_one_engine(tmp_path: Path) -> None:
    started: list[str] = []
    run = busy(tmp_path)
    async with on_board(run, has_engine=False, start_engine=lambda: started.append("engine")) as shown:
        await shown.press("P", "q", "s")

        assert [c.PauseRun, c.StopRun] == [type(one) for one in shown.sent()] and ["engine"] == started


@in_loop
async def test_nothing_can_be_stopped_where_no_engine_would_do_it(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), has_engine=False) as shown:
        await shown.press("q")

        assert shown.shows("leave it running") and not shown.shows("stop everything")


def test_two_commands_never_share_an_id(tmp_path: Path) -> None:
    session = busy(tmp_path).session()

    ids = {session.new_command_id() for _ in range(100)}
    assert 100 == len(ids) and all(c.PauseRun(one).id == one for one in ids)


@in_loop
async def test_a_persons_own_key_does_it_and_is_the_one_that_is_shown(tmp_path: Path) -> None:
    mine = ScreenOptions(fps=0, keymap={"task.pause": "f5", "board.need": "N"})
    async with on_board(busy(tmp_path), options=mine) as shown:
        await go_to(shown, "auth")
        await shown.press("p")
        assert [] == commands_sent(shown) and shown.shows("f5 pause")
        await shown.press("f5")

        assert [("PauseTask", "auth")] == commands_sent(shown)


@in_loop
async def test_all_that_failed_is_tried_again_after_one_question(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), (160, 48)) as shown:
        assert shown.shows("R retry failed")
        await shown.press("R")
        assert shown.shows("Retry the 2 tasks that failed?")
        await shown.press("y")

        assert [("RetryTask", "utf8"), ("RetryTask", "api")] == commands_sent(shown)


@in_loop
async def test_where_nothing_runs_no_engine_is_started_to_pause_it(tmp_path: Path) -> None:
    started: list[str] = []
    run = Recording(tmp_path, ["one"], validate=False).start("one").fail("one")
    async with on_board(run, has_engine=False, start_engine=lambda: started.append("engine")) as shown:
        assert not shown.shows("P pause all")
        await shown.press("P")

        assert "Can't pause all: nothing is running" in screen_text(shown)
        assert [] == started == shown.sent()
