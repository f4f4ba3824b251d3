"""Notice that nobody wants an attempt any more: its lease has not been renewed for too long.

A lease is a file, and renewing it sets its time. Which time that is does not matter, for a clock may jump:
what counts is that it changes, and for how long, by our own monotonic clock, it has not. That clock stands
still while the machine is suspended, as the attempt does.

Stdlib only and nothing of porch: the shim imports this file as it lies beside it.
"""

# pathlib would make every shim start 4 ms later, of 19:
# ruff: noqa: PTH116
from __future__ import annotations

import os
import time

CALM_S = 1.0
"""Between two looks, unless a tenth of the lease is less: so late its end is noticed at most."""


class Lease:
    """Watches over one lease. Without a file it can only run out; without a length it never does."""

    def __init__(self, path: str, lease_s: float | None) -> None:
        self._path, self._lease_s = path, lease_s
        self._seen = 0 if lease_s is None else self._renewed()
        self._since = time.monotonic()
        """When it was first seen to be as it is."""
        self.patience_s = float("inf") if lease_s is None else min(lease_s / 10, CALM_S)

    def has_run_out(self) -> bool:
        """Look whether it has been renewed, and say whether it has not for too long."""
        if self._lease_s is None:
            return False
        renewed = self._renewed()
        if renewed not in (0, self._seen):
            self._seen, self._since = renewed, time.monotonic()
        return time.monotonic() - self._since > self._lease_s

    def _renewed(self) -> int:
        """Return what changes when it is renewed; 0 when it cannot be read, which renews nothing."""
        try:
            return os.stat(self._path).st_mtime_ns
        except OSError:
            return 0
