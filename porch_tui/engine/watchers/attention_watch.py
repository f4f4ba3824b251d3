"""Notices which running tasks wait for a person, and when they go on."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from porch_tui.agents.preset import interactive_of
from porch_tui.core.model import events as e
from porch_tui.core.model.state import Attempt, RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.emulator.attention import Titles
from porch_tui.engine.watchers.followed_output import FollowedOutput
from porch_tui.engine.watchers.last_rows import Patterns
from porch_tui.engine.watchers.watcher import Watcher
from porch_tui.executors.executor import Offer

PERIOD_S = 0.2
LOOK_BYTES = 4 * 1024 * 1024
"""What one look reads of all output together: some 30 ms. A flood is read when it has passed."""
LEAST_BYTES = 64 * 1024
"""What one look reads of the output of each, even so."""
BURST, RECOVERY_S = 20, 5.0
"""How often one attempt may begin or cease to wait at once, and after how long once more.

Some programs ring without end, and each time is written down for good.
"""


AGAIN_S = 1.0
"""After how long the same is offered again, if it has changed nothing."""


class _Known:
    """What is known of one attempt."""

    def __init__(self, output: FollowedOutput, now: float) -> None:
        self.output = output
        self._left, self._at = float(BURST), now
        self._offered: tuple[str | None, object] = None, None
        self._offered_at = now - AGAIN_S

    def news(self, attempt: Attempt, now: float) -> tuple[e.AttemptWaits | e.AttemptAnswered, ...]:
        """Return what has changed since what is known of the attempt; nothing if that is on its way."""
        call, began = self.output.call, self.output.began
        is_other = None not in (call, attempt.call, self._offered[1]) and began != self._offered[1]
        if self.output.is_unsure:
            return ()
        if call == attempt.call and not is_other:
            self._offered = call, began  # of an earlier engine, perhaps
            return ()
        if self._offered == (call, began) and now - self._offered_at < AGAIN_S:
            return ()
        if not self._may_offer(now):
            return ()
        self._offered, self._offered_at = (call, began), now
        if call is None:
            return (e.AttemptAnswered(attempt.id),)
        # answered, and called again, between two looks
        first = (e.AttemptAnswered(attempt.id),) if is_other else ()
        return *first, e.AttemptWaits(attempt.id, call)

    def _may_offer(self, now: float) -> bool:
        """Say whether there may be one more event, and count it."""
        self._left = min(self._left + (now - self._at) / RECOVERY_S, BURST)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class AttentionWatch(Watcher):
    """Looks at the output of all running attempts, several times a second."""

    def __init__(
        self,
        offer: Offer,
        state: Callable[[], RunState],
        directories: Callable[[], Mapping[e.AttemptId, Path]],
    ) -> None:
        self._offer, self._state, self._directories = offer, state, directories
        self._known: dict[e.AttemptId, _Known] = {}
        super().__init__("attention", PERIOD_S)

    def look(self) -> None:
        """Offer what has changed."""
        state, directories, now = self._state(), self._directories(), time.monotonic()
        alive = {one.id: one for one in _followed(state) if one.id in directories}
        for attempt in self._known.keys() - alive.keys():
            del self._known[attempt]
        for attempt in alive.keys() - self._known.keys():
            self._known[attempt] = _Known(_output(state, attempt, directories[attempt]), now)
        self._read()
        for attempt, known in self._known.items():
            for event in known.news(alive[attempt], now):
                self._offer(event)

    def _read(self) -> None:
        """Take in what is new; who was first of those that print a lot is last the next time."""
        left = LOOK_BYTES
        busy: list[e.AttemptId] = []
        for attempt, known in self._known.items():
            if read := known.output.look(max(left, LEAST_BYTES)):
                busy.append(attempt)
                left -= read
        for attempt in busy[:1]:
            self._known[attempt] = self._known.pop(attempt)


def _followed(state: RunState) -> Iterator[Attempt]:
    """Yield the attempts that may call a person: their processes run, frozen or not."""
    for task, attempt in state.active_attempts.items():
        is_alive = state.tasks[task].status in (TaskStatus.RUNNING, TaskStatus.PAUSED)
        if is_alive and not attempt.collections:
            yield attempt


def _output(state: RunState, attempt: e.AttemptId, directory: Path) -> FollowedOutput:
    spec = state.specs[attempt.task]
    if spec.open_stdin is not None:
        own = _compiled(spec.open_stdin.waits)
        patterns = Patterns(own, has_questions=own is None)
        return FollowedOutput(directory, has_terminal=False, has_open_stdin=True, patterns=patterns)
    if spec.terminal is None:
        return FollowedOutput(directory, has_terminal=False)
    own, form = _compiled(spec.terminal.waits), interactive_of(state.plan.agent_of(spec))
    if form is None:
        patterns, titles = Patterns(own, has_questions=own is None), Titles(own)
    else:
        patterns = Patterns(own, None if own else _compiled(form.waits))
        titles = Titles(own, _compiled(form.waiting_title), _compiled(form.working_title))
    return FollowedOutput(directory, has_terminal=True, patterns=patterns, titles=titles)


def _compiled(pattern: str) -> re.Pattern[str] | None:
    return re.compile(pattern) if pattern else None
