"""Pictures of tasks' terminals: on the board, in the grid, in the whole window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from porch_tui.tui.app.app import PorchApp
from porch_tui.tui.terminal.options import ScreenOptions
from tests.emulator.recorded import recording
from tests.session.terminal_files import TerminalFiles
from tests.tui.recordings import Recording

Compare = Callable[..., bool]
PLACES = {"board": [], "grid": ["a"], "window": ["z"]}
SIZES = {"small": (80, 24), "medium": (120, 36), "large": (160, 48)}


def at_work(folder: Path) -> Recording:
    """Return a run of three programs in terminals, recorded from real ones, and a task without."""
    names = ["agent", "editor", "files"]
    run = Recording(folder, [*names, "plain"]).start(*names, "plain")
    run.wait(41)
    for name, program in zip(names, ("codex", "vimedit", "top"), strict=True):
        recorded = recording(program)
        files = TerminalFiles(run.rundir.attempt(f"{name}.1"))
        files.size(*recorded.size)
        files.print(recorded.data)
    run.log("plain", "".join(f"step {n} of 40\n" for n in range(40)))
    return run


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("place", PLACES)
def test_a_terminal_looks_like_this(snap_compare: Compare, tmp_path: Path, place: str, size: str) -> None:
    run = at_work(tmp_path)
    with run.engine():
        app = PorchApp(run.session(), options=ScreenOptions(fps=0), now=run.clock)

        async def look(pilot: Pilot[None]) -> None:
            await pilot.press(*PLACES[place])
            for _ in range(4):
                app.tick()

        assert snap_compare(app, run_before=look, terminal_size=SIZES[size])
