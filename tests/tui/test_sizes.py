"""Pictures of the screens beside the board in three sizes: small ones are whole, wide ones are used.

`pytest --snapshot-update` writes them again; see `test_snapshots`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from porch_tui.tui.app.app import PorchApp
from porch_tui.tui.model.outside import NoRepository, Outside
from porch_tui.tui.terminal.options import ScreenOptions
from tests.tui.conflict_harness import AUTH, TWO_FILES, ParkedRun
from tests.tui.diff.test_diff_screen import Desk, World, waiting
from tests.tui.grid.test_grid import eight
from tests.tui.recordings import Recording, busy
from tests.tui.test_snapshots import Compare, Teller
from tests.tui.timeline.test_timeline_screen import night

LARGER = [pytest.param(size, marks=pytest.mark.slow) for size in ((120, 36), (200, 50))]
SIZES = [(80, 24), *LARGER]
SLOW = [pytest.param((80, 24), marks=pytest.mark.slow), *LARGER]
"""For what has goldens in text already."""


def picture(run: Recording, outside: Outside | None = None, **options: bool) -> PorchApp:
    """Return the app on a recording."""
    shown = ScreenOptions(fps=0, **options)
    return PorchApp(run.session(), options=shown, outside=outside or NoRepository(), now=run.clock)


def pressing(app: PorchApp, *keys: str) -> Callable[[Pilot[None]], object]:
    """Return what presses keys, and waits for what they begin."""

    async def press(pilot: Pilot[None]) -> None:
        for key in keys:
            await pilot.press(key)
            await app.workers.wait_for_complete()
            await pilot.pause()

    return press


@pytest.mark.parametrize("size", SLOW)
def test_the_grid(snap_compare: Compare, tmp_path: Path, size: tuple[int, int]) -> None:
    app = picture(eight(tmp_path))

    assert snap_compare(app, run_before=pressing(app, "a"), terminal_size=size)


@pytest.mark.parametrize("size", SIZES)
def test_the_timeline_of_two_days(snap_compare: Compare, tmp_path: Path, size: tuple[int, int]) -> None:
    app = picture(night(tmp_path))

    assert snap_compare(app, run_before=pressing(app, "t", "j"), terminal_size=size)


@pytest.mark.parametrize("size", SIZES)
def test_the_report(snap_compare: Compare, tmp_path: Path, size: tuple[int, int]) -> None:
    run = busy(tmp_path)
    app = picture(run, Teller(run))

    assert snap_compare(app, run_before=pressing(app, "o", "space"), terminal_size=size)


@pytest.mark.parametrize("size", SIZES)
def test_a_diff(snap_compare: Compare, tmp_path: Path, size: tuple[int, int]) -> None:
    app = picture(waiting(tmp_path), World(Desk()))

    assert snap_compare(app, run_before=pressing(app, "d", "j"), terminal_size=size)


@pytest.mark.parametrize("size", SLOW)
def test_a_marked_log(snap_compare: Compare, tmp_path: Path, size: tuple[int, int]) -> None:
    app = picture(busy(tmp_path))
    keys = ("j", "z", "2", "v", "k", "k")

    assert snap_compare(app, run_before=pressing(app, *keys), terminal_size=size)


@pytest.mark.parametrize("is_colorless", [False, True])
@pytest.mark.parametrize("size", SLOW)
def test_a_conflict(snap_compare: Compare, tmp_path: Path, size: tuple[int, int], is_colorless: bool) -> None:
    run = ParkedRun(tmp_path, *TWO_FILES)
    app = picture(run, run.beside(), is_colorless=is_colorless, is_ascii=is_colorless)

    async def look(pilot: Pilot[None]) -> None:
        app.board.choose(AUTH)
        await pressing(app, "c", "=")(pilot)  # type: ignore[misc]

    assert snap_compare(app, run_before=look, terminal_size=size)
