"""The board uses its space: how much of it is blank, and what is cut, measured on a run with every state."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Kind, TaskId
from porch_tui.tui.board.tasks import TaskList
from porch_tui.tui.queue.queue_list import QueuePane
from tests.tui.board_harness import on_board, rows_of
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import LOG, Recording, task

STATES = (
    *("landed", "run 4m", "paused", "FAIL exit 3", "TIMED OUT", "stopped", "passed"),
    *("CONFLICT", "REJECTED", "BLOCKED", "testing", "waits for"),
)


def twelve(folder: Path) -> Recording:
    """Return a run of twelve tasks, no two in the same state, of which one prints."""
    run = Recording(
        folder,
        [
            task("schema", "Version the database schema"),
            task("auth", "Split the session code"),
            task("cache", "Cache compiled templates"),
            task("utf8", "Read every file as UTF-8"),
            task("index", "Index the documents"),
            task("mail", "Send mail in the background"),
            task("lint", "Ruff and mypy over everything", kind=Kind.CHECK),
            task("logging", "One structured logger"),
            task("api", "Version the HTTP API"),
            task("export", "Export tables as Parquet"),
            task("search", "Rank the results"),
            task("docs", "Rewrite the user guide", after=["api"]),
        ],
        slots=12,
    )
    run.judge(passes=True).wait(4)
    run.start(*(spec.id for spec in run.state.plan.tasks if spec.id != "docs"))
    run.wait(20).succeed("lint").fail("utf8").fail("index", "timed out after 20s", e.FailureKind.TIMEOUT)
    run.log("utf8", "UnicodeDecodeError: src/legacy/latin.py, byte 0xe9\\n")
    run.say(e.StopRequested(run.attempt("mail")), e.AttemptStopped(run.attempt("mail")))
    run.succeed("schema").build().wait(20).judge(passes=True).land("schema")
    run.say(e.AttemptPaused(run.attempt("cache")))
    run.succeed("logging").conflict("logging", "src/app.py", "src/log/handlers.py", partners=["schema"])
    run.wait(30).succeed("api").build().wait(12)
    while run.state.validations.in_flight:
        run.judge(passes=False, text="exit 1: 2 failed, 310 passed")
    run.succeed("export").build().wait(8).judge(passes=True)
    run.say(e.LandingBlocked(TaskId("export"), ("notes.txt",), "notes.txt is in the way", is_retried=True))
    run.wait(150).succeed("search").build().wait(41)
    return run.log("auth", LOG).usage("auth", 97.4, 431)


def blank_share(rows: list[str], width: int) -> float:
    """Return how much of a window is blank."""
    drawn = sum(not letter.isspace() for row in rows for letter in row)
    return 1 - drawn / (width * len(rows))


@in_loop
async def test_the_run_that_is_measured_has_every_state(tmp_path: Path) -> None:
    async with on_board(twelve(tmp_path), (200, 50)) as shown:
        rows = rows_of(shown.board.query_one(TaskList))

        assert [] == [word for word in STATES if not any(f" {word}" in row for row in rows)]


@in_loop
async def test_at_most_two_fifths_of_the_cells_are_blank(tmp_path: Path) -> None:
    async with on_board(twelve(tmp_path)) as shown:
        await shown.press("j")

        assert blank_share(shown.rows(), 120) <= 0.4


@in_loop
async def test_in_a_large_window_nothing_of_the_list_is_cut(tmp_path: Path) -> None:
    async with on_board(twelve(tmp_path), (200, 50)) as shown:
        for pane in (TaskList, QueuePane):
            cut = [row for row in rows_of(shown.board.query_one(pane)) if "…" in row]
            assert [] == [row for row in cut if " auth " not in row], "but its output"


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (100, 30), (120, 36), (160, 48), (200, 50)], ids=str)
@in_loop
async def test_no_reason_is_cut_while_blanks_remain_in_its_row(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_board(twelve(tmp_path), size) as shown:
        pane = shown.board.query_one(TaskList)
        name = max(len(task) for task in pane.tasks)
        for row in rows_of(pane):
            if "…" in row:
                assert "    " not in row[3 + name :].strip() and len(row) >= pane.size.width - 3, row


@pytest.mark.parametrize("keys", [(), ("I",)], ids=["at rest", "below a question"])
@in_loop
async def test_a_window_that_grows_shows_the_list_in_it_at_once(
    tmp_path: Path, keys: tuple[str, ...]
) -> None:
    run = twelve(tmp_path)
    async with on_board(run, (60, 15)) as shown:
        await shown.press(*keys)
        await shown.resize(200, 50)

        rows = rows_of(shown.board.query_one(TaskList))
        assert all(any(f" {name} " in row for row in rows) for name in run.state.tasks)
