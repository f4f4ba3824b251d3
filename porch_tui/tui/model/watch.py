"""Follows the run for the screen: reads what is due, and says whether anything that is drawn has changed.

It knows the session and the clock, but no widget and no timer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from msgspec import Struct

from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.telemetry import Sample
from porch_tui.errors import PorchError
from porch_tui.present.amounts import left
from porch_tui.session.session import Session
from porch_tui.tui.model.messages import Message
from porch_tui.tui.model.view import EngineStatus, View, derive
from porch_tui.tui.terminal.options import ScreenOptions

START_PATIENCE_S = 10.0
"""An engine that has not taken the run for so long has failed to start."""
REMAINING_EVERY_S = 2.0
"""How often it is worked out how long the run still takes."""
REMAINING_SHARE = 0.1
"""Near the end sooner: after this share of what was left."""
REMAINING_PAUSE = 50.0
"""Or after so many times as long as that took: a large run is simulated for some time."""
STALE_S = 10.0
"""A sample older than this says nothing about now."""


class EngineStart(Struct, frozen=True):
    """When an engine was started, and how many records there were then."""

    at: float
    records: int


class Pace(Struct):
    """Says when the next time is due."""

    every_s: float
    last: float = float("-inf")

    def is_due(self, now: float) -> bool:
        """Say whether it is due, and if so count from now."""
        # abs: a clock that was set back must not stop the screen
        if abs(now - self.last) < self.every_s:
            return False
        self.last = now
        return True


class Watch:
    """The newest view of a run."""

    def __init__(self, session: Session, options: ScreenOptions, now: Callable[[], float]) -> None:
        slow = 2.0 if options.is_low_bandwidth else 1.0
        self._session = session
        self._now = now
        # with each tick: what is new must be on the screen within 0.2 s (tests/bench/adding.py)
        self._records = Pace(1.0 if options.is_low_bandwidth else 0.05)
        self._clock = Pace(slow)
        self._usage = Pace(slow)
        self._engine = Pace(1.0)
        self._predictions = Pace(slow)
        self._remaining = Pace(REMAINING_EVERY_S)
        self._start = self._start_now() if session.is_engine_expected else None
        self._notice = Message("")
        state = session.state
        self.view = View(
            state,
            derive(state),
            EngineStatus.GONE,
            now=state.changed_at,
            can_start_engine=session.can_start_engine,
            options=options,
        )
        self.look()

    def look(self, *, is_urgent: bool = False) -> bool:
        """Read what is due (records and engine always, if urgent); say whether there is a new view."""
        before, now = self.view, self._now()
        try:
            if self._records.is_due(now) or is_urgent:
                self._session.catch_up()
            if self._engine.is_due(now) or is_urgent:
                self._look_at_engine(now)
            trouble = ""
        except PorchError as error:
            trouble = str(error)
        state = self._session.state
        derived = before.derived if state is before.state else derive(state, before.derived)
        view = replace(self.view, state=state, derived=derived, trouble=trouble)
        view = replace(view, usage=self._usages(view, now))
        if self._predictions.is_due(now):
            view = replace(view, predictions=self._session.predictions())
        view = replace(view, now=self._time(view, now))
        self.view = replace(view, left=self._left(view, now))
        return not self.view.looks_like(before)

    def take_notice(self) -> Message:
        """Return a message about the engine, once; mostly an empty one."""
        notice, self._notice = self._notice, Message("")
        return notice

    def start_engine(self) -> None:
        """Start an engine, and expect it."""
        self._session.start_engine()
        self.expect_engine()

    def expect_engine(self) -> None:
        """Expect an engine that is being started."""
        if self.view.engine is EngineStatus.GONE and self._session.can_start_engine:
            self._start = self._start_now()
            self.view = replace(self.view, engine=EngineStatus.STARTING)

    def _start_now(self) -> EngineStart:
        return EngineStart(self._now(), len(self._session.records))

    def _look_at_engine(self, now: float) -> None:
        engine = EngineStatus.GONE
        if self._session.is_engine_alive():
            engine, self._start = EngineStatus.ALIVE, None
        elif self._start is not None and len(self._session.records) > self._start.records:
            self._start = None  # only an engine writes: it has come and gone between two looks
        elif self._start is not None and now - self._start.at < START_PATIENCE_S:
            engine = EngineStatus.STARTING
        elif self._start is not None:
            self._start = None
            if not self.view.derived.is_at_rest:
                why = f"The engine did not start; see {self._session.rundir.engine_log}"
                self._notice = Message(why, lambda later: later.engine is not EngineStatus.GONE)
        is_waiting = engine is EngineStatus.GONE and self._session.has_waiting_commands
        self.view = replace(self.view, engine=engine, has_waiting_commands=is_waiting)

    def _left(self, view: View, now: float) -> str:
        """Return how long the run still takes; worked out in a small share of the time only."""
        opened = self._session.opened
        if view.engine is not EngineStatus.ALIVE or view.derived.is_at_rest or opened.predicted is None:
            return ""
        if not self._remaining.is_due(now):
            return self.view.left
        from porch_tui.core.scheduling.remaining import remaining_s  # not needed for a run without an engine

        began = time.monotonic()
        seconds = remaining_s(view.state, opened.predicted, now)
        soon_s = REMAINING_EVERY_S if seconds is None else min(REMAINING_EVERY_S, seconds * REMAINING_SHARE)
        self._remaining.every_s = max(soon_s, REMAINING_PAUSE * (time.monotonic() - began))
        return "" if seconds is None else left(seconds)

    def _usages(self, view: View, now: float) -> Mapping[TaskId, Sample]:
        active = view.state.active
        if not active:
            return {}
        if not self._usage.is_due(now):
            return {task: one for task, one in view.usage.items() if task in active}
        seen = ((task, self._session.sample(task)) for task in active)
        return {task: one for task, one in seen if one is not None and now - one.at < STALE_S}

    def _time(self, view: View, now: float) -> float:
        """Return the time to show: it stands still unless an engine works, or tasks do without one."""
        is_running = view.engine is EngineStatus.ALIVE and not view.derived.is_at_rest
        if not is_running:
            measured = max((one.at for one in view.usage.values()), default=0.0)
            return max(view.state.changed_at, min(max(view.now, measured), now))
        return float(int(now)) if self._clock.is_due(now) or view.state is not self.view.state else view.now
