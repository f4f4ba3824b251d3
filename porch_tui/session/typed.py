"""What a person's terminal sends, cut into what the task gets as it is, and what is looked at first.

A key, a report, a mark of a paste may come in any pieces. What may be the beginning of one waits for its
rest; who reads calls `rest` when none has come for `patience_s`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from enum import Enum, auto

from msgspec import Struct

from porch_tui.emulator.mouse import REPORT

PASTE_BEGIN, PASTE_END = b"\x1b[200~", b"\x1b[201~"
FOCUS_IN, FOCUS_OUT = b"\x1b[I", b"\x1b[O"
ESCAPE_S = 0.03
"""How long ESC alone may be the beginning of something; nearly always it is the key."""
SEQUENCE_S = 0.5
SILENT_PASTE_S = 10.0
"""After it a paste whose end did not come is over, so that the leave key leaves."""
TWICE_S = 0.3
"""Within this time the leave key, pressed again, goes to the task."""
_LONGEST = 40
"""Bytes; no sequence that is looked at is longer."""
_BEGINNING = re.compile(rb"\x1b(?:\[[<?0-9:;$]{0,%d}|O)?\Z" % _LONGEST)


class Kind(Enum):
    """What was sent."""

    KEYS = auto()
    PASTE_MARK = auto()
    """The begin or the end of a paste; what is between is `KEYS`."""
    MOUSE = auto()
    FOCUS = auto()
    LEAVE = auto()
    """The key that ends the visit."""
    ANSWER = auto()
    """To what the reader has asked the terminal."""


class Piece(Struct, frozen=True):
    """Bytes of one kind."""

    kind: Kind
    data: bytes


class Typed:
    """Cuts what one terminal sends."""

    def __init__(
        self,
        leave: re.Pattern[bytes],
        answers: re.Pattern[bytes] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`leave` matches the key that ends the visit: see `emulator.keys.pressed`. `answers`: see Kind."""
        self._in_paste = False
        self._rest = b""
        self._clock, self._taken_at = clock, clock()
        marks = rb"(?P<mark>\x1b\[20[01]~)|(?P<mouse>%b)|(?P<focus>\x1b\[[IO])"
        report = re.sub(rb"\?P<\w+>", b"?:", REPORT.pattern)
        marks = marks % report + (b"|(?P<answer>%b)" % answers.pattern if answers else b"|(?P<answer>(?!))")
        self._looked_at = re.compile(marks + b"|" + leave.pattern, leave.flags)

    @property
    def patience_s(self) -> float | None:
        """How long to wait for what follows; None if nothing is incomplete."""
        return (ESCAPE_S if self._rest == b"\x1b" else SEQUENCE_S) if self._rest else None

    def take(self, data: bytes) -> list[Piece]:
        """Return what is complete now."""
        now = self._clock()
        if now - self._taken_at > SILENT_PASTE_S:
            self._in_paste = False
        self._taken_at = now
        data, self._rest = self._rest + data, b""
        if beginning := _BEGINNING.search(data, max(len(data) - _LONGEST, 0)):
            data, self._rest = data[: beginning.start()], beginning[0]
        return self._cut(data)

    def rest(self) -> list[Piece]:
        """Return what waits as what it is so far: nothing followed."""
        data, self._rest = self._rest, b""
        return self._cut(data)

    def _cut(self, data: bytes) -> list[Piece]:
        pieces, at = [], 0
        while at < len(data):
            if self._in_paste:
                found = data.find(PASTE_END, at)
                end = len(data) if found < 0 else found
                pieces.append(Piece(Kind.KEYS, data[at:end]))
                at = end
                if found >= 0:
                    self._in_paste = False
                    pieces.append(Piece(Kind.PASTE_MARK, PASTE_END))
                    at += len(PASTE_END)
                continue
            match = self._looked_at.search(data, at)
            pieces.append(Piece(Kind.KEYS, data[at : match.start() if match else None]))
            if match is None:
                break
            at = match.end()
            if match["mark"]:
                self._in_paste = match[0] == PASTE_BEGIN
                pieces.append(Piece(Kind.PASTE_MARK, match[0]))
            elif match["mouse"] or match["focus"]:
                pieces.append(Piece(Kind.MOUSE if match["mouse"] else Kind.FOCUS, match[0]))
            elif match["answer"]:
                pieces.append(Piece(Kind.ANSWER, match[0]))
            elif match["down"]:
                pieces.append(Piece(Kind.LEAVE, match[0]))
        return [piece for piece in pieces if piece.data]
