"""A visit to the terminal of a task: draws it, and passes on what the person types, until they leave.

One loop, of one thread: what the person's terminal sends, the files of the task by time, signals.
"""

from __future__ import annotations

import os
import re
import select
import signal
import time
from collections.abc import Callable
from enum import Enum, auto

from msgspec import Struct

from porch_tui.cli.enter.mirror import Mirror
from porch_tui.cli.enter.own_terminal import OwnTerminal
from porch_tui.cli.enter.pace import Pace
from porch_tui.cli.enter.picture import Picture
from porch_tui.cli.enter.status_line import ASK_S, StatusLine
from porch_tui.emulator import modes
from porch_tui.emulator.mouse import REPORT, mouse_report
from porch_tui.emulator.window import Window
from porch_tui.process.typing import NoTerminal, TypingInto
from porch_tui.session.task_terminal import Phase, TaskTerminal
from porch_tui.session.typed import FOCUS_IN, FOCUS_OUT, Kind, Piece, Typed

TWICE_S = 0.3
"""Within this time the leave key, pressed again, goes to the task."""
SILENT_PASTE_S = 10.0
"""After it a paste whose end did not come is over, so that the leave key leaves."""
MOST_WAITING = 16 * 1024 * 1024
"""Bytes that a task has not taken; until it has, no more is read from the person's terminal."""
APPLIED_S = 1.0
"""For so long a size that was asked for may not have come back yet."""
READ_BYTES = 65_536
_ENDING = {signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT}


class Ending(Enum):
    """Why a visit ended."""

    LEFT = auto()
    OVER = auto()
    """The task has no terminal any more."""
    SIGNALLED = auto()


class Visited(Struct, frozen=True):
    """How a visit ended."""

    ending: Ending
    signal: int = 0
    not_taken: int = 0
    """Bytes that were typed and the task did not take."""


class Visit:
    """One person at the terminal of a task."""

    def __init__(
        self,
        task: TaskTerminal,
        typing: TypingInto | None,
        own: OwnTerminal,
        *,
        status: StatusLine,
        is_over: Callable[[], bool],
        leave: re.Pattern[bytes],
        bytes_per_second: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`typing` must not wait; None: the person only looks on. `leave` is the key that ends the visit.

        `is_over` is asked now and then whether the attempt has ended: a shim that was killed leaves no word.
        """
        self._task, self._typing, self._own = task, typing, own
        self._status, self._is_over, self._clock = status, is_over, clock
        self._typed = Typed(leave)
        self._mirror = Mirror()
        self._pace = Pace(clock(), bytes_per_second)
        self._waiting: list[tuple[bool, bytes]] = []
        """What the task has not taken yet: whether a person typed it, and the bytes."""
        self._asked: tuple[int, int] | None = None
        """The size that this visit wants the task to have."""
        self._is_asked, self._asked_at = False, float("-inf")
        self._has_focus, self._is_focus_said = True, False
        self._leaves_at: float | None = None
        self._read_at = self._asked_over_at = clock()
        self._has_new = True
        self._ended: Visited | None = None

    def run(self) -> Visited:
        """Visit until the person leaves, the terminal is over, or a signal ends it."""
        self._look()
        with self._own.taken():
            self._begin()
            try:
                while self._ended is None:
                    self._step()
            except OSError:
                self._end(Ending.SIGNALLED, signal.SIGHUP)  # the person's terminal is gone
            self._say_focus(FOCUS_OUT)
        assert self._ended is not None
        return self._ended

    def _begin(self) -> None:
        self._new_size()
        if self._typing is not None:
            self._ask_size()
            if self._task.is_late:
                self._typing.redraw()

    def _step(self) -> None:
        now = self._clock()
        self._send()
        self._look()
        if self._task.phase is Phase.OVER and not self._task.is_behind:
            self._end(Ending.OVER)
            return
        if now - self._asked_over_at >= ASK_S:
            self._asked_over_at = now
            if self._is_over():
                self._end(Ending.OVER)
                return
        self._draw(now)
        self._wait(now)

    # --- what is shown

    def _new_size(self) -> None:
        cols, rows = self._own.size
        cols, rows = max(cols, 1), max(rows, 1)
        self._picture = Picture(cols, rows)
        self._window = Window(cols, max(rows - 1, 1))
        self._has_new = True

    def _look(self) -> None:
        if self._task.look():
            self._has_new = True
            self._pace.found(self._clock())

    def _draw(self, now: float) -> None:
        screen = self._task.screen
        if screen is None or self._own.is_busy or not self._pace.may_draw(now):
            return
        if self._status.is_changed(now):
            self._has_new = True
        if not self._has_new:
            return
        self._has_new = False
        self._window.follow(screen)
        lines = self._window.lines(screen)
        if self._picture.rows > 1:
            lines.append(self._status.line(self._picture.cols, screen))
        out = self._picture.drawn(lines, self._window.cursor(screen))
        if self._typing is not None:
            self._say_new_focus()
            out = self._mirror.after(screen) + out
            self._own.may_report = self._mirror.reports
        if out:
            self._own.write(out)
            self._pace.drew(now, len(out))

    # --- waiting

    def _wait(self, now: float) -> None:
        poll = select.poll()
        if sum(len(data) for _, data in self._waiting) < MOST_WAITING:
            poll.register(self._own.source, select.POLLIN)
        poll.register(self._own.signals, select.POLLIN)
        if self._own.is_busy:
            poll.register(self._own.sink, select.POLLOUT)
        ready = dict(poll.poll(self._wait_s(now) * 1000))
        if self._own.signals in ready:
            for number in os.read(self._own.signals, READ_BYTES):
                self._signalled(number)
        if self._own.sink in ready:
            self._own.flush()
        now = self._clock()
        if self._own.source in ready:
            data = os.read(self._own.source, READ_BYTES)
            if not data:
                raise OSError("the terminal is gone")
            self._read_at = now
            self._take(self._typed.take(data), now)
        elif (patience := self._typed.patience_s) is not None and now - self._read_at >= patience:
            self._take(self._typed.rest(), now)
        if self._typed.in_paste and now - self._read_at > SILENT_PASTE_S:
            self._typed.end_paste()
        if self._leaves_at is not None and now >= self._leaves_at:
            self._end(Ending.LEFT)

    def _wait_s(self, now: float) -> float:
        has_more = self._task.is_behind or (self._has_new and not self._own.is_busy)
        waits = self._pace.wait_s(now, has_more=has_more)
        if (patience := self._typed.patience_s) is not None:
            waits = min(waits, self._read_at + patience - now)
        if self._leaves_at is not None:
            waits = min(waits, self._leaves_at - now)
        return max(waits, 0.0)

    def _signalled(self, number: int) -> None:
        if number in _ENDING:
            self._end(Ending.SIGNALLED, number)
        elif number == signal.SIGTSTP:
            self._own.stop()
            self._begin_again()
        elif number == signal.SIGCONT:
            if self._own.take_again():
                self._begin_again()
        elif number == signal.SIGWINCH and self._own.size != (self._picture.cols, self._picture.rows):
            decides = self._is_own_size()
            self._new_size()
            if decides:
                self._ask_size()

    def _begin_again(self) -> None:
        """Draw all of it: the terminal shows something else."""
        self._mirror = Mirror()
        self._new_size()

    # --- what is typed

    def _take(self, pieces: list[Piece], now: float) -> None:
        for piece in pieces:
            if self._ended is not None:
                return
            if piece.kind is Kind.LEAVE and self._leaves_at is None:
                self._leaves_at = now + TWICE_S
                continue
            if self._leaves_at is not None and piece.kind is not Kind.LEAVE:
                if piece.kind is Kind.KEYS:
                    self._end(Ending.LEFT)
                continue
            self._leaves_at = None
            self._pass_on(piece)
            self._pace.key(now)
        self._send()

    def _pass_on(self, piece: Piece) -> None:
        """Queue what a person's terminal has sent, as the task's program expects it."""
        screen = self._task.screen
        if self._typing is None or screen is None:
            if piece.data in {b"q", b"\x03"}:  # who only looks on types nothing: the usual keys end it too
                self._end(Ending.LEFT)
            return
        is_typed, data = True, piece.data
        match piece.kind:
            case Kind.PASTE_MARK:
                data = data if modes.PASTE in screen.modes else b""
            case Kind.FOCUS:
                self._has_focus = data == FOCUS_IN
                is_typed, data = False, data if modes.FOCUS in screen.modes else b""
            case Kind.MOUSE:
                is_typed, data = False, self._mouse(data)
            case Kind.KEYS | Kind.LEAVE | Kind.ANSWER:
                pass
        if data:
            self._waiting.append((is_typed, data))

    def _mouse(self, report: bytes) -> bytes:
        screen, found = self._task.screen, REPORT.fullmatch(report)
        assert screen is not None
        assert found is not None
        code, x, y = int(found["code"]), int(found["x"]) - 1, int(found["y"]) - 1
        if y >= self._window.rows or (place := self._window.place(x, y, screen)) is None:
            return b""
        return mouse_report(code, *place, screen.modes, is_up=found["kind"] == b"m")

    def _say_new_focus(self) -> None:
        """Report the focus to a program that has just asked for it: the shim has said that no one looks."""
        screen = self._task.screen
        is_wanted = screen is not None and modes.FOCUS in screen.modes
        if is_wanted and not self._is_focus_said and self._has_focus:
            self._say_focus(FOCUS_IN)
        self._is_focus_said = is_wanted

    def _say_focus(self, report: bytes) -> None:
        """Report that a person looks at it now, or no longer does."""
        screen = self._task.screen
        if self._typing is not None and screen is not None and modes.FOCUS in screen.modes:
            self._waiting.append((False, report))
            self._send()

    def _send(self) -> None:
        """Write what waits for the task, as far as it takes it."""
        if self._typing is None:
            return
        try:
            if not self._is_asked and self._asked is not None:
                self._is_asked = self._typing.resize(*self._asked)
            while self._waiting:
                is_typed, data = self._waiting.pop(0)
                left = (self._typing.type if is_typed else self._typing.pass_on)(data)
                if left:
                    self._waiting.insert(0, (is_typed, data[len(data) - left :]))
                    return
        except NoTerminal:  # what it printed last is still to be shown
            self._waiting.clear()

    # --- whose size

    def _ask_size(self) -> None:
        self._asked = self._window.cols, self._window.rows
        self._is_asked, self._asked_at = False, self._clock()
        self._send()

    def _is_own_size(self) -> bool:
        """Whether this person stepped in last: who came later has set another size."""
        screen = self._task.screen
        if self._typing is None or screen is None:
            return False
        is_under_way = self._clock() - self._asked_at < APPLIED_S
        return is_under_way or (screen.cols, screen.rows) == self._asked

    def _end(self, ending: Ending, number: int = 0) -> None:
        if self._ended is None:
            not_taken = sum(len(data) for is_typed, data in self._waiting if is_typed)
            self._ended = Visited(ending, number, not_taken)
