"""Watches how busy the machine is while tasks run or wait, and adapts the number of slots, memory and pauses.

The core decides, from one reading; here the machine is only read, twice a second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from porch_tui.core.model.copying import replace
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.model.telemetry import Sample
from porch_tui.core.scheduling.auto_pause import auto_pause
from porch_tui.core.scheduling.slots import Reading, adapted, room
from porch_tui.core.scheduling.taken import tasks_here
from porch_tui.engine.watchers.watcher import Watcher
from porch_tui.executors.executor import Offer

SMOOTHING = 0.3
"""The weight of one reading: tasks that run at one moment may wait at the next."""
MEMORY_EVERY = 10
"""Readings. Free memory fluctuates; a task that has declared what it needs can wait a moment for it."""


class LoadWatch(Watcher):
    """Offers another number of slots or amount of memory, or tasks to pause for a while."""

    def __init__(
        self,
        offer: Offer,
        state: Callable[[], RunState],
        samples: Callable[[], Mapping[str, Sample]],
        reading: Callable[[], Reading],
    ) -> None:
        """`reading` returns how busy the machine was since its last call."""
        self._offer = offer
        self._state = state
        self._samples = samples
        self._reading = reading
        self._demand = 0.0
        self._readings = 0
        """Since a task began to wait, without interruption."""
        super().__init__("load", period_s=0.5)

    def look(self) -> None:
        """Take one reading, and offer what follows from it."""
        state = self._state()
        if state.closed_at is not None:
            return
        is_waiting = any(task.status is TaskStatus.PENDING for task in state.tasks.values())
        if not is_waiting:
            self._readings = 0
        if not state.active and not is_waiting:
            return
        reading = self._reading()
        step = auto_pause(state, reading)
        if step is not None:
            self._offer(step)
        if not is_waiting:
            return
        self._readings += 1
        if self._readings == 1:
            return  # it covers a time in which no task waited
        latest = self._samples()
        lives = ((task, state.tasks[task].attempt) for task in tasks_here(state))
        attempts = {task: str(one.id) for task, one in lives if one is not None}
        samples = {task: latest[attempt] for task, attempt in attempts.items() if attempt in latest}
        rss = {task: sample.rss_bytes for task, sample in samples.items()}
        # a task without a sample is assumed to keep a core busy
        demand = sum(samples[task].demand if task in samples else 1.0 for task in tasks_here(state))
        self._demand += SMOOTHING * (demand - self._demand) if self._readings > 2 else demand - self._demand
        slots = adapted(state, replace(reading, demand=self._demand), rss)
        if slots is not None:
            self._offer(slots)
        memory = room(state, reading, rss) if self._readings % MEMORY_EVERY == 2 else None
        if memory is not None:
            self._offer(memory)
