"""The grid: the logs of all that runs side by side, one of them with the keys."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from porch_tui.core.model import commands as c
from porch_tui.core.model.plan import TaskId
from porch_tui.tui.grid.grid_screen import GridScreen
from porch_tui.tui.log.pane import LogPane
from porch_tui.tui.terminal.options import ScreenOptions
from tests.tui.board_harness import Screened, assert_golden, on_board
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import Recording, task

NAMES = ["api", "auth", "cache", "docs", "index", "login", "mail", "search"]


def eight(folder: Path) -> Recording:
    """Return a run of eight tasks at work, each with a log and with samples."""
    run = Recording(folder, NAMES, slots=8)
    run.judge(passes=True)
    run.wait(2).start(*NAMES)
    for at, name in enumerate(NAMES):
        run.log(name, "".join(f"08:00:{n:02} {name} step {n}\n" for n in range(10 + at)))
    for second in range(20):
        run.wait(1)
        for at, name in enumerate(NAMES):
            run.usage(name, 12.0 * ((second + at) % 9), 40 + 10 * at + second)
    return run


def grid(shown: Screened) -> GridScreen:
    assert isinstance(shown.app.live, GridScreen)
    return shown.app.live


def panes(shown: Screened) -> int:
    """Return how many panes stand on the screen."""
    return len(re.findall(r" run \d+s", shown.text()))


@pytest.mark.slow
@pytest.mark.parametrize("size", [(80, 24), (120, 36), (160, 48), (60, 15)])
def test_the_grid_looks_like_this(tmp_path: Path, size: tuple[int, int]) -> None:
    @in_loop
    async def scenario() -> None:
        async with on_board(eight(tmp_path), size) as shown:
            await shown.press("a")
            await shown.tick()

            assert_golden(f"grid-{size[0]}x{size[1]}", shown.text())

    scenario()


@in_loop
async def test_the_grid_in_ascii_looks_like_this(tmp_path: Path) -> None:
    async with on_board(eight(tmp_path), (80, 24), ScreenOptions(fps=0, is_ascii=True)) as shown:
        await shown.press("a")
        await shown.tick()

        assert shown.text().isascii()
        assert_golden("grid-ascii-80x24", shown.text())


@in_loop
async def test_a_opens_the_grid_on_the_task_under_the_cursor_and_closes_it(tmp_path: Path) -> None:
    async with on_board(eight(tmp_path)) as shown:
        shown.board.choose(TaskId("cache"))
        await shown.press("a")
        assert grid(shown).chosen == "cache"

        await shown.press("l", "a")
        assert shown.app.live is shown.board and shown.board.chosen == "docs"


@pytest.mark.parametrize(
    ("keys", "task"),
    [
        (["l"], "auth"),
        pytest.param(["right", "left"], "api", marks=pytest.mark.slow),
        pytest.param(["h"], "api", marks=pytest.mark.slow),
        (["tab", "tab"], "cache"),
        (["5"], "index"),
        pytest.param(["8", "l"], "search", marks=pytest.mark.slow),
        (["j", "k"], "api"),
        pytest.param(["down", "up"], "api", marks=pytest.mark.slow),
        (["9"], "api"),
    ],
)
def test_keys_lead_from_pane_to_pane(tmp_path: Path, keys: list[str], task: str) -> None:
    @in_loop
    async def scenario() -> None:
        async with on_board(eight(tmp_path)) as shown:
            await shown.press("a", *keys)

            assert grid(shown).chosen == task

    scenario()


@in_loop
async def test_a_small_window_shows_pages_and_says_how_many_there_are(tmp_path: Path) -> None:
    async with on_board(eight(tmp_path), (60, 15)) as shown:
        await shown.press("a")
        assert panes(shown) == 2 and shown.shows("1-2 of 8; 6 more below (keys j and k)")

        await shown.press("j", "j")
        assert shown.shows("3-4 of 8; 2 more above, 4 more below") and shown.shows("cache step")


@pytest.mark.slow
@pytest.mark.parametrize("key", ["z", "enter", "1"])
def test_a_key_gives_the_focused_log_the_window_and_its_keys(tmp_path: Path, key: str) -> None:
    @in_loop
    async def scenario() -> None:
        async with on_board(eight(tmp_path)) as shown:
            await shown.press("a", key)
            assert panes(shown) == 1 and isinstance(shown.app.focused, LogPane)
            await shown.press("v", "k")
            await shown.tick(0)
            assert shown.shows("2 lines marked")

            await shown.press("escape", "escape")
            assert panes(shown) == 8 and shown.app.focused is None
            await shown.press("escape")
            assert shown.app.live is shown.board

    scenario()


@in_loop
async def test_actions_apply_to_the_focused_task(tmp_path: Path) -> None:
    async with on_board(eight(tmp_path)) as shown:
        await shown.press("a", "3", "p")

        ((wish),) = shown.sent()
        assert isinstance(wish, c.PauseTask) and wish.task == "cache"


@in_loop
async def test_logs_follow_and_the_focused_one_is_scrolled_and_held(tmp_path: Path) -> None:
    run = eight(tmp_path)
    async with on_board(run) as shown:
        await shown.press("a")
        run.log("api", "newest of api\n").log("mail", "newest of mail\n")
        await shown.tick()
        assert shown.shows("newest of api") and shown.shows("newest of mail")

        await shown.press("f")
        run.log("api", "later of api\n")
        await shown.tick()
        assert not shown.shows("later of api") and shown.shows("1 new")
        await shown.press("f", "ctrl+u")
        assert not shown.shows("later of api")
        await shown.press("ctrl+d", "ctrl+d")
        assert shown.shows("later of api")


@in_loop
async def test_what_ended_well_goes_away_and_what_failed_stays(tmp_path: Path) -> None:
    run = eight(tmp_path)
    async with on_board(run) as shown:
        await shown.press("a")
        run.succeed("mail").fail("search")
        await shown.tick()

        assert not shown.shows("mail step") and shown.shows("FAIL exit 3")


@in_loop
async def test_marked_tasks_alone_are_shown(tmp_path: Path) -> None:
    async with on_board(eight(tmp_path)) as shown:
        await shown.press("space", "j", "space", "a")

        assert panes(shown) == 2


@in_loop
async def test_a_run_in_which_nothing_ran_says_so(tmp_path: Path) -> None:
    async with on_board(Recording(tmp_path, ["parser"])) as shown:
        await shown.press("a")

        assert shown.shows("no task has run yet") or shown.shows("parser")


@in_loop
async def test_it_says_why_a_task_has_no_pane(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["api", task("docs", after=["api"]), "mail", "auth"], slots=3)
    run.judge(passes=True).start("api", "mail", "auth").succeed("mail")
    async with on_board(run, (80, 24)) as shown:
        shown.board.choose(TaskId("docs"))
        await shown.press("a")
        assert shown.shows("not shown: docs (not begun), 1 ended, 1 not begun")

        await shown.press("escape", "g", "space", "j", "space", "a")
        assert shown.shows("2 not chosen")


@in_loop
async def test_five_logs_fill_a_wide_window(tmp_path: Path) -> None:
    run = Recording(tmp_path, NAMES[:5], slots=8).judge(passes=True).start(*NAMES[:5])
    async with on_board(run, (160, 48)) as shown:
        await shown.press("a")
        regions = [pane.region for pane in grid(shown).query("GridPane")]

        assert {52, 53} >= {one.width for one in regions[:3]}
        assert all(one.width >= 79 for one in regions[3:])


@in_loop
async def test_a_click_leads_to_a_pane(tmp_path: Path) -> None:
    async with on_board(eight(tmp_path)) as shown:
        await shown.press("a")
        await shown.pilot.click(grid(shown).query("GridPane")[4])
        await shown.pilot.pause()

        assert grid(shown).chosen == "index"


@pytest.mark.slow
@in_loop
async def test_a_tick_without_news_redraws_nothing(tmp_path: Path) -> None:
    async with on_board(eight(tmp_path)) as shown:
        await shown.press("a")
        await shown.tick(0)
        widgets = list(grid(shown).walk_children(with_self=True))
        for widget in widgets:
            widget._exchange_repaint_regions()
        shown.app.tick()

        assert [region for widget in widgets for region in widget._exchange_repaint_regions()] == []


@pytest.mark.slow
@in_loop
async def test_hostile_text_in_a_log_of_the_grid_is_shown_as_text(tmp_path: Path) -> None:
    run = eight(tmp_path)
    run.log("api", b"evil\x1b]52;c;x\x07\x1b[2J\x9b\xe2\x80\xae end\n")
    async with on_board(run) as shown:
        await shown.press("a")
        await shown.tick()

        assert shown.shows("evil") and "\x1b" not in shown.text() and "\u202e" not in shown.text()
