"""Runs the commands that call a person, `on_need` and `on_end`, beside the engine of a run.

Each is run at most once for the same need, or end: the journal has the call before its command runs.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

from porch_tui.cli.settings import Settings
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import CommandLine
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.ending import has_ended
from porch_tui.engine.engine import Engine
from porch_tui.git.runner import clean_environment
from porch_tui.present.calls import Calls
from porch_tui.present.explain import Need, needs
from porch_tui.present.needed import end_key, need_key
from porch_tui.process.call import why_call_failed
from porch_tui.report.call_json import call_document, call_line
from porch_tui.report.forms.as_json import as_json

LOOK_S = 0.2
TIMEOUT_S = 30.0
"""How long one command may take."""
WRITTEN_WITHIN_S = 60.0
"""The engine writes a call down within a moment, unless the disk is full."""


class Caller:
    """Watches a run at work in a thread of its own, from `begin` to `end`, and runs one command at a time."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        plan = engine.state.plan
        self._engine = engine
        self._commands: dict[e.CallKind, tuple[CommandLine, ...]] = {
            e.CallKind.NEED: tuple(filter(None, (plan.on_need, settings.on_need))),
            e.CallKind.END: tuple(filter(None, (plan.on_end, settings.on_end))),
        }
        self._calls = Calls(engine.state.called)
        self._seen: RunState | None = None
        self._failed: set[CommandLine] = set()
        """Commands whose failure is known: it is noticed once."""
        self._is_over, self._is_given_up = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._watch, name="calls", daemon=True)

    def begin(self) -> None:
        """Start watching, if there is anything to run."""
        if any(self._commands.values()):
            self._thread.start()

    def give_up(self) -> None:
        """Kill what runs, and call no more: the engine was asked to end."""
        self._is_given_up.set()

    def end(self) -> None:
        """Call for what the run has come to, and stop watching. For the thread of an engine at rest."""
        self._is_over.set()
        while self._thread.is_alive():
            self._engine.drain()  # a call waits until it is written down
            self._thread.join(LOOK_S)
        self._engine.drain()

    def _watch(self) -> None:
        is_last = False
        while not is_last and not self._is_given_up.is_set():
            is_last = self._is_over.wait(LOOK_S)
            state = self._engine.state
            if state is not self._seen or self._calls.is_waiting or is_last:
                self._look(state, is_last=is_last)
            self._seen = state

    def _look(self, state: RunState, *, is_last: bool) -> None:
        """Call if it is time to; the last time for everything that is left."""
        wanted = needs(state)
        is_asked_for = bool(self._commands[e.CallKind.NEED])
        if is_asked_for and (due := self._calls.due(state, wanted, time.monotonic(), is_last=is_last)):
            keys = tuple(need_key(state, need) for need in wanted)
            self._call(e.PersonCalled(e.CallKind.NEED, keys), state, wanted, due)
        if self._commands[e.CallKind.END] and not self._calls.is_waiting and has_ended(state):
            key = end_key(state)
            if state.closed_at is None and key != state.end_called:
                self._call(e.PersonCalled(e.CallKind.END, (key,)), state, wanted, ())

    def _call(
        self, event: e.PersonCalled, state: RunState, wanted: Sequence[Need], new: Sequence[Need]
    ) -> None:
        """Have the call written down, then run its commands; nothing is run that is not in the journal."""
        self._engine.offer(event)
        if not self._is_written(event):
            return
        text = as_json(call_document(event.kind, state, wanted, new), is_line=True).encode()
        tasks = [need.task for need in new if need.task]
        environ = {
            **clean_environment(),
            "PORCH_RUN": state.run,
            "PORCH_CALL": event.kind,
            "PORCH_TEXT": call_line(event.kind, state, new),
            "PORCH_TASK": tasks[0] if len(tasks) == 1 else "",
        }
        for command in self._commands[event.kind]:
            why = why_call_failed(
                command,
                text,
                Path(state.root),
                environ,
                timeout_s=TIMEOUT_S,
                is_given_up=self._is_given_up.is_set,
            )
            if why and command not in self._failed and not self._is_given_up.is_set():
                self._failed.add(command)
                self._engine.offer(e.Noticed(f"on_{event.kind} failed: {why}"))

    def _is_written(self, event: e.PersonCalled) -> bool:
        """Wait until the engine has written a call down; say whether it has."""
        deadline = time.monotonic() + WRITTEN_WITHIN_S
        while not is_called(self._engine.state, event):
            if self._is_given_up.wait(LOOK_S / 10) or time.monotonic() > deadline:
                return False
        return True


def is_called(state: RunState, event: e.PersonCalled) -> bool:
    """Say whether the journal has a call."""
    match event.kind:
        case e.CallKind.NEED:
            return state.called == frozenset(event.keys)
        case e.CallKind.END:
            return (state.end_called,) == event.keys
