"""Canceling a validation from the screen: where its key is shown, what is asked first, and what is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.core.model import commands as c
from porch_tui.core.model.plan import TaskId
from porch_tui.present.signs import Charset
from porch_tui.tui.app.palette import matches, title
from porch_tui.tui.keys.active_keys import active_keys
from porch_tui.tui.model.actions import Action, question
from porch_tui.tui.terminal.options import ScreenOptions
from tests.builders import board, judge, land, opened, plan, settled
from tests.tui.board_harness import Screened, on_board
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import Recording


def validated(folder: Path) -> Recording:
    """Return a run that validates `b` together with `a`, which has passed; `c` is at work."""
    run = Recording(folder, ["a", "b", "c"]).judge(passes=True).start("a", "b", "c")
    return run.succeed("a", "b").build()


def stopped(shown: Screened) -> list[str]:
    return [one.task for one in shown.sent() if isinstance(one, c.StopValidation)]


@pytest.mark.parametrize("keys", [[], ["m"], ["i"]], ids=["board", "queue", "task"])
@in_loop
async def test_the_key_is_shown_where_a_validation_runs_and_asks_first(
    tmp_path: Path, keys: list[str]
) -> None:
    async with on_board(validated(tmp_path), (160, 48)) as shown:
        await shown.press(*keys)
        assert "C stop testing" in shown.rows()[-1]
        await shown.press("C")
        assert shown.shows("Cancel the validation of a?") and shown.shows("There is no verdict")
        await shown.press("n", "escape")
        assert [] == shown.sent()

        await shown.press("C", "y")
        assert ["a"] == stopped(shown)


@in_loop
async def test_it_is_found_in_help_and_in_the_palette_by_its_name(tmp_path: Path) -> None:
    async with on_board(validated(tmp_path)) as shown:
        await shown.press("question_mark", "slash", *"stop valid", "enter")
        assert shown.shows("Cancel the validation of a?")
        await shown.press("escape")

        found, _ = matches(active_keys(shown.app.screen, Charset.UNICODE), "stop valid")[0]
        assert "stop testing: Cancel its validation, or the target's (no verdict)  (C)" == title(found)


@in_loop
async def test_a_task_without_a_validation_says_why_nothing_is_stopped(tmp_path: Path) -> None:
    async with on_board(validated(tmp_path), (160, 48)) as shown:
        await shown.press("end")
        assert "stop testing" not in shown.rows()[-1]
        await shown.press("C")

        assert shown.shows("Can't cancel the validation of c: it is not being validated")


@in_loop
async def test_a_key_of_ones_own_does_it(tmp_path: Path) -> None:
    mine = ScreenOptions(fps=0, keymap={"task.stop_validation": "f6"})
    async with on_board(validated(tmp_path), (160, 48), mine) as shown:
        assert "f6 stop testing" in shown.rows()[-1]
        await shown.press("f6", "y")

        assert ["a"] == stopped(shown)


@in_loop
async def test_marked_tasks_are_asked_about_together(tmp_path: Path) -> None:
    async with on_board(validated(tmp_path)) as shown:
        await shown.press("space", "space", "C")

        assert shown.shows("Cancel the validation of")


def test_the_question_names_what_is_validated_again(tmp_path: Path) -> None:
    run = validated(tmp_path).judge(passes=True)
    state = run.state
    (flight,) = state.validations.in_flight.values()
    assert {"a", "b"} == {*flight.tasks}

    asked = question(Action.STOP_VALIDATION, state, [TaskId("b")])

    assert asked == (
        "Cancel the validation of b?",
        "There is no verdict. It leaves the merge queue until it is requeued. Validated again without it: a.",
    )


@in_loop
async def test_that_of_the_target_itself_is_stopped_from_any_task_and_the_run_pauses(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["a", "b"]).start("a")
    (flight,) = run.state.validations.in_flight.values()
    assert () == flight.tasks
    async with on_board(run, (160, 48)) as shown:
        assert "C stop testing" in shown.rows()[-1]
        await shown.press("space", "space", "C")
        assert shown.shows("Cancel the validation of main itself?") and shown.shows("the run pauses")
        await shown.press("y")

        assert 1 == sum(isinstance(one, c.StopValidations) for one in shown.sent())


def test_what_has_landed_meanwhile_is_not_validated_again() -> None:
    state = settled(judge(board(opened(plan("a", "b"), validate_jobs=2), "a", "b"), "t0", True))
    assert {("a",), ("a", "b")} == {flight.tasks for flight in state.validations.in_flight.values()}
    first = next(tree for tree, flight in state.validations.in_flight.items() if flight.tasks == ("a",))
    state = land(judge(state, first, True), "a")

    asked = question(Action.STOP_VALIDATION, state, [TaskId("b")])

    assert asked is not None
    assert "a" not in asked[1].split()
    assert "Validated again" not in asked[1]
