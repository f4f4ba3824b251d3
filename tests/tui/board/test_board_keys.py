"""Where the keys take the person: every binding that looks and asks nothing of the run."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widget import Widget

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.tui.app.app import PorchApp
from porch_tui.tui.board.board import Board
from porch_tui.tui.log.pane import LogPane
from porch_tui.tui.model.outside import NoRepository
from porch_tui.tui.terminal.options import ScreenOptions
from porch_tui.tui.widgets.task_rows import TaskRows
from tests.tui.board_harness import Screened, on_board
from tests.tui.pane_harness import in_loop, numbered
from tests.tui.recordings import Recording, busy, task


def focused(shown: Screened) -> str:
    widget: Widget | None = shown.app.focused
    return type(widget).__name__


def log_title(shown: Screened) -> str:
    pane = shown.board.query_one(LogPane)
    title = shown.rows()[pane.region.y][pane.region.x : pane.region.right]
    return " ".join(title.replace("─", " ").split())


def log_shows(shown: Screened, text: str) -> bool:
    """Say whether a text stands in a row of the log."""
    region = shown.board.query_one(LogPane).region
    return any(text in row[region.x : region.right] for row in shown.rows()[region.y : region.bottom])


@pytest.mark.parametrize(
    ("keys", "task"),
    [
        (["j"], "auth"),
        (["down", "down"], "logging"),
        (["j", "j", "k"], "auth"),
        (["j", "up"], "schema"),
        (["end"], "release"),
        (["G", "home"], "schema"),
        (["end", "j"], "release"),
        (["k"], "schema"),
    ],
)
@in_loop
async def test_the_cursor_moves_and_the_log_follows_it(tmp_path: Path, keys: list[str], task: str) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press(*keys)

        assert shown.board.chosen == task
        assert log_title(shown).startswith(task)


@in_loop
async def test_n_goes_round_the_tasks_that_need_the_person(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        seen = []
        for _ in range(4):
            await shown.press("n")
            seen.append(shown.board.chosen)

        assert ["logging", "utf8", "api", "logging"] == seen


@in_loop
async def test_n_says_so_when_nothing_needs_the_person(tmp_path: Path) -> None:
    async with on_board(Recording(tmp_path, ["one"]).start("one")) as shown:
        await shown.press("n")

        assert shown.shows("Nothing needs you")


@in_loop
async def test_n_says_so_when_it_is_there_already(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one", "two"], validate=False).start("two").fail("two")
    async with on_board(run) as shown:
        await shown.press("n", "n")

        assert "two" == shown.board.chosen and shown.shows("Only two needs you")


@pytest.mark.parametrize("screen", ["m", "a", "t", "o", "d"])
@in_loop
async def test_ctrl_n_goes_to_what_needs_the_person_from_every_screen(tmp_path: Path, screen: str) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press(screen, "ctrl+n")

        assert shown.app.live is shown.board and "logging" == shown.board.chosen


@in_loop
async def test_the_screen_of_a_task_goes_to_the_next_one_that_needs_the_person(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("i", "n")

        assert ("task", "logging") == (shown.app.live.id, shown.app.live.chosen)


@in_loop
async def test_in_a_log_ctrl_n_does_what_n_does_in_the_list(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("enter", "ctrl+n")

        assert "logging" == shown.board.chosen


@in_loop
async def test_ctrl_n_takes_nothing_from_who_types(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("slash", "ctrl+n")

        assert "schema" == shown.board.chosen


@pytest.mark.parametrize("key", ["enter", "l", "tab"])
@in_loop
async def test_the_log_takes_the_keys_and_escape_gives_them_back(tmp_path: Path, key: str) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press(key)
        assert focused(shown) == "LogPane"

        await shown.press("escape")
        assert focused(shown) == "TaskList"


@in_loop
async def test_the_log_scrolls_without_being_entered(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"]).start("one").log("one", numbered(0, 500))
    async with on_board(run) as shown:
        pane = shown.board.query_one(LogPane)
        for up, down in (("ctrl+u", "ctrl+d"), ("pageup", "pagedown")):
            await shown.press(up)
            assert not pane.model.is_following and not log_shows(shown, "line 499")
            await shown.press(down, down)
            assert log_shows(shown, "line 499") and focused(shown) == "TaskList"

        await shown.press("f")
        assert pane.model.is_following
        await shown.press("f")
        assert not pane.model.is_following


@in_loop
async def test_brackets_go_through_the_attempts_and_the_newest_is_followed(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"]).start("one").log("one", "first try\n").fail("one")
    run.say(e.TaskRetried(run.attempt("one").task, is_automatic=False)).start("one").log(
        "one", "second try\n"
    )
    async with on_board(run) as shown:
        assert shown.shows("second try") and "attempt 2 of 2" in log_title(shown)

        await shown.press("[", "[")
        assert shown.shows("first try") and "attempt 1 of 2" in log_title(shown)

        await shown.press("]")
        assert shown.shows("second try")
        run.fail("one").say(e.TaskRetried(run.attempt("one").task, is_automatic=False)).start("one")
        await shown.tick()
        assert "attempt 3 of 3" in log_title(shown)


@in_loop
async def test_brackets_do_nothing_to_a_task_that_has_not_run(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("end", "[", "]")

        assert "release has not run yet" in log_title(shown)


@in_loop
async def test_v_shows_the_validation_that_speaks_of_the_task_and_back(tmp_path: Path) -> None:
    run = busy(tmp_path)
    tree = run.state.entries[run.attempt("api").task].tree
    assert tree is not None
    run.validation_log(tree, 2, "2 failed, 310 passed in 19.20s\n")
    async with on_board(run) as shown:
        await shown.press("n", "n", "n", "v")
        assert shown.board.chosen == "api"
        assert shown.shows("2 failed, 310 passed in 19.20s")
        assert "validation 2" in log_title(shown) and "exit 1" in log_title(shown)

        await shown.press("v")
        assert log_title(shown).startswith("api output")


@in_loop
async def test_v_follows_a_validation_that_runs_and_says_when_there_is_none(tmp_path: Path) -> None:
    run = busy(tmp_path)
    flight = next(iter(run.state.validations.in_flight.values()))
    run.validation_log(flight.tree, flight.number, "collecting ...\n")
    async with on_board(run) as shown:
        await shown.press("j", "v")
        assert shown.shows("auth has not been validated")

        await shown.press(*"jjjjj", "v")
        assert shown.shows("collecting ...") and "running" in log_title(shown)


@in_loop
async def test_z_gives_the_log_the_whole_window_without_any_frame(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("j", "z")
        assert focused(shown) == "LogPane"
        assert shown.rows()[2].startswith("08:01:") and not shown.shows("merge queue")
        assert shown.rows()[-1].startswith(" z zoom")

        await shown.press("z")
        assert focused(shown) == "TaskList" and shown.shows("merge queue")


@pytest.mark.slow
@in_loop
async def test_the_palette_lists_actions_by_name_and_runs_them(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("ctrl+p")
        await shown.pilot.pause(0.1)
        await shown.press(*"whole window")
        await shown.pilot.app.workers.wait_for_complete()
        await shown.pilot.pause(0.3)
        await shown.press("enter")
        await shown.pilot.pause(0.1)

        assert shown.board.has_class("-zoom")


def test_every_binding_has_an_id_and_says_what_it_does() -> None:
    for node in (TaskRows, Board, PorchApp):
        for binding in node.BINDINGS:
            assert binding.system or (binding.id and binding.tooltip), binding  # type: ignore[union-attr]


@in_loop
async def test_the_key_bar_shows_what_can_be_done_now_and_is_clickable(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), (160, 48)) as shown:
        assert "r retry" not in shown.rows()[-1] and "n need" in shown.rows()[-1]

        await shown.press("n")
        assert "r retry" in shown.rows()[-1] and "Q requeue" in shown.rows()[-1]

        x = shown.rows()[-1].index("z zoom")
        await shown.pilot.click(offset=(x + 1, shown.app.size.height - 1))
        await shown.pilot.pause()
        assert shown.board.has_class("-zoom")


@in_loop
async def test_the_key_bar_says_how_to_review_and_how_to_reword_what_failed(tmp_path: Path) -> None:
    run = Recording(tmp_path, [replace(task("api"), needs_review=True), task("docs")], validate=False)
    run.start("api", "docs").succeed("api").fail("docs")
    async with on_board(run, (80, 24)) as shown:
        assert "d diff" in shown.rows()[-1] and "E edit" not in shown.rows()[-1]
        await shown.resize(60, 24)
        advice = [row for row in shown.rows() if "porch diff api" in row or "(key d)" in row]
        assert [row[:3] for row in advice] == [" → ", "   "]
        await shown.resize(80, 24)

        await shown.press("j")
        assert "r retry   E edit" in shown.rows()[-1] and "d diff" not in shown.rows()[-1]


@in_loop
async def test_a_small_window_also_shows_how_to_search(tmp_path: Path) -> None:
    run = busy(tmp_path)
    async with on_board(run, (80, 24)) as shown:
        for task in run.state.tasks:
            shown.board.choose(task)
            await shown.pilot.pause()
            assert "/ filter   m queue" in shown.rows()[-1], task

        await shown.press("home", "j", "enter")
        assert "/ search" in shown.rows()[-1]
        await shown.press("v")
        assert "y copy   esc back" in shown.rows()[-1] and "/ search" in shown.rows()[-1]
        await shown.resize(50, 12)
        await shown.press("escape", "escape")
        assert "filter" not in shown.rows()[-1]


@in_loop
async def test_a_click_and_the_wheel_choose_a_task(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.pilot.click("TaskList", offset=(5, 5))
        await shown.pilot.pause()
        assert shown.board.chosen == "cache"


@in_loop
async def test_a_window_too_small_for_a_list_chooses_nothing(tmp_path: Path) -> None:
    run = busy(tmp_path)
    async with on_board(run, (50, 12)) as shown:
        await shown.press("r", "x", "p")
        assert "make the window at least 60x15" in " ".join(shown.text().split())
        assert [] == shown.sent()

        await shown.resize(80, 24)
        await shown.press("j")
        assert shown.board.chosen == "auth"


@in_loop
async def test_the_border_between_list_and_log_moves_with_keys_and_with_the_mouse(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        lists = shown.board.query_one("#lists")
        usual = lists.size.width
        await shown.press(")", ")")
        assert usual < lists.size.width
        await shown.press("(", "(")
        assert usual == lists.size.width

        await shown.pilot.mouse_down(offset=(usual - 1, 9))
        await shown.pilot.hover(offset=(70, 9))
        await shown.pilot.mouse_up(offset=(70, 9))
        await shown.pilot.pause()
        assert 70 == lists.size.width
        await shown.pilot.hover(offset=(40, 9))
        await shown.pilot.pause()
        assert 70 == lists.size.width, "the button is up"

        await shown.resize(160, 36)
        assert 93 == lists.size.width, "it is a share of the window"


class Remembering(NoRepository):
    """Notes what is to be remembered."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, str | float]] = []

    def remember(self, name: str, value: str | float) -> str:
        self.kept.append((name, value))
        return "noted"


@in_loop
async def test_where_the_border_is_left_is_remembered_once_it_rests(tmp_path: Path) -> None:
    outside = Remembering()
    async with on_board(busy(tmp_path), outside=outside) as shown:
        usual = shown.board.query_one("#lists").size.width
        await shown.pilot.mouse_down(offset=(usual - 1, 9))
        for column in (50, 60):
            await shown.pilot.hover(offset=(column, 9))
            await shown.tick()
            await shown.tick()
        assert [] == outside.kept, "it is held"
        await shown.pilot.mouse_up(offset=(60, 9))
        await shown.tick()
        await shown.tick()
        assert [("list_width", 50.0)] == outside.kept and shown.shows("noted")

        await shown.press(")", ")")
        await shown.tick()
        await shown.press(")")
        await shown.tick()
        assert 1 == len(outside.kept), "it moves"
        await shown.tick()
        await shown.tick()
        assert [("list_width", 60.0)] == outside.kept[1:]
        await shown.press("(")
    assert [("list_width", 56.7)] == outside.kept[2:], "porch was left at once"


@in_loop
async def test_the_border_begins_where_it_was_left(tmp_path: Path) -> None:
    outside = Remembering()
    async with on_board(
        busy(tmp_path), options=ScreenOptions(fps=0, list_share=0.567), outside=outside
    ) as shown:
        assert 68 == shown.board.query_one("#lists").size.width
        await shown.tick()
        await shown.tick()
    assert [] == outside.kept


@pytest.mark.slow
@in_loop
async def test_a_border_that_is_pushed_too_far_leaves_both_readable(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), (100, 30)) as shown:
        lists = shown.board.query_one("#lists")
        await shown.press(*[")"] * 30)
        assert 70 == lists.size.width
        await shown.press(*["("] * 30)
        assert 30 == lists.size.width
