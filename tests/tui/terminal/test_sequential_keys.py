"""Keys that come in one burst, as from a macro or a slow line: each goes where the ones before have led."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.events import Key

from porch_tui.tui.board.tasks import TaskList
from porch_tui.tui.log.pane import LogPane
from porch_tui.tui.terminal import sequential_keys as keys_in_turn
from porch_tui.tui.widgets.help import Help
from porch_tui.tui.widgets.prompt import Prompt
from tests.tui.board.test_board_terminal import screen
from tests.tui.board_harness import PATIENCE_S, Screened, on_board
from tests.tui.pane_harness import in_loop, numbered
from tests.tui.recordings import Recording, busy

_NAMES = {"/": "slash", "\r": "enter", "\x1b": "escape", "?": "question_mark", ":": "colon", "&": "ampersand"}


async def burst(shown: Screened, keys: str) -> None:
    """Press all keys before the first is looked at."""
    for key in keys:
        shown.app.post_message(Key(_NAMES.get(key, key), key if key.isprintable() else None))
    for _ in range(3):
        await shown.pilot.pause()


@in_loop
async def test_what_follows_a_slash_is_written_and_no_key_of_the_board(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await burst(shown, "/fxpq")

        assert "fxpq" == shown.board.query_one(Prompt).value
        assert [] == shown.sent() and shown.app.screen is shown.board


@in_loop
async def test_what_follows_an_enter_is_not_written_any_more(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await burst(shown, "/a\rj")

        assert "a" == shown.board.query_one(Prompt).value
        assert "auth" == shown.board.chosen and shown.app.focused is shown.board.query_one("TaskList")


@in_loop
async def test_a_search_in_a_log_is_typed_and_gone_through_in_one_burst(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"]).start("one").log("one", numbered(0, 500))
    async with on_board(run) as shown:
        await burst(shown, "l/line 4\rNv")
        await shown.app.workers.wait_for_complete()

        assert shown.shows("1 line marked")
        assert shown.app.focused is shown.board.query_one(LogPane)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("xyxy", [("StopTask", "schema")]),
        ("?qjxy", [("StopTask", "auth")]),
        ("m\x1bjp", [("PauseTask", "auth")]),
    ],
)
@in_loop
async def test_keys_behind_a_question_or_a_screen_find_the_board_again(
    tmp_path: Path, keys: str, expected: list[tuple[str, str]]
) -> None:
    run = Recording(tmp_path, ["schema", "auth"]).start("schema", "auth")
    async with on_board(run) as shown:
        await burst(shown, keys)

        assert expected == [(type(one).__name__, getattr(one, "task", "")) for one in shown.sent()][:1]


@in_loop
async def test_a_key_whose_place_never_lets_it_go_holds_up_the_others_for_a_while_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys_in_turn, "PATIENCE_S", 0.0)
    never = asyncio.Event()
    async with on_board(busy(tmp_path)) as shown:
        shown.board.query_one(TaskList).call_later(never.wait)
        shown.app.post_message(Key("p", "p"))
        async with asyncio.timeout(PATIENCE_S):
            while not shown.app.undone_keys:
                await asyncio.sleep(0)
            shown.app.set_focus(shown.board.query_one(LogPane))
            shown.app.post_message(Key("question_mark", "?"))
            while not isinstance(shown.app.screen, Help):
                await asyncio.sleep(0)
                shown.app.tick()
        never.set()


@in_loop
async def test_what_follows_a_colon_is_what_the_palette_looks_for(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await burst(shown, ":whole")

        assert "whole" == shown.app.screen.query_one("CommandInput").value  # type: ignore[attr-defined]


@pytest.mark.slow
def test_a_burst_in_a_terminal_is_obeyed_in_its_order(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["jig", "job", "log"], validate=False).start("jig", "job", "log")
    with run.engine(), screen(run) as program:
        program.read_until_shown("jig output")
        program.send("/o\rj")
        program.read_until_shown("log output")

        assert any(line.startswith("─ 1 tasks  /o ") for line in program.screen())
