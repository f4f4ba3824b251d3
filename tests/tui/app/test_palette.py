"""What the palette finds: every action that is bound, by its name, its id, and usual words for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.present.commands import BY_ID
from porch_tui.present.signs import Charset
from porch_tui.tui.app.palette import Palette, matches, name
from porch_tui.tui.keys.active_keys import ActiveKey, active_keys
from porch_tui.tui.model.actions import Action, is_possible
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
        found = matches(active_keys(shown.app.screen, Charset.UNICODE), typed)

        assert expected == found[0][0].id


PLACES = ([], ["enter"], ["m"], ["m", "tab"], ["a"], ["t"], ["o"], ["i"])
"""The keys that lead to each place with actions of its own, but for the conflict screen."""


def names(one: ActiveKey) -> set[str]:
    """Return everything that an action is called."""
    spec = BY_ID.get(one.id)
    other = {spec.line, spec.label, *spec.synonyms.split()} if spec else set()
    return {name(one), one.id, one.id.partition(".")[2].replace("_", " "), *one.keys, *other} - {""}


@pytest.mark.slow
@in_loop
async def test_every_action_is_found_in_its_place_by_each_of_its_names(tmp_path: Path) -> None:
    seen = set()
    async with on_board(busy(tmp_path)) as shown:
        for keys in PLACES:
            await shown.press(*keys)
            actions = Palette(shown.app.screen)._actions()
            for one in actions:
                for typed in names(one):
                    assert one in [found for found, _ in matches(actions, typed)], f"{one.id}: {typed}"
            seen |= {one.id for one in actions}
            await shown.press("escape", "escape")

    assert set() == BY_ID.keys() - seen - {"run.palette"}


@pytest.mark.parametrize(
    "typed", ["hold", "release", "undo", "revert", "validate", "move_up", "quit", "kill"]
)
@in_loop
async def test_what_has_its_key_on_another_screen_is_found_too(tmp_path: Path, typed: str) -> None:
    async with on_board(busy(tmp_path)) as shown:
        assert matches(Palette(shown.app.screen)._actions(), typed)


@in_loop
async def test_an_action_of_another_screen_is_run_for_the_task_under_the_cursor(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        state = shown.board.view.state
        task = next(task for task in state.entries if is_possible(Action.HOLD, state, task))
        shown.board.choose(task)
        found = matches(Palette(shown.app.screen)._actions(), "hold")[0][0]
        await shown.app.run_key(found)

        assert [("HoldEntry", task)] == [(type(one).__name__, one.task) for one in shown.sent()]  # type: ignore[union-attr]


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
