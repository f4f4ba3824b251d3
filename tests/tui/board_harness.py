"""The screen on a recording without a terminal, and the words a test talks about it with."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from porch_tui.core.model.commands import AnyCommand
from porch_tui.journal import inbox
from porch_tui.tui.app.app import PorchApp
from porch_tui.tui.board.board import Board
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.model.outside import Outside
from porch_tui.tui.terminal.options import Leaving, ScreenOptions
from tests.tui.recordings import Recording

PATIENCE_S = 30.0
GOLDENS = Path(__file__).parent / "goldens"
STILL = ScreenOptions(fps=0)
"""No timer: the test calls `tick`."""


class Screened:
    """The app on a recording, as a test talks about it."""

    def __init__(self, app: PorchApp, run: Recording, pilot: Pilot[Leaving]) -> None:
        self.app, self.run, self.pilot = app, run, pilot

    @property
    def board(self) -> Board:
        return self.app.board

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def resize(self, width: int, height: int) -> None:
        """Give the window another size, and wait until every row is drawn for it."""
        await self.pilot.resize_terminal(width, height)
        async with asyncio.timeout(PATIENCE_S):
            while self.app.screen.size != (width, height) or self.board.size != (width, height):
                await self.pilot.pause()
        await self.pilot.pause()

    async def tick(self, seconds: float = 1.0) -> None:
        """Let time pass, and the timer tick once."""
        self.run.wait(seconds)
        self.app.tick()
        await self.pilot.pause()

    def rows(self) -> list[str]:
        """Return the screen as text, row by row."""
        return [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]

    def text(self) -> str:
        return "\n".join(self.rows())

    def shows(self, text: str) -> bool:
        """Say whether a text stands on the screen, in one row."""
        return any(text in row for row in self.rows())

    def sent(self) -> list[AnyCommand]:
        """Return the commands that wait in the run's inbox, oldest first."""
        return [one for _, one in inbox.take(self.run.rundir) if not isinstance(one, inbox.Problem)]

    def answer_with(self, *events: object) -> None:
        """Answer the one command that was sent, as an engine would, and take it out of the inbox."""
        ((file, command),) = inbox.take(self.run.rundir)
        inbox.done(file)
        self.run.say(*events, cause=command.id)  # type: ignore[arg-type]

    def repainted_rows(self) -> int:
        """Return how many rows of any widget were marked for repainting since the last frame."""
        widgets = list(self.board.walk_children(with_self=True))
        return sum(region.height for widget in widgets for region in widget._exchange_repaint_regions())


@asynccontextmanager
async def on_board(
    run: Recording,
    size: tuple[int, int] = (120, 36),
    options: ScreenOptions = STILL,
    *,
    has_engine: bool = True,
    start_engine: Callable[[], None] | None = None,
    outside: Outside | None = None,
) -> AsyncIterator[Screened]:
    """Open the screen on a recording, beside a living engine by default."""
    with ExitStack() as stack:
        if has_engine:
            stack.enter_context(run.engine())
        app = PorchApp(run.session(start_engine), options=options, outside=outside, now=run.clock)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield Screened(app, run, pilot)


def rows_of(widget: Rows) -> list[str]:
    """Return the rows of a widget as text."""
    return ["".join(span.text for span in line).rstrip() for line in widget.compose_lines()]


def assert_golden(name: str, text: str) -> None:
    """Compare with the golden of that name; PORCH_UPDATE_GOLDENS=1 writes it."""
    path = GOLDENS / f"{name}.txt"
    if os.environ.get("PORCH_UPDATE_GOLDENS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text + "\n")
    assert path.read_text() == text + "\n"
