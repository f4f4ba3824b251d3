"""What the palette finds: every action that is bound, by its name, its id, and usual words for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.present.signs import Charset
from porch_tui.tui.app.keymap import known_ids
from porch_tui.tui.app.palette import SYNONYMS, matches, name
from porch_tui.tui.keys.bound_keys import bound_keys
from tests.tui.board_harness import on_board
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import busy


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("quit", "run.quit"),
        ("exit", "run.quit"),
        ("diff", "task.diff"),
        ("changes", "task.diff"),
        ("timeline", "screen.timeline"),
        ("gantt", "screen.timeline"),
        ("kill", "task.kill"),
        ("cancel", "task.stop"),
        ("rerun", "task.retry"),
        ("pause all", "run.pause_all"),
        ("shell", "task.shell"),
        ("terminal", "task.shell"),
        ("report", "screen.report"),
        ("merge queue", "screen.queue"),
        ("run.theme", "run.theme"),
        ("colors", "run.theme"),
        ("conflict", "task.resolve"),
        ("clipboard", "board.copy"),
        ("sort", "list.sort"),
    ],
)
@in_loop
async def test_an_action_is_found_first_by_its_name_and_by_usual_words(
    tmp_path: Path, typed: str, expected: str
) -> None:
    async with on_board(busy(tmp_path)) as shown:
        found = matches(bound_keys(shown.app.screen, Charset.UNICODE), typed)

        assert expected == found[0][0].id


@pytest.mark.parametrize("keys", [[], ["enter"], ["m"], ["a"], ["t"], ["o"], ["i"]])
@in_loop
async def test_everything_that_is_bound_is_found_by_name_and_by_id(tmp_path: Path, keys: list[str]) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press(*keys)
        bound = bound_keys(shown.app.screen, Charset.UNICODE)

        for one in bound:
            for typed in (name(one), one.id):
                assert one in [found for found, _ in matches(bound, typed)], typed


@in_loop
async def test_what_is_chosen_in_the_palette_is_done(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("colon")
        while not shown.app.screen.query("CommandInput"):
            await shown.pilot.pause()
        await shown.press(*"gantt")
        await shown.app.workers.wait_for_complete()
        await shown.pilot.pause()
        await shown.press("enter", "enter")
        await shown.pilot.pause()

        assert "timeline" == shown.app.live.id


def test_synonyms_are_of_actions_that_exist() -> None:
    assert set() == SYNONYMS.keys() - known_ids()
