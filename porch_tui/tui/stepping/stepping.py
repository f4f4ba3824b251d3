"""Stepping into the terminal that a pane shows, and leaving it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from textual.events import MouseEvent
from textual.geometry import Offset
from textual.timer import Timer
from textual.widget import Widget

from porch_tui.emulator.keys import pressed
from porch_tui.session.stepping import NoTerminal, step_into
from porch_tui.session.task_terminal import Phase
from porch_tui.session.typed import Piece
from porch_tui.tui.stepping.live_terminal import LiveTerminal
from porch_tui.tui.stepping.visit import Visit
from porch_tui.tui.terminal import terminal

LOOKS_A_S, FAR_LOOKS_A_S = 60, 15
"""How often the terminal is looked at while a person is inside, on this machine and over a slow line."""
ECHO_S = (0.001, 0.003, 0.008)
"""After so long the echo of a key is looked for: most are there."""
_MOVE, _WHEEL = 32, 64


class Stepping:
    """One pane's way into the task that it shows."""

    def __init__(
        self,
        pane: Widget,
        live: LiveTerminal,
        look: Callable[[], object],
        changed: Callable[[str], object],
        leave_keys: tuple[str, ...],
        *,
        is_far: bool,
    ) -> None:
        """`look` reads and draws what is new; `changed` is called on stepping in and out, with a message."""
        self._pane, self._live, self._look, self._changed = pane, live, look, changed
        self._leave_keys, self._is_far = leave_keys, is_far
        self._visit: Visit | None = None
        self._timer: Timer | None = None
        self._cursor: Offset | None = None
        """Where the terminal's own cursor is shown; None: it is hidden."""

    @property
    def is_inside(self) -> bool:
        """Whether the person is in the task."""
        return self._visit is not None

    @property
    def how_to_leave(self) -> str:
        """The keys that leave; empty if the person is not inside."""
        return " or ".join(self._leave_keys) if self.is_inside else ""

    def step_in(self) -> None:
        """Have everything the person does go to the task."""
        directory, task = self._live.directory, self._live.terminal
        if self._visit is not None or directory is None or task is None:
            return
        try:
            typing = step_into(directory)
        except (NoTerminal, OSError) as error:
            self._changed(str(error))
            return
        app = self._pane.app
        write, has_mouse = partial(terminal.write, app), terminal.has_mouse(app)
        self._visit = visit = Visit(task, typing, write, has_focus=app.app_focus, has_mouse=has_mouse)
        leave = pressed(self._leave_keys)
        terminal.door_of(app).open(leave, self._take, self.leave, visit.restore, self._resume)
        visit.begin()
        self._timer = self._pane.set_interval(1 / (FAR_LOOKS_A_S if self._is_far else LOOKS_A_S), self.tick)
        self._changed("")

    def leave(self, *, is_over: bool = False) -> None:
        """Have everything the person does go to porch again."""
        visit, self._visit = self._visit, None
        if visit is None:
            return
        terminal.door_of(self._pane.app).close(is_sudden=is_over)
        if self._timer is not None:
            self._timer.stop()
        left = visit.end()
        self._show_cursor(None)
        message = "the task's terminal is over" if is_over else ""
        if left:
            message = f"the task has not taken {left:,} bytes of what you typed"
        self._changed(message)

    def fit(self, cols: int, rows: int) -> None:
        """Give the task's terminal the size of the pane, if the person inside is the last who stepped in."""
        if self._visit is not None and cols > 0 and rows > 0:
            self._visit.visitor.fit(cols, rows)

    def tick(self) -> None:
        """Look for what is new."""
        if (visit := self._visit) is None:
            return
        visit.visitor.flush()
        self._look()
        visit.follow()
        if visit.visitor.is_over or self._live.phase is Phase.OVER:
            self.leave(is_over=True)

    def focus(self, is_focused: bool) -> None:
        """Say whether the person's terminal has the focus."""
        if self._visit is not None:
            self._visit.visitor.focus(is_in=is_focused)

    def mouse(
        self, event: MouseEvent, button: int, first_row: int, *, is_move: bool = False, is_up: bool = False
    ) -> bool:
        """Pass an event on; return whether the person is inside. The terminal begins in `first_row`."""
        if self._visit is None:
            return False
        place = self._live.place(int(event.x), int(event.y) - first_row)
        if place is not None:
            held = 4 * event.shift + 8 * event.meta + 16 * event.ctrl
            self._visit.visitor.mouse(button + held + _MOVE * is_move, *place, is_up=is_up)
            self._hurry()
        return True

    def draw(self, first_row: int, *, has_changes: bool) -> None:
        """Draw what has changed in the pane at once, and the cursor."""
        place = self._place(first_row)
        if has_changes:
            if self._cursor and place:  # the frame leaves it there
                self._pane.app.cursor_position = self._cursor = place
            terminal.draw_now(self._pane)
        self._show_cursor(place)

    def _place(self, first_row: int) -> Offset | None:
        """Return where the cursor belongs on the screen; None where it is not to be seen."""
        place, region = self._live.cursor(), self._pane.region
        if place is None or place[0] >= region.width or place[1] >= region.height - first_row:
            return None
        return Offset(region.x + place[0], region.y + first_row + place[1])

    def _show_cursor(self, place: Offset | None) -> None:
        if place != self._cursor:
            terminal.place_cursor(self._pane.app, place)
        self._cursor = place

    def _take(self, pieces: list[Piece]) -> None:
        if self._visit is not None:
            self._visit.take(pieces)
            self._hurry()

    def _hurry(self) -> None:
        if not self._is_far:
            loop = asyncio.get_running_loop()
            for delay in ECHO_S:
                loop.call_later(delay, self.tick)

    def _resume(self) -> None:
        """Go on after another program had the terminal."""
        if self._visit is not None:
            self._cursor = None
            self._visit.resume()
