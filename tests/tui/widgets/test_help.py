"""The list of keys: which it shows for each place, how a key is found, and that enter runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.tui.app.app import PorchApp
from porch_tui.tui.board.board import Board
from porch_tui.tui.log.pane import LogPane
from porch_tui.tui.terminal.options import ScreenOptions
from porch_tui.tui.widgets.help import Help, HelpList
from porch_tui.tui.widgets.task_rows import TaskRows
from tests.tui.board_harness import Screened, assert_golden, on_board, rows_of
from tests.tui.pane_harness import in_loop, numbered
from tests.tui.recordings import Recording, busy

NEEDS_TYPING = {"list.step_in", "list.answer"}
"""Of a task that has something to type into."""


def foot(shown: Screened) -> str:
    """Return what the help offers to do with the chosen key."""
    return " ".join(rows_of(shown.app.screen.query_one(HelpList))[-2].split())


def chosen(shown: Screened) -> str:
    one = shown.app.screen.query_one(HelpList).chosen
    return one.id if one is not None else ""


def is_open(shown: Screened) -> bool:
    return isinstance(shown.app.screen, Help)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=lambda size: "x".join(map(str, size)))
@in_loop
async def test_help_looks_as_agreed(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_board(busy(tmp_path), size) as shown:
        await shown.press("question_mark")

        assert_golden(f"help-{size[0]}x{size[1]}", shown.text())


@in_loop
async def test_it_looks_as_agreed_in_ascii_and_in_a_tiny_window(tmp_path: Path) -> None:
    options = ScreenOptions(fps=0, is_ascii=True, is_colorless=True)
    async with on_board(busy(tmp_path), (50, 12), options) as shown:
        await shown.press("question_mark", "end")

        assert shown.text().isascii() and shown.shows("esc close")


@in_loop
async def test_every_binding_is_listed_with_the_focused_place_first(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), (120, 80)) as shown:
        await shown.press("question_mark")
        assert is_open(shown)
        text = shown.text()
        ids = [one for node in (TaskRows, Board, PorchApp) for one in node.BINDINGS]
        for binding in ids:
            is_listed = binding.tooltip in text  # type: ignore[union-attr]
            assert binding.id is None or is_listed is (binding.id not in NEEDS_TYPING), binding.id
        assert text.index(" list") < text.index("the task under the cursor")

        await shown.press("escape", "enter", "question_mark")
        assert shown.text().index("  log") < shown.text().index("the task under the cursor")


@pytest.mark.parametrize("key", ["question_mark", "q", "escape"])
@in_loop
async def test_what_opened_it_and_what_leaves_things_close_it(tmp_path: Path, key: str) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("question_mark", key)

        assert shown.app.screen is shown.board and [] == shown.sent()


@in_loop
async def test_all_of_it_is_reached_in_a_small_window(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), (80, 24)) as shown:
        await shown.press("question_mark")
        assert shown.shows("Next task") and not shown.shows("Draw everything again")

        seen = set()
        for _ in range(9):
            seen |= set(shown.rows())
            await shown.press("space")
        assert shown.shows("Draw everything again") and "run.redraw" == chosen(shown)
        assert len([row for row in seen if row.startswith("│  ")]) > 40

        await shown.press("g")
        assert shown.rows()[2].strip("│ ") == "list" and "list.down" == chosen(shown)


@in_loop
async def test_enter_does_what_the_chosen_key_does(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one", "two"]).start("one", "two")
    async with on_board(run) as shown:
        await shown.press("j", "question_mark", *["j"] * 8)
        assert "task.pause" == chosen(shown) and foot(shown).startswith("enter run it")
        await shown.press("enter")

        assert shown.app.screen is shown.board
        assert [("PauseTask", "two")] == [(type(one).__name__, one.task) for one in shown.sent()]  # type: ignore[union-attr]


@in_loop
async def test_it_is_done_in_the_place_that_had_the_keys(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"]).start("one").log("one", numbered(0, 500))
    async with on_board(run) as shown:
        await shown.press("enter", "question_mark", "slash", *"mark lines", "enter")

        assert shown.app.focused is shown.board.query_one(LogPane) and shown.shows("1 line marked")


@in_loop
async def test_words_find_a_key_by_what_it_does_its_name_its_place_and_itself(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("question_mark")
        for words, expected in [
            ("TIMELINE", "screen.timeline"),
            ("screen zoom", "board.zoom"),
            ("ctrl+p", "run.palette"),
            ("?", "run.help"),
            ("kill", "task.kill"),
        ]:
            await shown.press("slash", *words)
            assert expected == chosen(shown)
            await shown.press("escape")
            assert is_open(shown) and "list.log" == chosen(shown)


@pytest.mark.slow
@in_loop
async def test_typing_narrows_the_arrows_choose_and_enter_does_it(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("question_mark", "slash", *"other colors", "enter")
        assert not is_open(shown)
        await shown.press("escape", "question_mark", "slash", *"other screens", "down", "down", "up")
        assert "screen.task" == chosen(shown) and foot(shown).endswith("esc all keys")
        await shown.press("enter")

        assert "task" == shown.app.live.id


@in_loop
async def test_words_that_nothing_has_to_do_with_leave_nothing_to_do(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("question_mark", "slash", *"xyzzy")
        assert shown.shows("no key matches") and foot(shown) == "/ search esc all keys"
        await shown.press("enter")
        assert is_open(shown)

        await shown.press("escape")
        assert is_open(shown) and foot(shown).endswith("esc close")


@in_loop
async def test_a_key_that_only_moves_says_so_and_is_not_done_from_here(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("question_mark", "g")
        assert foot(shown).startswith("j works only in its place")
        await shown.press("enter")

        assert is_open(shown) and "list.down" == chosen(shown)


@in_loop
async def test_a_click_does_it(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("question_mark", "slash", *"full size", "down")
        y = next(y for y, row in enumerate(shown.rows()) if "The merge queue, full size" in row)
        await shown.pilot.click(offset=(30, y))
        await shown.pilot.pause()

        assert "queue" == shown.app.live.id


@pytest.mark.slow
@in_loop
async def test_a_question_is_asked_from_here_too(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("j", "question_mark", "slash", *"stop the task", "enter")

        assert shown.shows("Stop auth?") and [] == shown.sent()
