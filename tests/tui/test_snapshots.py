"""Pictures of the screen in a handful of states, for what text cannot tell: colours, weight, layers.

`pytest --snapshot-update` writes them anew. The report of a failed run holds the
whole environment, secrets too: it is ignored by git and belongs in no upload.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from textual.pilot import Pilot

from porch_tui.tui.app import PorchApp
from porch_tui.tui.options import ANSI, LIGHT, ScreenOptions
from tests.tui.board_harness import PATIENCE_S
from tests.tui.conflict_harness import AUTH, TWO_FILES, ParkedRun
from tests.tui.crowds import crowded
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


def test_light(snap_compare: Compare, app_on: Callable[..., PorchApp]) -> None:
    app = app_on(ScreenOptions(fps=0, theme=LIGHT))

    assert snap_compare(app, press=["j", "enter"], terminal_size=(120, 36))


def test_the_terminals_own_colours(snap_compare: Compare, app_on: Callable[..., PorchApp]) -> None:
    app = app_on(ScreenOptions(fps=0, theme=ANSI))

    assert snap_compare(app, press=["j", "j"], terminal_size=(120, 36))


def test_no_colours(snap_compare: Compare, app_on: Callable[..., PorchApp]) -> None:
    app = app_on(ScreenOptions(fps=0, is_colorless=True))

    assert snap_compare(app, press=["j", "j"], terminal_size=(80, 24))


def test_a_question_upon_the_board(snap_compare: Compare, app_on: Callable[..., PorchApp]) -> None:
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

    assert snap_compare(app, run_before=choose, terminal_size=(120, 36))


def test_the_merge_queue(snap_compare: Compare, app_on: Callable[..., PorchApp], tmp_path: Path) -> None:
    app = app_on(ScreenOptions(fps=0), crowded(tmp_path))

    assert snap_compare(app, press=["m", "k", "k"], terminal_size=(120, 36))


def test_the_timeline_in_the_light(
    snap_compare: Compare, app_on: Callable[..., PorchApp], tmp_path: Path
) -> None:
    app = app_on(ScreenOptions(fps=0, theme=LIGHT), crowded(tmp_path))

    assert snap_compare(app, press=["t", "j"], terminal_size=(120, 36))
