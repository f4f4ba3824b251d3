"""Which tasks the list shows, in what order, and to which of them an action applies."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.telemetry import Sample
from porch_tui.present.arrangement import SortKey
from porch_tui.tui.board.arrangement import Arrangement, arranged
from porch_tui.tui.model.view import EngineStatus, View, derive
from tests.tui.board_harness import Screened, on_board
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import Recording, task


def mixed(folder: Path) -> Recording:
    """Return a run with a failed, two running, and a waiting task."""
    run = Recording(
        folder, [task("login", "Split the session"), "docs", "cache", task("end", after=["docs"])]
    )
    run.start("login", "docs")
    return run.fail("login").wait(10).start("cache")


def view_of(run: Recording, **cpu_percent: float) -> View:
    usage = {TaskId(name): Sample(run.now, percent, 1.0, 1, 1, 1) for name, percent in cpu_percent.items()}
    return View(run.state, derive(run.state), EngineStatus.ALIVE, run.now, usage=usage)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", ["login", "docs", "cache", "end"]),
        ("O", ["login", "docs"]),
        ("session", ["login"]),
        ("state:fail", ["login"]),
        ("state:run", ["docs", "cache"]),
        ("state:run ca", ["cache"]),
        ("nothing", []),
    ],
)
def test_the_list_is_filtered_by_name_title_and_state(
    tmp_path: Path, words: str, expected: list[str]
) -> None:
    assert expected == list(arranged(view_of(mixed(tmp_path)), Arrangement(words)))


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (SortKey.PLAN, ["login", "docs", "cache", "end"]),
        (SortKey.STATE, ["login", "docs", "cache", "end"]),
        (SortKey.NAME, ["cache", "docs", "end", "login"]),
        (SortKey.CPU, ["cache", "docs", "login", "end"]),
        (SortKey.TIME, ["docs", "cache", "login", "end"]),
    ],
)
def test_the_list_is_sorted(tmp_path: Path, key: SortKey, expected: list[str]) -> None:
    assert expected == list(
        arranged(view_of(mixed(tmp_path).wait(5), docs=10.0, cache=90.0), Arrangement(key=key))
    )


def listed(shown: Screened) -> list[str]:
    """Return the names in the list, top to bottom."""
    return [str(name) for name in shown.board.query_one("TaskList").tasks]  # type: ignore[attr-defined]


@in_loop
async def test_the_list_follows_what_is_typed_and_keeps_it(tmp_path: Path) -> None:
    async with on_board(mixed(tmp_path)) as shown:
        await shown.press("slash", *"doc")
        assert ["docs"] == listed(shown)
        await shown.press("enter")

        assert shown.shows("tasks  /doc") and "docs" == shown.board.chosen


@in_loop
async def test_escape_while_typing_lists_all_again(tmp_path: Path) -> None:
    async with on_board(mixed(tmp_path)) as shown:
        await shown.press("slash", *"doc", "escape")

        assert 4 == len(listed(shown)) and not shown.shows("tasks  /doc")


@in_loop
async def test_escape_on_the_list_ends_the_filter_and_then_the_marks(tmp_path: Path) -> None:
    async with on_board(mixed(tmp_path)) as shown:
        await shown.press("space", "slash", *"o", "enter", "escape")
        assert (4, ("login",)) == (len(listed(shown)), shown.board.targets)
        await shown.press("escape")

        assert ("docs",) == shown.board.targets


@in_loop
async def test_a_filtered_list_says_of_how_many_and_how_to_see_them(tmp_path: Path) -> None:
    async with on_board(mixed(tmp_path), (80, 24)) as shown:
        await shown.press("slash", *"doc", "enter")
        assert shown.shows(f"tasks  /doc  {len(listed(shown))} of 4, esc shows all")

        await shown.press("escape")
        assert not shown.shows("esc shows all")


@in_loop
async def test_a_filter_that_leaves_nothing_says_the_way_out(tmp_path: Path) -> None:
    async with on_board(mixed(tmp_path)) as shown:
        await shown.press("slash", *"nothing")

        assert shown.shows("no task matches: esc shows all")


@in_loop
async def test_sorting_goes_round_and_says_by_what(tmp_path: Path) -> None:
    async with on_board(mixed(tmp_path), (160, 48)) as shown:
        await shown.press("S", "S")
        assert ["cache", "docs", "end", "login"] == listed(shown) and shown.shows("by name")
        await shown.press("S", "S", "S")

        assert ["login", "docs", "cache", "end"] == listed(shown)


@in_loop
async def test_an_action_applies_to_all_marked_tasks_after_one_question(tmp_path: Path) -> None:
    async with on_board(mixed(tmp_path)) as shown:
        await shown.press("j", "space", "space", "x")
        assert shown.shows("Stop 2 tasks?")
        await shown.press("y")

        stopped = [one.task for one in shown.sent() if isinstance(one, c.StopTask)]
        assert ["docs", "cache"] == stopped and not shown.shows("*")


@in_loop
async def test_all_that_are_listed_are_marked_and_then_none(tmp_path: Path) -> None:
    async with on_board(mixed(tmp_path)) as shown:
        await shown.press("space", "ctrl+a")
        assert ("login", "docs", "cache", "end") == shown.board.targets
        await shown.press("ctrl+a", "G")
        assert ("end",) == shown.board.targets

        await shown.press("slash", *"doc", "enter", "ctrl+a", "escape")
        assert ("docs",) == shown.board.targets


@in_loop
async def test_marks_are_inverted_among_those_that_are_listed(tmp_path: Path) -> None:
    async with on_board(mixed(tmp_path)) as shown:
        await shown.press("space", "%")
        assert ("docs", "cache", "end") == shown.board.targets

        await shown.press("slash", *"doc", "enter", "%", "escape")
        assert ("cache", "end") == shown.board.targets


@in_loop
async def test_only_the_marked_tasks_that_can_get_the_command(tmp_path: Path) -> None:
    async with on_board(mixed(tmp_path)) as shown:
        await shown.press("space", "space", "r")

        assert ["login"] == [one.task for one in shown.sent() if isinstance(one, c.RetryTask)]
        assert not shown.shows("retried"), "it is not known yet"
        shown.answer_with(e.TaskRetried(TaskId("login"), is_automatic=False))
        await shown.tick(0.1)
        assert shown.shows("Retrying 1 task; 1 can't be retried now")


@in_loop
async def test_an_action_that_is_possible_for_none_of_the_marked_is_not_called_done(tmp_path: Path) -> None:
    async with on_board(mixed(tmp_path)) as shown:
        await shown.press("j", "space", "space", "r")

        assert [] == shown.sent() and shown.shows("None of the 2 tasks can be retried now")
        assert 2 == len(shown.board.targets), "they stay marked for another verb"


@in_loop
async def test_what_the_engine_refuses_of_several_is_shown_once_it_has_answered(tmp_path: Path) -> None:
    async with on_board(run := mixed(tmp_path)) as shown:
        await shown.press("j", "space", "space", "p")
        for command in shown.sent():
            assert isinstance(command, c.PauseTask)
            refused = e.CommandRefused(f"pause {command.task}", f"{command.task} is succeeded")
            paused = e.AttemptPaused(run.attempt(command.task))
            run.say(paused if command.task == "docs" else refused, cause=command.id)
        await shown.tick(0.1)

        assert shown.shows("Paused 1 task; 1 can't be paused now")


@in_loop
async def test_of_a_running_and_a_paused_task_both_are_paused_and_then_both_resumed(tmp_path: Path) -> None:
    run = mixed(tmp_path)
    run.say(e.AttemptPaused(run.attempt("docs")))
    async with on_board(run) as shown:
        await shown.press("j", "space", "space", "p")
        assert [c.PauseTask] == [type(one) for one in shown.sent()]
        shown.answer_with(e.AttemptPaused(run.attempt("cache")))
        await shown.tick(0.1)
        assert shown.shows("Paused 1 task; 1 can't be paused now")
        await shown.press("k", "k", "space", "space", "p")

        assert [c.ResumeTask] * 2 == [type(one) for one in shown.sent()]


@in_loop
async def test_the_lists_can_stand_above_the_log_in_a_wide_window(tmp_path: Path) -> None:
    async with on_board(mixed(tmp_path)) as shown:
        await shown.press("L")
        assert shown.board.has_class("-stacked")
        await shown.press("L")

        assert shown.board.has_class("-wide")
