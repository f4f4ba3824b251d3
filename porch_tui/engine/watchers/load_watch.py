"""Watches how busy the machine is while tasks run or wait, and offers what changes for them because of it.

What is to change is decided in the core, from one reading; here it is only read, twice a second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.model.telemetry import Sample
from porch_tui.core.scheduling.shortage import eased
from porch_tui.core.scheduling.slots import Reading, adapted, room
from porch_tui.engine.watchers.watcher import Watcher
from porch_tui.executors.executor import Offer

TICK_S = 0.5
SMOOTHING = 0.3
"""How much one reading counts beside those before: who runs at one moment may wait at the next."""
ROOM_EVERY = 10
"""Ticks. Free memory goes up and down; who has declared what it needs can wait a moment for it."""


class LoadWatch(Watcher):
    """Offers another number of slots or amount of memory, or whom to pause for a while, until `end`."""

    def __init__(
        self,
        offer: Offer,
        state: Callable[[], RunState],
        samples: Callable[[], Mapping[str, Sample]],
        reading: Callable[[], Reading],
    ) -> None:
        """`reading` says how busy the machine is, since it was last asked."""
        self._offer = offer
        self._state = state
        self._samples = samples
        self._reading = reading
        self._demand = 0.0
        self._ticks = 0
        """Since somebody waits, without a break."""
        super().__init__("load")

    def look(self) -> None:
        """Take one reading, and offer what follows from it."""
        state = self._state()
        is_anybody_waiting = state.closed_at is None and _is_anybody_waiting(state)
        if not is_anybody_waiting:
            self._ticks = 0
        if state.closed_at is not None or not (state.active or is_anybody_waiting):
            return
        reading = self._reading()
        step = eased(state, reading)
        if step is not None:
            self._offer(step)
        if not is_anybody_waiting:
            return
        self._ticks += 1
        if self._ticks == 1:
            return  # it covers a time in which nobody waited
        samples = _samples_of(state, self._samples())
        rss = {task: sample.rss_bytes for task, sample in samples.items()}
        # of whom nothing was seen yet is taken to keep a core busy
        demand = sum(samples[task].demand if task in samples else 1.0 for task in state.active)
        self._demand += SMOOTHING * (demand - self._demand) if self._ticks > 2 else demand - self._demand
        slots = adapted(state, replace(reading, demand=self._demand), rss)
        if slots is not None:
            self._offer(slots)
        memory = room(state, reading, rss) if self._ticks % ROOM_EVERY == 2 else None
        if memory is not None:
            self._offer(memory)

    def _watch(self) -> None:
        while not self._is_over.wait(TICK_S):
            self.look()


def _is_anybody_waiting(state: RunState) -> bool:
    return any(task.status is TaskStatus.PENDING for task in state.tasks.values())


def _samples_of(state: RunState, samples: Mapping[str, Sample]) -> dict[TaskId, Sample]:
    """Return the last sample of each task that runs and was sampled."""
    latest = ((task, state.tasks[task].attempt) for task in state.active)
    found = ((task, samples.get(str(attempt.id))) for task, attempt in latest if attempt is not None)
    return {task: sample for task, sample in found if sample is not None}
