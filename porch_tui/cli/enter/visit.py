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
from typing import assert_never

from msgspec import Struct

from porch_tui.cli.enter.mirror import Mirror
from porch_tui.cli.enter.own_terminal import OwnTerminal
from porch_tui.cli.enter.pace import Pace
from porch_tui.cli.enter.picture import Picture
from porch_tui.cli.enter.status_line import ASK_S, StatusLine
from porch_tui.emulator.mouse import REPORT
from porch_tui.emulator.window import Window
from porch_tui.process.typing import TypingInto
from porch_tui.session.task_terminal import Phase, TaskTerminal
from porch_tui.session.typed import FOCUS_IN, TWICE_S, Kind, Piece, Typed
from porch_tui.session.visitor import Visitor

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
        self._task, self._own = task, own
        self._visitor = Visitor(task, typing, clock=clock) if typing is not None else None
        self._status, self._is_over, self._clock = status, is_over, clock
        self._typed = Typed(leave, clock=clock)
        self._mirror = Mirror()
        self._pace = Pace(clock(), bytes_per_second)
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
            if self._visitor is not None:
                self._visitor.leave()
        assert self._ended is not None
        return self._ended

    def _begin(self) -> None:
        self._new_size()
        self._ask_size()

    def _step(self) -> None:
        now = self._clock()
        if self._visitor is not None:
            self._visitor.flush()
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
        if self._visitor is not None:
            self._visitor.follow()
            out = self._mirror.after(screen) + out
            self._own.may_report = self._mirror.reports
        if out:
            self._own.write(out)
            self._pace.drew(now, len(out))

    # --- waiting

    def _wait(self, now: float) -> None:
        poll = select.poll()
        if self._visitor is None or not self._visitor.is_full:
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
            self._new_size()
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

    def _pass_on(self, piece: Piece) -> None:
        """Give the task what a person's terminal has sent."""
        if self._visitor is None or self._task.screen is None:
            if piece.data in {b"q", b"\x03"}:  # who only looks on types nothing: the usual keys end it too
                self._end(Ending.LEFT)
            return
        match piece.kind:
            case Kind.FOCUS:
                self._visitor.focus(is_in=piece.data == FOCUS_IN)
            case Kind.MOUSE:
                self._mouse(self._visitor, piece.data)
            case Kind.KEYS | Kind.LEAVE | Kind.ANSWER | Kind.PASTE_MARK:
                self._visitor.take((piece,))
            case _ as unreachable:
                assert_never(unreachable)

    def _mouse(self, visitor: Visitor, report: bytes) -> None:
        screen, found = self._task.screen, REPORT.fullmatch(report)
        assert screen is not None
        assert found is not None
        code, x, y = int(found["code"]), int(found["x"]) - 1, int(found["y"]) - 1
        if y < self._window.rows and (place := self._window.place(x, y, screen)) is not None:
            visitor.mouse(code, *place, is_up=found["kind"] == b"m")

    def _ask_size(self) -> None:
        if self._visitor is not None:
            self._visitor.fit(self._window.cols, self._window.rows)

    def _end(self, ending: Ending, number: int = 0) -> None:
        if self._ended is None:
            not_taken = self._visitor.not_taken if self._visitor else 0
            self._ended = Visited(ending, number, not_taken)
