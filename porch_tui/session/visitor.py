"""A person inside the terminal of a task: what they do becomes bytes there, as the program has asked for it.

Nothing here waits: what the task does not take at once is given to it later.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable

from porch_tui.emulator import modes
from porch_tui.emulator.mouse import mouse_report
from porch_tui.process.typing import NoTerminal, TypingInto
from porch_tui.session.task_terminal import TaskTerminal
from porch_tui.session.typed import FOCUS_IN, FOCUS_OUT, Kind, Piece

TYPE_CHECKING = False
if TYPE_CHECKING:  # the board is shown without an emulator
    from porch_tui.emulator.screen import Screen

MOST_WAITING_BYTES = 16 * 1024 * 1024
"""Of what the task has not taken."""
APPLIED_S = 1.0
"""For so long a size that was asked for may not have come back yet."""


class Visitor:
    """One person, from stepping in until leaving, or until the terminal is over."""

    def __init__(
        self,
        terminal: TaskTerminal,
        typing: TypingInto,
        *,
        has_focus: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`typing` must not wait."""
        self._terminal, self._typing, self._clock = terminal, typing, clock
        self._waiting: deque[tuple[bool, bytes]] = deque()
        """What the task has not taken yet: whether a person typed it, and the bytes."""
        self._waiting_bytes = 0
        self._size: tuple[int, int] | None = None
        """The one that was asked for last."""
        self._is_size_sent, self._sized_at = True, float("-inf")
        self._needs_redraw = False
        self._has_focus, self._is_focus_said = has_focus, False
        self.is_over = False
        """There is no terminal any more."""

    @property
    def is_full(self) -> bool:
        """Whether so much waits that no more should be given."""
        return self._waiting_bytes >= MOST_WAITING_BYTES

    @property
    def not_taken(self) -> int:
        """How many of the bytes that were typed the task has not taken."""
        return sum(len(data) for is_typed, data in self._waiting if is_typed)

    # --- what the person does

    def take(self, pieces: Iterable[Piece]) -> None:
        """Pass on what was typed, marks of pastes to a program that has asked for them."""
        for piece in pieces:
            if piece.kind is not Kind.PASTE_MARK or self._has_mode(modes.PASTE):
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
        if self._size is None:
            self._needs_redraw = self._terminal.is_late
        elif (cols, rows) == self._size or not self._is_own_size():
            return
        self._size, self._is_size_sent, self._sized_at = (cols, rows), False, self._clock()
        self.flush()

    def leave(self) -> None:
        """Say that no one looks any more, as far as the task takes it."""
        self._say_focus(FOCUS_OUT)
        self.flush()

    # --- what the task does

    def follow(self) -> None:
        """Take note of its size, and report the focus to a program that has just asked for that.

        Until now its shim has said that no one looks.
        """
        if self._has_own_size():
            self._sized_at = float("-inf")  # from now on another size is someone else's
        is_wanted = self._has_mode(modes.FOCUS)
        if is_wanted and not self._is_focus_said and self._has_focus:
            self._say_focus(FOCUS_IN)
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
        except NoTerminal:  # what it printed last may still be to be shown
            self.is_over = True
            self._waiting.clear()
            self._waiting_bytes = 0

    @property
    def _screen(self) -> Screen | None:
        return self._terminal.screen

    def _has_mode(self, mode: int) -> bool:
        return (screen := self._screen) is not None and mode in screen.modes

    def _wait(self, data: bytes, *, is_typed: bool = False) -> None:
        if data:
            self._waiting.append((is_typed, data))
            self._waiting_bytes += len(data)

    def _say_focus(self, report: bytes) -> None:
        if self._has_mode(modes.FOCUS):
            self._wait(report)
            self.flush()

    def _is_own_size(self) -> bool:
        """Whether this person stepped in last."""
        return self._clock() - self._sized_at < APPLIED_S or self._has_own_size()

    def _has_own_size(self) -> bool:
        return (screen := self._screen) is not None and (screen.cols, screen.rows) == self._size
