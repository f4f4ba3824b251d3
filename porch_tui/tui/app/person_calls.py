"""Calls the person at their terminal when something needs them: title, bell, and a notification by choice."""

from __future__ import annotations

import os
import time
from asyncio import to_thread
from typing import Any

from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.present.calls import Calls
from porch_tui.present.needed import need_key, needed_line, title
from porch_tui.present.notify import BELL, Notify, notification
from porch_tui.present.window_title import has_title
from porch_tui.tui.model.outside import Outside
from porch_tui.tui.model.view import View
from porch_tui.tui.terminal.options import ScreenOptions
from porch_tui.tui.terminal.sequential_keys import SequentialKeysApp
from porch_tui.tui.terminal.terminal import door_of
from porch_tui.tui.terminal.window_title import WindowTitle, write

LOOKING_S = 30.0
"""So long after their last key a person is taken to look at what the cursor is on."""


class PersonCalls:
    """Follows the run for the person who has the screen open."""

    def __init__(
        self, app: SequentialKeysApp[Any], options: ScreenOptions, outside: Outside, view: View
    ) -> None:
        """Begin with what the screen shows them already. Call it in the app's `__init__`."""
        self._app = app
        self._options = options
        self._outside = outside
        self._title = WindowTitle(app, is_wanted=options.has_title and has_title())
        self._calls = Calls(need_key(view.state, need) for need in view.derived.needs)
        self._seen: RunState | None = None
        self._title.show(title(view.derived.results, view.derived.needs))

    def follow(self, view: View, now: float, chosen: TaskId | None) -> None:
        """Say how far the run is, and call the person if it is time to.

        Not about the `chosen` task, nor the one they are inside, while they are there: the terminal is in
        front, and they have pressed a key a moment ago.
        """
        if view.state is self._seen and not self._calls.is_waiting:
            return
        self._seen = view.state
        self._title.show(title(view.derived.results, view.derived.needs))
        is_typing = time.monotonic() - self._app.last_key_at < LOOKING_S or door_of(self._app).is_open
        is_there = self._app.app_focus and is_typing
        due = self._calls.due(view.state, view.derived.needs, now, chosen if is_there else None)
        if due:
            self._call(needed_line(due))

    def _call(self, text: str) -> None:
        how = self._options.notify
        is_in_tmux = bool(os.environ.get("TMUX"))
        sequence = notification(how, text, is_in_tmux=is_in_tmux)
        write(self._app, (BELL if self._options.has_bell else "") + sequence)
        if how is Notify.DESKTOP:
            self._app.run_worker(to_thread(self._outside.notify, text))
