"""The tasks of an entry of `each` on the board: one row that opens, with all that a row of a task can do."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from porch_tui.core.model import commands as c
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Kind, TaskId, TaskSpec
from porch_tui.tui.board.tasks import TaskList
from tests.tui.board_harness import Screened, on_board, rows_of
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import Recording, task


def members(count: int, group: str = "test") -> list[TaskSpec]:
    names = [f"{group}-{number:03}" for number in range(1, count + 1)]
    return [replace(task(name, kind=Kind.CHECK), group=group, item=name) for name in names]


def at_work(folder: Path, count: int = 12) -> Recording:
    """Return a run with a change and a group of checks: the third failed, two passed, others run or wait."""
    run = Recording(folder, ["docs", *members(count)], slots=6, validate=False)
    run.start("docs", "test-001", "test-002", "test-003", "test-004").wait(10)
    return run.succeed("test-001", "test-002").fail("test-003").log("test-003", "the third is wrong\n")


def listed(shown: Screened) -> list[str]:
    """Return the rows of the list, without what tasks use."""
    rows = rows_of(shown.board.query_one(TaskList))[1:]
    return [" ".join(row.split()) for row in rows if row[: len("▌✓ ")].strip()]


@in_loop
async def test_a_group_is_one_row_that_counts_how_its_tasks_came_out(tmp_path: Path) -> None:
    async with on_board(at_work(tmp_path), size=(80, 24)) as shown:
        docs, group = listed(shown)

        assert "docs" in docs
        assert "+ test" in group
        assert "2/12 ✓ 1 ✗" in group
        assert "running" in group
        assert "━" in group


@in_loop
async def test_small_groups_are_listed_task_by_task(tmp_path: Path) -> None:
    async with on_board(Recording(tmp_path, members(3))) as shown:
        assert 3 == len(listed(shown))


@pytest.mark.slow
@pytest.mark.parametrize("keys", [["enter"], ["l"], ["right"]])
@in_loop
async def test_the_row_opens_with_what_failed_first_and_closes(tmp_path: Path, keys: list[str]) -> None:
    async with on_board(at_work(tmp_path)) as shown:
        await shown.press("j", *keys)
        assert 14 == len(listed(shown))
        assert "- test" in listed(shown)[1]
        assert "test-003" in listed(shown)[2]

        await shown.press("j", "j")
        assert "test-001" == shown.board.chosen
        await shown.press("left")
        assert 2 == len(listed(shown))
        await shown.press(*keys)
        assert 14 == len(listed(shown)), "the cursor is on the row of the group again"


@in_loop
async def test_the_log_beside_the_row_is_that_of_a_task_that_failed(tmp_path: Path) -> None:
    async with on_board(at_work(tmp_path)) as shown:
        await shown.press("j")

        assert shown.shows("the third is wrong")
        assert shown.shows("failed: test-003")


@in_loop
async def test_an_action_on_the_row_is_for_all_of_the_group_once_it_is_confirmed(tmp_path: Path) -> None:
    async with on_board(at_work(tmp_path)) as shown:
        await shown.press("j", "x")
        assert shown.shows("tasks?"), "it asks first"
        assert [] == shown.sent()

        await shown.press("y")

        stopped = {one.task for one in shown.sent() if isinstance(one, c.StopTask)}
        assert {TaskId(f"test-{number:03}") for number in range(4, 13)} <= stopped


@in_loop
async def test_a_mark_on_the_row_marks_all_of_the_group_and_takes_it_back(tmp_path: Path) -> None:
    async with on_board(at_work(tmp_path)) as shown:
        await shown.press("j", "space")
        assert 12 == len(shown.board.targets)
        assert listed(shown)[1].startswith("*")

        await shown.press("j", "space")
        assert 12 == len(shown.board.targets), "those of the row, without marks"
        assert not any(row.startswith("*") for row in listed(shown))


@in_loop
async def test_a_filter_finds_what_is_folded_and_the_cursor_stays_on_it(tmp_path: Path) -> None:
    async with on_board(at_work(tmp_path)) as shown:
        await shown.press("slash", *"007", "enter")
        assert ["test-007"] == [row.split()[1] for row in listed(shown)]

        await shown.press("escape")

        assert "test-007" == shown.board.chosen
        assert 14 == len(listed(shown))


@in_loop
async def test_what_needs_you_is_shown_although_its_group_is_folded(tmp_path: Path) -> None:
    async with on_board(at_work(tmp_path)) as shown:
        await shown.press("n")

        assert "test-003" == shown.board.chosen
        assert any("test-003" in row for row in listed(shown))


@in_loop
async def test_a_row_fits_into_the_narrowest_list(tmp_path: Path) -> None:
    async with on_board(at_work(tmp_path), size=(60, 20)) as shown:
        assert any("2/12 ✓ 1 ✗" in row for row in listed(shown))
        assert max(map(len, shown.rows())) <= 60


@in_loop
async def test_a_frame_of_five_hundred_folded_checks_repaints_one_row(tmp_path: Path) -> None:
    run = Recording(tmp_path, members(500), slots=2, validate=False)
    async with on_board(run) as shown:
        await shown.tick()
        shown.repainted_rows()
        run.start("test-001").wait(1).succeed("test-001")

        began = time.process_time()
        await shown.tick()

        assert "1/500 ✓" in listed(shown)[0]
        assert time.process_time() - began < 5, (
            "far from what a frame may take; a loop over pairs would not end"
        )
