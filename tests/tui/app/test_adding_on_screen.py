"""Adding a task from the screen: one line, as it is typed behind `porch add`."""

from __future__ import annotations

from pathlib import Path

from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId, TaskSpec
from porch_tui.errors import PlanError
from porch_tui.tui.model.outside import NoRepository
from porch_tui.tui.widgets.line_question import LineQuestion
from tests.tui.board_harness import on_board
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import Recording, busy, task


class Planner(NoRepository):
    """Understands two lines."""

    def addition(self, words: str) -> c.AddTasks:
        if words != "extra --run true":
            raise PlanError("--rnu: unknown option\nusage: …")
        return c.AddTasks("cmd-1", (TaskSpec(TaskId("extra"), "extra", ("true",)),))


@in_loop
async def test_what_is_typed_is_added(tmp_path: Path) -> None:
    run = busy(tmp_path)
    async with on_board(run, outside=Planner()) as shown:
        await shown.press("I")
        assert shown.shows("ID --run COMMAND")
        await shown.press(*"extra --run true", "enter")
        await shown.app.workers.wait_for_complete()
        await shown.pilot.pause()

        (sent,) = shown.sent()
        assert isinstance(sent, c.AddTasks)
        assert ["extra"] == [spec.id for spec in sent.specs]


@in_loop
async def test_the_cursor_goes_to_what_was_added_once_it_is_there(tmp_path: Path) -> None:
    run = busy(tmp_path)
    async with on_board(run, (80, 24), outside=Planner()) as shown:
        await shown.press("I", *"extra --run true", "enter")
        await shown.app.workers.wait_for_complete()
        await shown.tick()
        assert "schema" == shown.board.chosen

        run.say(e.TasksAdded((TaskSpec(TaskId("extra"), "extra", ("true",)),)))
        await shown.tick()
        assert "extra" == shown.board.chosen and shown.shows(" extra ")
        await shown.press("k")
        await shown.tick()
        assert "release" == shown.board.chosen


@in_loop
async def test_what_is_wrong_is_said_and_the_line_is_there_to_be_mended(tmp_path: Path) -> None:
    run = busy(tmp_path)
    async with on_board(run, outside=Planner()) as shown:
        await shown.press("I", *"docs --rnu", "enter")
        await shown.app.workers.wait_for_complete()
        await shown.pilot.pause()

        assert isinstance(shown.app.screen, LineQuestion)
        assert shown.shows("--rnu: unknown option")
        assert shown.shows("docs --rnu")
        await shown.press("escape")
        assert not isinstance(shown.app.screen, LineQuestion)
        assert [] == shown.sent()


@in_loop
async def test_an_added_task_has_a_row_of_its_own_at_once(tmp_path: Path) -> None:
    run = Recording(tmp_path, [task("first")])
    async with on_board(run, (80, 24)) as shown:
        run.say(e.TasksAdded((TaskSpec(TaskId("extra"), "extra", ("true",)),)))
        await shown.tick()
        await shown.pilot.pause()

        assert shown.shows("first")
        assert any(row.startswith("   extra") or " extra  " in row for row in shown.rows()[2:4])
