"""Calls the person at the terminal where a run prints its lines: title, bell, notification by choice."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Mapping

from porch_tui.cli.output.streams import put_out
from porch_tui.cli.settings import Settings
from porch_tui.core.model.state import RunState
from porch_tui.present.calls import Calls
from porch_tui.present.explain import needs
from porch_tui.present.needed import need_key, needed_line, title
from porch_tui.present.notify import BELL, Notify, notification
from porch_tui.present.outcome import results
from porch_tui.present.window_title import GIVE_BACK, KEEP, has_title, title_set

LOOK_S = 0.5
"""Of a large run a look takes some 10 ms of the engine's time."""


def has_person(environ: Mapping[str, str] = os.environ) -> bool:
    """Say whether a person may see what is printed: not a file or a pipe, nor the log of a build server."""
    return sys.stdout.isatty() and environ.get("TERM") != "dumb" and not environ.get("CI")


class TerminalCalls:
    """Follows a run for the person at the terminal. What needs them at the beginning is no news."""

    def __init__(self, state: RunState, settings: Settings) -> None:
        self._settings = settings
        self._calls = Calls(need_key(state, need) for need in needs(state))
        self._seen: RunState | None = None
        self._looked_at = 0.0
        self._title = ""
        self._has_title = settings.title and has_title()
        if self._has_title:
            _write(KEEP)

    def follow(self, state: RunState) -> None:
        """Say how far the run is, and call the person if it is time to. Quick, and for any moment."""
        now = time.monotonic()
        if now - self._looked_at >= LOOK_S and (state is not self._seen or self._calls.is_waiting):
            self._looked_at = now
            self._look(state, now)

    def end(self, state: RunState, *, is_given_up: bool) -> None:
        """Call for what is left, unless the run `is_given_up`, and give the title back."""
        if not is_given_up:
            self._look(state, time.monotonic(), is_last=True)
        if self._has_title:
            _write(GIVE_BACK)

    def _look(self, state: RunState, now: float, *, is_last: bool = False) -> None:
        self._seen = state
        wanted = needs(state)
        text = title(results(state), wanted)
        if self._has_title and text != self._title:
            self._title = text
            _write(title_set(text))
        if due := self._calls.due(state, wanted, now, is_last=is_last):
            self._call(needed_line(due))

    def _call(self, text: str) -> None:
        how = self._settings.notify
        sequence = notification(how, text, is_in_tmux=bool(os.environ.get("TMUX")))
        _write((BELL if self._settings.bell else "") + sequence)
        if how is Notify.DESKTOP:
            from porch_tui.cli.desktop import notify

            threading.Thread(target=notify, args=(text,), name="desktop").start()


def _write(sequence: str) -> None:
    put_out(sequence.encode("utf-8", "replace"))
