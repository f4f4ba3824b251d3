"""Detects tasks that are silent or use ever more memory, with every sample; the core decides what follows."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct

from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.model.telemetry import Sample
from porch_tui.core.scheduling.notice import Quiet, noticed
from porch_tui.executors.executor import Offer
from porch_tui.journal.rundir import OUTPUT, RunDir
from porch_tui.process.machine import free_memory

IDLE_CPU = 0.01
"""Of a core: a task that uses less than this, while it may be silent, is silent. Many programs poll."""


class _Mark(Struct, frozen=True):
    """The last sign of life of an attempt."""

    at: float
    log_bytes: int
    cpu_s: float
    is_first: bool


class StallDetector:
    """Offers notices about tasks. For one thread, the one that samples."""

    def __init__(self, offer: Offer, state: Callable[[], RunState], rundir: RunDir) -> None:
        self._offer = offer
        self._state = state
        self._rundir = rundir
        self._marks: dict[str, _Mark] = {}
        self._memory_bytes = free_memory().total_bytes

    def look(self, samples: Mapping[str, Sample]) -> None:
        """Compare the newest samples, by attempt, with the previous ones."""
        state = self._state()
        marks = {}
        for task in state.active:
            attempt = state.tasks[task].attempt
            key = str(attempt.id) if attempt is not None else ""
            if key not in samples or state.tasks[task].status is not TaskStatus.RUNNING:
                continue  # time spent paused does not count as silence
            sample = samples[key]
            marks[key] = mark = self._mark(state, task, key, sample)
            quiet = Quiet(sample.at - mark.at, not mark.is_first)
            event = noticed(state, task, sample, quiet, self._memory_bytes)
            if event is not None:
                self._offer(event)
        self._marks = marks

    def _mark(self, state: RunState, task: TaskId, key: str, sample: Sample) -> _Mark:
        silence_s, last = state.specs[task].silence_s, self._marks.get(key)
        log_bytes = _size(self._rundir.attempt(key) / OUTPUT) if silence_s is not None else 0
        if last is None:
            return _Mark(sample.at, log_bytes, sample.cpu_s, is_first=True)
        has_worked = sample.cpu_s - last.cpu_s > IDLE_CPU * (silence_s or 0.0)
        if log_bytes == last.log_bytes and not has_worked:
            return last
        return _Mark(sample.at, log_bytes, sample.cpu_s, is_first=False)


def _size(path: Path) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116 - once a second for every task
    except OSError:
        return 0
