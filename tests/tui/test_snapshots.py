"""Pictures of the screen in a handful of states, for what text cannot tell: colors, weight, layers.

`pytest --snapshot-update` writes them again. The report of a failed run holds the
whole environment, secrets too: it is ignored by git and belongs in no upload.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from textual.pilot import Pilot

from porch_tui.cli.run_report import report_facts
from porch_tui.report.forms.text import as_text
from porch_tui.report.report import report_page
from porch_tui.tui.app.app import PorchApp
from porch_tui.tui.model.comments import Comment
from porch_tui.tui.model.outside import NoRepository
from porch_tui.tui.terminal.options import ANSI, CONTRAST, LIGHT, ScreenOptions
from porch_tui.tui.widgets.scrollable import ScrollableLines
from tests.tui.board.test_board_agents import with_agents
from tests.tui.board.test_groups import at_work
from tests.tui.board_harness import PATIENCE_S, rows_of
from tests.tui.conflict_harness import AUTH, TWO_FILES, ParkedRun
from tests.tui.crowds import crowded
from tests.tui.diff.test_diff_screen import Desk, World, waiting
from tests.tui.recordings import Recording, busy

Compare = Callable[..., bool]


@pytest.fixture
def app_on(tmp_path: Path) -> Iterator[Callable[..., PorchApp]]:
    """Make the app on a recording beside a living engine."""
    with ExitStack() as stack:

        def make(options: ScreenOptions, run: Recording | None = None) -> PorchApp:
            run = run or busy(tmp_path)
            stack.enter_context(run.engine())
            return PorchApp(run.session(), options=options, now=run.clock)

        yield make


def test_dark(snap_compare: Compare, app_on: Callable[..., PorchApp]) -> None:
    app = app_on(ScreenOptions(fps=0))

    assert snap_compare(app, press=["j"], terminal_size=(120, 36))


def test_small_and_dark_with_a_conflict_chosen(
    snap_compare: Compare, app_on: Callable[..., PorchApp]
) -> None:
    app = app_on(ScreenOptions(fps=0))

    assert snap_compare(app, press=["n"], terminal_size=(80, 24))


def test_large_and_dark(snap_compare: Compare, app_on: Callable[..., PorchApp]) -> None:
    app = app_on(ScreenOptions(fps=0))

    assert snap_compare(app, press=["j"], terminal_size=(200, 50))


def test_light(snap_compare: Compare, app_on: Callable[..., PorchApp]) -> None:
    app = app_on(ScreenOptions(fps=0, theme=LIGHT))

    assert snap_compare(app, press=["j", "enter"], terminal_size=(120, 36))


def test_high_contrast_and_wide(snap_compare: Compare, app_on: Callable[..., PorchApp]) -> None:
    app = app_on(ScreenOptions(fps=0, theme=CONTRAST))

    assert snap_compare(app, press=["space", "enter", "v", "k"], terminal_size=(160, 48))


def test_wide_with_what_agents_used(
    snap_compare: Compare, app_on: Callable[..., PorchApp], tmp_path: Path
) -> None:
    app = app_on(ScreenOptions(fps=0), with_agents(tmp_path))

    assert snap_compare(app, press=["j"], terminal_size=(150, 30))


def test_five_hundred_checks_in_one_row(
    snap_compare: Compare, app_on: Callable[..., PorchApp], tmp_path: Path
) -> None:
    app = app_on(ScreenOptions(fps=0), at_work(tmp_path, 500))

    assert snap_compare(app, press=["j"], terminal_size=(80, 24))


def test_a_group_of_checks_that_is_open(
    snap_compare: Compare, app_on: Callable[..., PorchApp], tmp_path: Path
) -> None:
    app = app_on(ScreenOptions(fps=0), at_work(tmp_path, 60))

    assert snap_compare(app, press=["j", "right", "j"], terminal_size=(160, 48))


def test_the_terminals_own_colors(snap_compare: Compare, app_on: Callable[..., PorchApp]) -> None:
    app = app_on(ScreenOptions(fps=0, theme=ANSI))

    assert snap_compare(app, press=["j", "j"], terminal_size=(120, 36))


def test_no_colors(snap_compare: Compare, app_on: Callable[..., PorchApp]) -> None:
    app = app_on(ScreenOptions(fps=0, is_colorless=True))

    assert snap_compare(app, press=["j", "j"], terminal_size=(80, 24))


def test_a_window_too_small_for_a_list(snap_compare: Compare, app_on: Callable[..., PorchApp]) -> None:
    app = app_on(ScreenOptions(fps=0, is_ascii=True))

    assert snap_compare(app, terminal_size=(60, 14))


def test_the_keys(snap_compare: Compare, app_on: Callable[..., PorchApp]) -> None:
    app = app_on(ScreenOptions(fps=0))

    assert snap_compare(app, press=["question_mark"], terminal_size=(120, 36))


def test_all_logs_side_by_side(
    snap_compare: Compare, app_on: Callable[..., PorchApp], tmp_path: Path
) -> None:
    run = busy(tmp_path)
    app = app_on(ScreenOptions(fps=0), run)

    assert snap_compare(app, press=["j", "space", "j", "j", "j", "space", "a"], terminal_size=(120, 36))


def test_all_about_a_task(snap_compare: Compare, app_on: Callable[..., PorchApp]) -> None:
    app = app_on(ScreenOptions(fps=0))

    assert snap_compare(app, press=["n", "i"], terminal_size=(120, 36))


class Teller(NoRepository):
    """Tells the report of a run as the program does, without its repository."""

    def __init__(self, run: Recording) -> None:
        self._run = run

    def report(self, cells: int) -> str:
        return as_text(report_page(report_facts(self._run.session(), None)), cells)


def test_the_report(snap_compare: Compare, tmp_path: Path) -> None:
    run = busy(tmp_path)
    app = PorchApp(run.session(), options=ScreenOptions(fps=0), outside=Teller(run), now=run.clock)

    async def read(pilot: Pilot[None]) -> None:
        await pilot.press("o")
        async with asyncio.timeout(PATIENCE_S):
            while not any(map(rows_of, app.live.query(ScrollableLines))):
                await pilot.pause()
        await pilot.press("slash", *"land", "enter")

    assert snap_compare(app, run_before=read, terminal_size=(120, 36))


def test_a_question_over_the_board(snap_compare: Compare, app_on: Callable[..., PorchApp]) -> None:
    app = app_on(ScreenOptions(fps=0))

    async def tell_and_ask(pilot: Pilot[None]) -> None:
        await pilot.press("ctrl+c", "q")

    assert snap_compare(app, run_before=tell_and_ask, terminal_size=(80, 24))


def test_a_conflict(snap_compare: Compare, tmp_path: Path) -> None:
    run = ParkedRun(tmp_path, *TWO_FILES)
    app = PorchApp(run.session(), options=ScreenOptions(fps=0), outside=run.beside(), now=run.clock)

    async def choose(pilot: Pilot[None]) -> None:
        app.board.choose(AUTH)
        await pilot.press("c")
        async with asyncio.timeout(PATIENCE_S):
            while app.live.viewpoint is None:  # type: ignore[attr-defined]
                await pilot.pause()
        await pilot.press("=")
        await app.workers.wait_for_complete()  # for the colors of the code
        await pilot.pause()

    assert snap_compare(app, run_before=choose, terminal_size=(120, 36))


def test_the_merge_queue(snap_compare: Compare, app_on: Callable[..., PorchApp], tmp_path: Path) -> None:
    app = app_on(ScreenOptions(fps=0), crowded(tmp_path))

    assert snap_compare(app, press=["m", "k", "k"], terminal_size=(120, 36))


def test_the_timeline_in_the_light(
    snap_compare: Compare, app_on: Callable[..., PorchApp], tmp_path: Path
) -> None:
    app = app_on(ScreenOptions(fps=0, theme=LIGHT), crowded(tmp_path))

    assert snap_compare(app, press=["t", "j"], terminal_size=(120, 36))


def test_what_a_task_changes_with_a_comment(snap_compare: Compare, tmp_path: Path) -> None:
    run, desk = waiting(tmp_path), Desk()
    desk.kept = (Comment("app.py", 2, "why two?"),)
    app = PorchApp(run.session(), options=ScreenOptions(fps=0), outside=World(desk), now=run.clock)

    async def look(pilot: Pilot[None]) -> None:
        await pilot.press("d")
        await app.workers.wait_for_complete()
        await pilot.press("j", "j")

    assert snap_compare(app, run_before=look, terminal_size=(80, 24))
