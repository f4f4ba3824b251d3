"""Where what a person types goes: to Textual, or past it, byte for byte, to the task they are inside.

Textual makes events of keys, and not all of what a key is gets through that: of 77 keys 7 arrived as others,
or not at all. So while the door is open, what the terminal sends is cut here. Textual gets what it needs:
mouse, focus, sizes and modes.

What comes from the terminal passes in Textual's thread for input; all else happens in that of the event loop.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context, copy_context
from threading import Lock

from textual.events import Key, Paste

from porch_tui.emulator.keys import key
from porch_tui.session.typed import PASTE_BEGIN, PASTE_END, TWICE_S, Kind, Piece, Typed

DEAF_S, MOST_DEAF_S = 0.7, 5.0
"""After the terminal of a task has ended: until there was a pause in what is typed, and at most."""
ANSWERS = re.compile(rb"\x1b\[48;[\d;:]+t|\x1b\[\?[\d;]+\$y")
"""Sizes and modes, which Textual has asked for."""
_UP = re.compile("\x1b\\[[\\d:;]*;\\d+:[23](?:;[\\d:]*)?[u~A-Z]")
"""Keys that repeat or go up. Textual takes them for broken ones; a task may have asked for them."""


class Door:
    """Open while a person is inside a task. What is typed ahead of the key that leaves goes to the task."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock, self._clock = Lock(), clock
        self._typed: Typed | None = None
        self._take: Callable[[list[Piece]], object] = lambda pieces: None
        self._left: Callable[[], object] = lambda: None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._context: Context = copy_context()
        self._is_leaving = False
        self._deaf_until = self._deaf_at_most = float("-inf")
        self._reads = self._leavings = 0
        """Counted so that a timer knows whether it is still of use."""
        self._ours_later = ""
        """For Textual, with what comes next."""

        self.is_lent = False
        """Nothing may be written to the terminal, which was given back."""
        self._lend: Callable[[], str] = lambda: ""
        self._resume: Callable[[], object] = lambda: None

    @property
    def is_open(self) -> bool:
        """Whether what is typed goes to a task."""
        return self._typed is not None

    def open(
        self,
        leave: re.Pattern[bytes],
        take: Callable[[list[Piece]], object],
        left: Callable[[], object],
        lend: Callable[[], str],
        resume: Callable[[], object],
    ) -> None:
        """Have `take` called with what is typed from now on, and `left` when `leave` has closed the door.

        `lend` returns what to write before another program has the terminal, and `resume` is called when that
        is over. All are called in the event loop that runs now.
        """
        with self._lock:
            self._typed, self._take, self._left = Typed(leave, ANSWERS), take, left
            self._lend, self._resume = lend, resume
            self._loop, self._context = asyncio.get_running_loop(), copy_context()
            self._is_leaving = False

    def close(self, *, is_sudden: bool = False) -> None:
        """Give Textual what is typed from now on.

        Suddenly: what a person goes on typing to a task that has ended is dropped. It is no order to porch.
        """
        with self._lock:
            self._close()
            if is_sudden:
                now = self._clock()
                self._deaf_until, self._deaf_at_most = now + DEAF_S, now + MOST_DEAF_S

    def type_ahead(self, event: Key | Paste) -> bool:
        """Take what Textual has read before the door was open, behind the key that opened it.

        Return whether it is open.
        """
        if not self.is_open:
            return False
        if isinstance(event, Paste):
            marked = (PASTE_BEGIN, Kind.PASTE_MARK), (event.text.encode(), Kind.KEYS)
            self._take([Piece(kind, data) for data, kind in (*marked, (PASTE_END, Kind.PASTE_MARK))])
            return True
        with suppress(ValueError):  # it has no bytes
            self._take([Piece(Kind.KEYS, (event.character or "").encode() or key(event.key))])
        return True

    def terminal_is_lent(self) -> str:
        """Return what to write before another program has the terminal, or the person's shell."""
        self.is_lent = True
        return self._lend() if self.is_open else ""

    def terminal_is_back(self) -> None:
        """Go on."""
        self.is_lent = False
        if self.is_open:
            self._resume()

    def through(self, text: str) -> list[str]:
        """Return what of a text from the terminal is for Textual. Bytes that are not UTF-8 are surrogates."""
        with self._lock:
            if self._typed is None:
                return [self._heard(text)]
            self._reads += 1
            pieces = self._typed.take(text.encode("utf-8", "surrogateescape"))
            self._wait_for_rest()
            ours, self._ours_later = [self._ours_later, *self._sorted(pieces)], ""
            return ours

    def _heard(self, text: str) -> str:
        if ":" in text:
            text = _UP.sub("", text)
        now = self._clock()
        if now < min(self._deaf_until, self._deaf_at_most):
            self._deaf_until = now + DEAF_S
            return ""
        return _readable(text.encode("utf-8", "surrogateescape"))

    def _sorted(self, pieces: list[Piece]) -> list[str]:
        """Hand over what is for the task; return the rest."""
        ours, theirs = [], []
        for at, piece in enumerate(pieces):
            if piece.kind in {Kind.MOUSE, Kind.FOCUS, Kind.ANSWER}:
                ours.append(_readable(piece.data))
            elif piece.kind is Kind.LEAVE and not self._is_leaving:
                self._is_leaving = True
                self._leavings += 1
                self._later(TWICE_S, self._leave, self._leavings)
            elif piece.kind is Kind.LEAVE or not self._is_leaving:
                self._is_leaving = False
                theirs.append(piece)
            else:  # something else was typed behind the leave key
                self._soon(self._take, theirs)
                self._close()
                self._soon(self._left)
                return [*ours, _readable(b"".join(one.data for one in pieces[at:]))]
        if theirs:
            self._soon(self._take, theirs)
        return ours

    def _close(self) -> None:
        self._typed, self._is_leaving = None, False

    def _leave(self, leaving: int) -> None:
        with self._lock:
            if not self._is_leaving or leaving != self._leavings:
                return
            self._close()
        self._left()

    def _wait_for_rest(self) -> None:
        if self._typed is not None and (patience := self._typed.patience_s) is not None:
            self._later(patience, self._take_rest, self._reads)

    def _take_rest(self, reads: int) -> None:
        """Take what waits for its end as what it is so far."""
        with self._lock:
            if self._typed is not None and reads == self._reads:
                self._ours_later += "".join(self._sorted(self._typed.rest()))

    def _later(self, seconds: float, act: Callable[[int], object], count: int) -> None:
        assert self._loop is not None
        self._soon(self._loop.call_later, seconds, act, count)

    def _soon(self, act: Callable[..., object], *arguments: object) -> None:
        assert self._loop is not None
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(act, *arguments, context=self._context)


def _readable(data: bytes) -> str:
    return data.decode("utf-8", "replace")
