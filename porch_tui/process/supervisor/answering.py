"""Answers what a program asks of its terminal: programs wait for that before they draw, or take no keys.

The shim does it whoever looks, so that each query gets one answer. A screen is needed for it, which is made
and brought up to date from the log only when there is a query.

Stdlib only, and of porch nothing but `emulator`: the shim imports this file from its own folder.
"""

# importing pathlib takes 4 of a shim's 19 ms:
# ruff: noqa: PTH100, PTH120
from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # importing typing takes 4 of a shim's 19 ms
if not TYPE_CHECKING:
    PORCH = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    sys.path.append(os.path.dirname(PORCH))  # which -I leaves out

from porch_tui.emulator.queries import FOCUS_IN, FOCUS_OUT, PIECE_BYTES, may_ask  # noqa: E402

if TYPE_CHECKING:
    from porch_tui.emulator.queries import Answers
    from porch_tui.emulator.screen import Screen

MOST_BYTES = 256 * 1024
"""Of output before a query: more is not read to know where the cursor is."""


class Answering:
    """What answers for one terminal, whose output is at the end of an open log."""

    def __init__(self, log: int) -> None:
        self._log, self._seen = log, os.fstat(log).st_size
        """The log, and how much of it the screen has seen."""
        self._before = b""
        self._size = (80, 24)
        self._screen: Screen | None = None
        self._answers: Answers | None = None
        self._has_focus = False

    def after(self, output: bytes) -> bytes:
        """Return what to answer to output that was just appended to the log."""
        before, self._before = self._before, (self._before + output)[-PIECE_BYTES:]
        return self._catch_up() if may_ask(output, before) else b""

    def resize(self, cols: int, rows: int) -> None:
        """Take another size, from what is appended next on."""
        self._size = cols, rows
        if self._screen is not None:
            self._catch_up()
            self._screen.resize(cols, rows)

    def pass_on(self, report: bytes) -> None:
        """Learn from what a person's own terminal reports whether it has the focus."""
        came, went = report.rfind(FOCUS_IN), report.rfind(FOCUS_OUT)
        if came != went:
            self._set_focus(came > went)

    def left(self) -> bytes:
        """Return what to report when no person is inside any more, perhaps without having said so."""
        had_focus = self._has_focus
        self._set_focus(False)
        is_asked_for = self._answers is not None and self._answers.reports_focus
        return FOCUS_OUT if had_focus and is_asked_for else b""

    def _set_focus(self, has_focus: bool) -> None:
        self._has_focus = has_focus
        if self._answers is not None:
            self._answers.has_focus = has_focus

    def _catch_up(self) -> bytes:
        """Feed the screen what it has not seen; return the answers to that."""
        if self._answers is None:
            from porch_tui.emulator.history import History
            from porch_tui.emulator.queries import Answers
            from porch_tui.emulator.screen import Screen

            self._screen = Screen(*self._size, History(1))
            self._answers = Answers(self._screen)
            self._answers.has_focus = self._has_focus
        end = os.fstat(self._log).st_size
        start, self._seen = max(self._seen, end - MOST_BYTES), end
        return self._answers.after(os.pread(self._log, end - start, start))
