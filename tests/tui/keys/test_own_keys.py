"""Keys that people give to actions: what is pressed does what they want, and all else stays as it was."""

from __future__ import annotations

from pathlib import Path

from porch_tui.tui.keys.bindings import ALL
from porch_tui.tui.keys.own_keys import lost
from porch_tui.tui.log.pane import LogPane
from porch_tui.tui.terminal.options import ScreenOptions
from tests.tui.board_harness import on_board
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import busy


@in_loop
async def test_what_shares_a_key_with_an_action_keeps_it_when_that_gets_another(tmp_path: Path) -> None:
    options = ScreenOptions(fps=0, keymap={"list.step_in": "f9"})
    async with on_board(busy(tmp_path), options=options) as shown:
        await shown.press("enter")

        assert isinstance(shown.app.focused, LogPane)


@in_loop
async def test_a_key_may_be_named_by_its_sign(tmp_path: Path) -> None:
    options = ScreenOptions(fps=0, keymap={"list.filter": "ctrl+]"})
    async with on_board(busy(tmp_path), options=options) as shown:
        await shown.press("ctrl+right_square_bracket", *"auth")

        assert not shown.shows("cache ")


def test_an_action_that_gets_a_free_key_takes_none_from_others() -> None:
    assert {} == {one.id: gone for one in ALL if one.id is not None and (gone := lost({one.id: "f12"}))}
