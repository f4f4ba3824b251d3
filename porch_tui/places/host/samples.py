"""What running attempts use, and what room there is for others, said to engines once a second."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from porch_tui.places.host.session import Session
from porch_tui.places.wire import messages as m
from porch_tui.process import liveness
from porch_tui.process.machine import free_memory
from porch_tui.process.resource_usage import Sampler
from porch_tui.process.supervisor.kernel import Identity


class Samples:
    """Measures attempts and the machine."""

    def __init__(self, folder: Path) -> None:
        """`folder` is on the disk of the attempts."""
        self._folder, self._sampler = folder, Sampler()
        self._shims: dict[str, Identity] = {}

    def send(self, running: Mapping[m.Key, Path], sessions: Sequence[Session]) -> None:
        """Say to each engine what the attempts use that it follows; they are given by their directories."""
        shims = dict[str, Identity]()
        for key, directory in running.items():
            name = str(key)
            if name in self._shims:
                shims[name] = self._shims[name]
            elif isinstance(found := liveness.find(directory), liveness.Running):
                shims[name] = found.shim
        latest = self._sampler.sample(shims) if shims and sessions else {}
        self._shims = {name: shims[name] for name in latest} if latest else {}
        rows = tuple((key, latest[str(key)]) for key in running if str(key) in latest)
        disk, memory = shutil.disk_usage(self._folder), free_memory()
        for session in sessions:
            own = tuple(row for row in rows if row[0] in session.followed)
            session.send(
                m.Samples(own, time.time(), disk.free, disk.total, memory.available_bytes, memory.total_bytes)
            )
