"""What a row of the list says beside the name: its state, why, or what the task last put out."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId
from porch_tui.tui.board.tasks import TaskList
from porch_tui.tui.terminal.options import ScreenOptions
from tests.tui.board_harness import Screened, on_board, rows_of
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import Recording, busy, task


def row(shown: Screened, name: str) -> str:
    """Return the row of a task."""
    return next(row for row in rows_of(shown.board.query_one(TaskList)) if row[3:].startswith(f"{name} "))


def says(shown: Screened, name: str) -> str:
    """Return what the row of a task says beside its name."""
    return " ".join(row(shown, name)[3 + len(name) :].split())


@in_loop
async def test_the_reason_stands_beside_the_state_and_is_not_said_twice(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), (200, 50)) as shown:
        expected = {
            "logging": "CONFLICT with schema in src/app.py, src/log/handlers.py",
            "api": "REJECTED validation fails on top of schema: exit 1:",
            "docs": "waits for api, which was rejected",
            "utf8": "FAIL exit 3 UnicodeDecodeError: src/legacy/latin.py",
            "schema": "landed 6ad93a6 Version the database schema",
        }

        assert [] == [name for name, text in expected.items() if not says(shown, name).startswith(text)]


@in_loop
async def test_the_last_line_of_the_log_stands_beside_a_task_at_work(tmp_path: Path) -> None:
    run = Recording(tmp_path, [task("one", "Do one thing")]).start("one")
    async with on_board(run, (100, 30)) as shown:
        await shown.tick(41)
        assert "run 41s Do one thing" == says(shown, "one")

        run.log("one", "\x1b[32mcompiling\x1b[0m core\r\n\x1b]0;title\x07linking\n\n")
        await shown.tick()
        assert "run 42s linking" == says(shown, "one")


@in_loop
async def test_over_a_slow_connection_the_last_lines_change_seldom(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"]).start("one").log("one", "line 0\n")
    async with on_board(run, options=ScreenOptions(fps=0, is_low_bandwidth=True)) as shown:
        seen = set()
        for number in range(1, 13):
            run.log("one", f"line {number}\n")
            await shown.tick()
            seen.add(says(shown, "one").split("line ")[1])

        assert len(seen) <= 4


@in_loop
async def test_a_retried_task_does_not_show_the_line_of_its_last_attempt(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"]).start("one").log("one", "of the first\n").fail("one")
    async with on_board(run) as shown:
        assert "of the first" in says(shown, "one")

        run.say(e.TaskRetried(TaskId("one"), is_automatic=False)).start("one")
        await shown.tick(0.1)
        assert "of the first" not in says(shown, "one")


@in_loop
async def test_how_long_it_took_is_said_where_nothing_is_cut_for_it(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), (160, 48)) as shown:
        assert row(shown, "schema").endswith(" 1m07s")

        await shown.resize(100, 48)
        assert "…" in row(shown, "schema") and "1m07s" not in row(shown, "schema")


@pytest.mark.parametrize("width", [60, 80, 100, 120, 160, 200])
@in_loop
async def test_no_reason_is_cut_while_its_row_has_blanks(tmp_path: Path, width: int) -> None:
    async with on_board(busy(tmp_path), (width, 40)) as shown:
        said = [row(shown, name) for name in ("logging", "api", "docs")]
        cells = shown.board.query_one(TaskList).size.width

        cut = [row for row in said if "…" in row]
        assert [] == [row for row in cut if "   " in row[len("   release ") :] or len(row) < cells - 3]
