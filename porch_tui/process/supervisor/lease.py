"""Ends an attempt that is not wanted any more: its lease has not been renewed for too long.

A lease is a file, and renewing it sets its modification time. Clocks may jump, so the time itself does not
matter: what counts is how long, by our monotonic clock, it has not changed. That clock does not advance while
the machine is suspended, and neither does the attempt.

Stdlib only, nothing of porch: the shim imports this file from its own folder.
"""

# importing pathlib takes 4 of a shim's 19 ms:
# ruff: noqa: PTH116
from __future__ import annotations

import os
import time

POLL_S = 1.0
"""Between two looks, or a tenth of the lease if that is less."""


class Lease:
    """Watches one lease. Without a file it runs out; without a length it never does."""

    def __init__(self, path: str, lease_s: float | None) -> None:
        self._path, self._lease_s = path, lease_s
        self._seen = 0 if lease_s is None else self._renewed()
        self._since = time.monotonic()
        """When its present time was first seen."""
        self.poll_s = float("inf") if lease_s is None else min(lease_s / 10, POLL_S)

    def has_run_out(self) -> bool:
        """Say whether it has not been renewed for too long."""
        if self._lease_s is None:
            return False
        renewed = self._renewed()
        if renewed not in (0, self._seen):
            self._seen, self._since = renewed, time.monotonic()
        return time.monotonic() - self._since > self._lease_s

    def _renewed(self) -> int:
        """Return its time; 0 when it cannot be read, which does not count as renewed."""
        try:
            return os.stat(self._path).st_mtime_ns
        except OSError:
            return 0
