"""A person inside the terminal of a task: what they do becomes bytes there, as the program has asked for it.

Nothing here waits: what the task does not take at once is given to it later.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from porch_tui.emulator import modes
from porch_tui.emulator.mouse import mouse_report
from porch_tui.emulator.screen import Screen
from porch_tui.session.stepping import NoTerminal, TypingInto
from porch_tui.session.task_terminal import TaskTerminal
from porch_tui.session.typed import FOCUS_IN, FOCUS_OUT, Kind, Piece
from porch_tui.tui.stepping.keyboard import Keyboard

MOST_WAITING_BYTES = 16 * 1024 * 1024
"""Of what the task has not taken. More than that is dropped."""
APPLIED_S = 1.0
"""For so long a size that was asked for may not have come back yet."""


class Visit:
    """From stepping in until leaving, or until the terminal is over."""

    def __init__(
        self,
        terminal: TaskTerminal,
        typing: TypingInto,
        write: Callable[[str], object],
        *,
        has_focus: bool = True,
        has_mouse: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`write` writes to the person's own terminal; `typing` must not wait."""
        self._terminal, self._typing, self._write, self._clock = terminal, typing, write, clock
        self._has_mouse = has_mouse
        self._keyboard = Keyboard(has_mouse=has_mouse)
        self._waiting: deque[tuple[bool, bytes]] = deque()
        """What the task has not taken yet: whether a person typed it, and the bytes."""
        self._waiting_bytes = 0
        self._size: tuple[int, int] | None = None
        """The one that was asked for last."""
        self._is_size_sent, self._sized_at = True, float("-inf")
        self._has_focus, self._is_focus_said = has_focus, False
        self._needs_redraw = terminal.is_late
        self.is_over = False
        """There is no terminal any more."""

    def begin(self) -> None:
        """Have the person's terminal send plain keys."""
        self._write(self._keyboard.begin())
        self.follow()

    def end(self) -> int:
        """Stop; return how many bytes that were typed were not taken."""
        self._say_focus(FOCUS_OUT)
        self.flush()
        self._write(self._keyboard.end())
        self._typing.close()
        return sum(len(data) for is_typed, data in self._waiting if is_typed)

    def restore(self) -> str:
        """Return what gives the person's terminal back while another program has it."""
        return self._keyboard.end()

    def resume(self) -> None:
        """Go on after that."""
        self._keyboard = Keyboard(has_mouse=self._has_mouse)
        self._write(self._keyboard.begin())
        self.follow()

    # --- what the person does

    def take(self, pieces: list[Piece]) -> None:
        """Pass on what was typed."""
        screen = self._screen
        for piece in pieces:
            is_mark = piece.kind is Kind.PASTE_MARK
            if not is_mark or (screen is not None and modes.PASTE in screen.modes):
                self._wait(piece.data, is_typed=True)
        self.flush()

    def mouse(self, code: int, x: int, y: int, *, is_up: bool = False) -> None:
        """Pass on what the mouse does at a cell of the terminal; see `mouse_report`."""
        if (screen := self._screen) is not None:
            self._wait(mouse_report(code, x, y, screen.modes, is_up=is_up))
            self.flush()

    def focus(self, *, is_in: bool) -> None:
        """Say whether the person's terminal has the focus."""
        self._has_focus = is_in
        self._say_focus(FOCUS_IN if is_in else FOCUS_OUT)

    def fit(self, cols: int, rows: int) -> None:
        """Give the task's terminal a size, unless someone who came later has given it theirs."""
        if (cols, rows) == self._size or not (self._size is None or self._is_own_size()):
            return
        self._size, self._is_size_sent, self._sized_at = (cols, rows), False, self._clock()
        self.flush()

    # --- what the task does

    def follow(self) -> None:
        """Have the person's terminal send what the program expects now."""
        if (screen := self._screen) is None:
            return
        self._write(self._keyboard.after(screen))
        is_wanted = modes.FOCUS in screen.modes
        if is_wanted and not self._is_focus_said and self._has_focus:
            self._say_focus(FOCUS_IN)  # its shim has said that no one looks
        self._is_focus_said = is_wanted

    def flush(self) -> None:
        """Give the task what it takes now."""
        try:
            if not self._is_size_sent and self._size is not None:
                self._is_size_sent = self._typing.resize(*self._size)
            if self._needs_redraw and self._is_size_sent:
                self._needs_redraw = not self._typing.redraw()
            while self._waiting:
                is_typed, data = self._waiting.popleft()
                left = (self._typing.type if is_typed else self._typing.pass_on)(data)
                self._waiting_bytes -= len(data) - left
                if left:
                    self._waiting.appendleft((is_typed, data[len(data) - left :]))
                    return
        except NoTerminal:
            self.is_over = True

    @property
    def _screen(self) -> Screen | None:
        return self._terminal.screen

    def _wait(self, data: bytes, *, is_typed: bool = False) -> None:
        if data and self._waiting_bytes < MOST_WAITING_BYTES:
            self._waiting.append((is_typed, data))
            self._waiting_bytes += len(data)

    def _say_focus(self, report: bytes) -> None:
        if self._screen is not None and modes.FOCUS in self._screen.modes:
            self._wait(report)
            self.flush()

    def _is_own_size(self) -> bool:
        """Whether this person stepped in last."""
        screen = self._screen
        is_under_way = self._clock() - self._sized_at < APPLIED_S
        return is_under_way or (screen is not None and (screen.cols, screen.rows) == self._size)
