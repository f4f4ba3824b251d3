"""The page before a run begins, on the terminal as it is: go on, edit the plan, or leave all as it was.

It goes on after a moment, unless a key says otherwise.
"""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from enum import Enum, auto

from porch_tui.cli.output.printing import has_colors, write
from porch_tui.tui.terminal.modes import sent, single_keys

WAITS_S = 3.0
"""For a key, before it goes on."""
KEYS = "enter starts   e edits the plan   q cancels"
BOLD, PLAIN, CLEAR = "\x1b[1m", "\x1b[0m", "\r\x1b[2K"


class Choice(Enum):
    """What the person wants."""

    START = auto()
    EDIT = auto()
    CANCEL = auto()


CHOICES = {
    b"\r": Choice.START,
    b"\n": Choice.START,
    b"e": Choice.EDIT,
    b"q": Choice.CANCEL,
    b"\x1b": Choice.CANCEL,
    b"": Choice.CANCEL,  # the terminal is gone
}


def asked(lines: Sequence[str], *, waits_s: float | None = WAITS_S, can_start: bool = True) -> Choice:
    """Show the lines and return what the person chooses; START after `waits_s`, if that is not None.

    Any other key makes it wait for as long as the person likes. Raises KeyboardInterrupt.
    """
    title, rest = lines[0], lines[1:]
    write("\n".join([f"{BOLD}{title}{PLAIN}" if has_colors() else title, *rest, "", ""]))
    terminal = sys.stdin.fileno()
    with single_keys(terminal):
        until = None if waits_s is None else time.monotonic() + waits_s
        while True:
            _show_keys(None if until is None else until - time.monotonic(), can_start=can_start)
            key = _key(terminal, until)
            if key is None:
                choice = Choice.START
            elif key in CHOICES:
                choice = CHOICES[key]
            else:
                until = None
                continue
            if choice is not Choice.START or can_start:
                _put(f"{CLEAR}")
                return choice


def _show_keys(left_s: float | None, *, can_start: bool) -> None:
    keys = KEYS if can_start else KEYS.partition("   ")[2]
    when = "" if left_s is None else f"   starts in {max(1, round(left_s))} s: space waits"
    _put(f"{CLEAR}{keys}{when}")


def _put(text: str) -> None:
    with suppress(OSError):  # the terminal was hung up
        sys.stdout.flush()
        os.write(sys.stdout.fileno(), text.encode())


def _key(terminal: int, until: float | None) -> bytes | None:
    """Return the next key; None when the time is over. Shows the seconds that are left."""
    while True:
        left_s = None if until is None else until - time.monotonic()
        if left_s is not None and left_s <= 0:
            return None
        ready, _, _ = select.select([terminal], [], [], None if left_s is None else min(left_s, 1.0))
        if ready:
            # what a key sends in several bytes, an arrow for example, comes at once
            pressed = sent(terminal, 64)
            return pressed if len(pressed) > 1 and pressed.startswith(b"\x1b") else pressed[:1]
        if left_s is not None:
            _show_keys(left_s - 1.0, can_start=True)
