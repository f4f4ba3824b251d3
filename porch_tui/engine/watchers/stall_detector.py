"""Detects tasks that are silent or use ever more memory, with every sample; the core decides what follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.model.telemetry import Sample
from porch_tui.core.scheduling.notice import Quiet, noticed
from porch_tui.executors.executor import Offer
from porch_tui.process.machine import free_memory

IDLE_CPU = 0.01
"""Of a core: a task that uses less than this, while it may be silent, is silent. Many programs poll."""


class StallDetector:
    """Offers notices about tasks. For one thread, the one that samples."""

    def __init__(self, offer: Offer, state: Callable[[], RunState]) -> None:
        self._offer = offer
        self._state = state
        self._alive: dict[str, tuple[Sample, bool]] = {}
        """The last sample with a sign of life, by attempt, and whether there was one since the first."""
        self._memory_bytes = free_memory().total_bytes

    def look(self, samples: Mapping[str, Sample]) -> None:
        """Compare the newest samples, by attempt, with the previous ones."""
        state = self._state()
        alive = {}
        for task, attempt in state.active_attempts.items():
            key = str(attempt.id)
            if key not in samples or state.tasks[task].status is not TaskStatus.RUNNING:
                continue  # time spent paused does not count as silence
            sample = samples[key]
            last, is_known = self._alive.get(key, (sample, False))
            idle_s = IDLE_CPU * (state.specs[task].silence_s or 0.0)
            if sample.log_bytes != last.log_bytes or sample.cpu_s - last.cpu_s > idle_s:
                last, is_known = sample, True
            alive[key] = last, is_known
            place = state.places.get(attempt.place)
            memory_bytes = place.memory_bytes if place is not None else self._memory_bytes
            event = noticed(state, task, sample, Quiet(sample.at - last.at, is_known), memory_bytes)
            if event is not None:
                self._offer(event)
        self._alive = alive
