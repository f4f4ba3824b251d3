"""Samples what running attempts use, once a second, in one pass for all; never into the journal."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from porch_tui.core.telemetry import Sample
from porch_tui.journal import telemetry
from porch_tui.process import liveness
from porch_tui.process.usage import Sampler

PERIOD_S = 1.0


class UsageRecorder:
    """Writes samples for the attempts it is told of, in a thread of its own, until `end`."""

    def __init__(self, directories: Callable[[], Mapping[str, Path]]) -> None:
        self._directories = directories
        self._sampler = Sampler()
        self._peaks: dict[str, int] = {}
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._record, name="usage", daemon=True)

    def begin(self) -> None:
        """Start sampling."""
        self._thread.start()

    def end(self) -> None:
        """Stop sampling; returns when the thread is gone."""
        self._is_over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _record(self) -> None:
        while not self._is_over.wait(PERIOD_S):
            self.sample_once()

    def sample_once(self) -> None:
        """Write one sample for each attempt that runs now."""
        directories = self._directories()
        roots = {
            key: found.shim_pid
            for key, directory in directories.items()
            if isinstance(found := liveness.find(directory), liveness.Running)
        }
        if not roots:
            return
        for key, usage in self._sampler.sample(roots).items():
            peak = self._peaks[key] = max(self._peaks.get(key, 0), usage.rss_bytes)
            sample = Sample(
                time.time(), usage.cpu_percent, usage.cpu_s, usage.rss_bytes, peak, usage.processes
            )
            with suppress(OSError):  # a full disk may cost samples, never the run
                telemetry.append(directories[key], sample)
