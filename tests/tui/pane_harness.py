"""A log pane in an app without a terminal, and the words a test talks about it with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import wraps
from pathlib import Path
from typing import Any

from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot

from porch_tui.tui.log.pane import LogPane
from porch_tui.tui.terminal.terminal import install_safe_filter

WIDTH, HEIGHT = 60, 11
ROWS = HEIGHT - 1
PATIENCE_S = 30.0


class PaneApp(App[None]):
    """One pane and nothing else; the test is the timer."""

    def __init__(self, pane: LogPane) -> None:
        super().__init__()
        install_safe_filter(self)
        self.pane = pane

    def compose(self) -> ComposeResult:
        yield self.pane


class Shown:
    """A pane on a log file, as a test talks about it."""

    def __init__(self, pane: LogPane, path: Path, pilot: Pilot[None]) -> None:
        self.pane, self.path, self.pilot = pane, path, pilot

    def rows(self) -> list[str]:
        strips = self.pane.render_lines(Region(0, 0, *self.pane.size))
        assert all(strip.cell_length == self.pane.size.width for strip in strips)
        return [strip.text.rstrip() for strip in strips]

    def title(self) -> str:
        return " ".join(self.rows()[0].split())

    def body(self) -> list[str]:
        return [row for row in self.rows()[1:] if row]

    def first(self) -> str:
        return self.rows()[1]

    def last(self) -> str:
        return self.body()[-1]

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def resize(self, width: int, height: int) -> None:
        """Give the terminal another size, and wait until the pane has it."""
        await self.pilot.resize_terminal(width, height)
        async with asyncio.timeout(PATIENCE_S):
            while self.pane.size != (width, height):
                await self.pilot.pause()

    def write(self, text: str) -> None:
        with self.path.open("a") as file:
            file.write(text)
        self.pane.tick()

    def repainted(self) -> list[tuple[int, int]]:
        """Return the rows marked for repainting since the last frame, as (first, count)."""
        regions = self.pane._exchange_repaint_regions()
        return sorted((region.y, region.height) for region in regions)


@asynccontextmanager
async def on_screen(
    pane: LogPane, path: Path, size: tuple[int, int] = (WIDTH, HEIGHT)
) -> AsyncIterator[Shown]:
    async with PaneApp(pane).run_test(size=size) as pilot:
        pane.show(path, path.stem)
        pane.focus()
        await pilot.pause()
        yield Shown(pane, path, pilot)


def in_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test in an event loop of its own."""

    @wraps(test)
    def run(*args: Any, **fixtures: Any) -> None:
        asyncio.run(test(*args, **fixtures))

    return run


def numbered(start: int, stop: int) -> str:
    return "".join(f"line {n}\n" for n in range(start, stop))
