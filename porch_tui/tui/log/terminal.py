"""The terminal that a log comes from: while it lives, a log pane shows it in place of lines.

To scroll back, search and copy, the pane reads a text of it, and shows the terminal again at the end of that.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from textual.events import MouseDown, MouseEvent, MouseMove, MouseUp
from textual.strip import Strip
from textual.widget import Widget

from porch_tui.session.readable_log import Transcripts
from porch_tui.session.task_terminal import BUDGET_BYTES, Phase
from porch_tui.tui.log.line_times import LineTimes
from porch_tui.tui.log.model import LogModel
from porch_tui.tui.log.view import LogView
from porch_tui.tui.stepping.live_terminal import LiveTerminal
from porch_tui.tui.stepping.stepping import Stepping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from porch_tui.session.terminal_text import TerminalText

_STAYING = {"last_line", "step_back", "toggle_raw", "next_times", "toggle_wrap"}
"""What changes nothing about a terminal that is shown as it is."""
_NO_BUTTON = 3
SLOW_BYTES, BYTES_A_CELL, BYTES_A_ROW = 8_000, 1.5, 16
"""What a slow line takes in a second; what of that a cell takes with its colours, and the way to a row."""


def is_plain(model: LogModel) -> bool:
    """Return whether the end of a log is followed, and nothing is searched for or marked."""
    return model.is_following and not model.has_steps_back


class LogTerminal:
    """What a pane shows in place of lines."""

    def __init__(
        self,
        pane: Widget,
        model: LogModel,
        view: LogView,
        leave_keys: tuple[str, ...],
        stepped: Callable[[str], object],
        *,
        is_far: bool,
    ) -> None:
        """`stepped` is called on stepping in and out, with a message."""
        self._pane, self._model, self._view, self._stepped = pane, model, view, stepped
        self._live = LiveTerminal(pane)
        self._stepping = Stepping(pane, self._live, self.draw, self._after, leave_keys, is_far=is_far)
        self._log: tuple[Path, Callable[[], LineTimes] | None, Transcripts | None] | None = None
        self._is_far, self._clock = is_far, time.monotonic
        self._is_due = False
        """There is something new to draw."""
        self._free_at = float("-inf")
        """When a slow line has taken what was drawn."""
        self._phase = Phase.NONE
        """The one for which the pane was last made ready; a person inside sees the next one first."""
        self._left: Callable[[], object] = lambda: None
        self._saved: TerminalText | None = None

    @property
    def is_shown(self) -> bool:
        """Whether it is shown as it is now, not lines."""
        return self._model.log is None and self._live.phase is Phase.LIVE

    @property
    def may_step_in(self) -> bool:
        """Whether what the person types may go to the task."""
        return not self._stepping.is_inside and self._live.may_step_in

    @property
    def how_to_leave(self) -> str:
        """The keys that leave the task that is shown; empty if the person is not inside."""
        return self._stepping.how_to_leave

    def status(self) -> str:
        """Return its size, and how to leave it."""
        screen = self._live.screen
        size = f"{screen.cols}x{screen.rows}" if screen else ""
        return f"{size}  {self.how_to_leave} leaves" if self.how_to_leave else size

    # --- which log

    def open(
        self, path: Path, times: Callable[[], LineTimes] | None, transcripts: Transcripts | None
    ) -> None:
        """Show a log: its terminal while that lives, else lines."""
        self._log = path, times, transcripts
        if self._live.directory != path.parent:
            self._stepping.leave()
            self._live.open(path)
            self._phase = self._live.phase
            self._model.close()
        self._open_lines()

    def look(self, budget_bytes: int) -> None:
        """Read what is new, at most so many bytes of a terminal, and draw it if that is shown."""
        self.draw(budget_bytes)
        phase, self._phase = self._phase, self._live.phase
        if self._phase is not phase and (self._model.log is None or is_plain(self._model)):
            self._show()
            self._open_lines()
        elif not self.is_shown:
            self._live.read_on()

    def close(self) -> None:
        """Leave it, and close the files."""
        self._stepping.leave()
        self._live.close()

    # --- as lines

    def step_aside(self, name: str, *arguments: object) -> bool:
        """Have lines shown for a method of the model; return whether it has anything to do."""
        if not self.is_shown:
            return True
        is_down = bool(arguments) and isinstance(arguments[0], int) and arguments[0] >= 0
        if name in _STAYING or is_down:
            return False
        self._read_as_text()
        return True

    def come_back(self) -> None:
        """Show it as it is if nothing is done with its lines any more."""
        if self._live.phase is Phase.LIVE and self._model.log is not None and is_plain(self._model):
            self._show()

    def readable(self) -> Path | None:
        """Return all of it as lines, for another program."""
        with suppress(OSError):
            self._saved = self._live.new_text()
            return self._saved.path
        return None

    def _open_lines(self) -> None:
        if self._log is not None and self._live.phase is Phase.NONE:
            self._model.open(*self._log)
        elif self._live.phase is Phase.OVER and self._live.text is None:
            self._read_as_text()

    def _read_as_text(self) -> None:
        if (text := self._live.take_text()) is not None:
            self._model.open(text)
            screen = self._live.screen
            if self._model.is_wrapped is not (screen is not None and screen.cols <= self._pane.size.width):
                self._model.toggle_wrap()

    # --- as it is

    def draw(self, budget_bytes: int = BUDGET_BYTES) -> None:
        """Read what is new, and draw it if it is shown."""
        self._is_due |= self._live.look(budget_bytes)
        if not self.is_shown:
            return
        regions, now = [], self._clock()
        if self._is_due and now >= self._free_at:
            self._is_due, regions = False, self._live.changes(is_inside=self._stepping.is_inside)
            if self._is_far:
                size = sum(one.area * BYTES_A_CELL + one.height * BYTES_A_ROW for one in regions)
                self._free_at = now + size / SLOW_BYTES
        top = self._view.title_rows
        if regions:
            self._pane.refresh(*(region.translate((0, top)) for region in regions))
        if self._stepping.is_inside:
            self._stepping.draw(top, has_changes=bool(regions))

    def rows(self, count: int) -> list[Strip]:
        """Return the first rows of the pane."""
        rows = [self._view.title_row(self.status())] * self._view.title_rows
        ground = self._view.ground
        return rows + [self._live.row(y, ground) for y in range(count - len(rows))]

    def forget_styles(self) -> None:
        """Forget what was drawn in the previous styles."""
        self._live.forget_styles()

    def _show(self) -> None:
        self._model.close()
        self._live.drop_text()
        self._live.look(BUDGET_BYTES)
        self._live.changes()
        self._pane.refresh()

    # --- stepping in

    def step_in(self, left: Callable[[], object] = lambda: None) -> None:
        """Have everything the person does go to the task, until they leave; `left` is called then."""
        self._left = left
        if not self.is_shown:
            self._show()
        self._pane.focus()
        self._stepping.step_in()
        self._pane.call_after_refresh(self.fit)

    def _after(self, message: str) -> None:
        if not self._stepping.is_inside:
            self._left()
        self._stepped(message)

    def leave(self) -> None:
        """Have everything the person does go to porch again."""
        self._stepping.leave()

    def fit(self) -> None:
        """Use the room that there is in the pane now."""
        width, rows = self._pane.size.width, self._pane.size.height - self._view.title_rows
        self._live.resize(width, rows)
        self._stepping.fit(width, rows)

    def focus(self, is_focused: bool) -> None:
        """Say whether the person's terminal has the focus."""
        self._stepping.focus(is_focused)

    def wheel(self, event: MouseEvent, button: int) -> bool:
        """Pass a turn of the wheel on; return whether the person is inside."""
        return self._stepping.mouse(event, button, self._view.title_rows)

    def mouse(self, event: MouseDown | MouseUp | MouseMove) -> bool:
        """Pass an event on, if the person is inside; return whether they are."""
        is_up, is_move = isinstance(event, MouseUp), isinstance(event, MouseMove)
        button = event.button - 1 if event.button else _NO_BUTTON
        top = self._view.title_rows
        is_inside = self._stepping.mouse(event, button, top, is_move=is_move, is_up=is_up)
        if is_up:
            self._pane.release_mouse()
        elif is_inside and not is_move:
            self._pane.capture_mouse()  # where it is let go counts, too
        return is_inside
