"""How long an attempt goes on without a sign of whoever ordered it.

Measured by a clock that goes on while the machine sleeps and that no one sets: what a sleeping machine missed
counts, and a wrong wall clock does not.

Stdlib only, nothing of porch but the files beside it: the shim imports this file from its own folder.
"""

from __future__ import annotations

import sys
import time

TYPE_CHECKING = False  # importing typing takes 4 of a shim's 19 ms
if TYPE_CHECKING:
    from porch_tui.process.supervisor import spool
else:
    import spool


def now() -> float:
    """Return seconds since some moment, sleep included where the system tells."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if sys.platform == "linux" else time.time()


class Lease:
    """The lease of one attempt; none if `length_s` is None."""

    def __init__(self, directory: str, length_s: float | None, begun_at: float = 0.0) -> None:
        """`begun_at` is the time of a file that was made just now, by the clock of the lease's own."""
        self._directory, self._length_s = directory, length_s
        self._seen = spool.renewed_at(directory)
        # it was ordered before its worktree was made, which may have taken long
        waited_s = begun_at - self._seen if self._seen else 0.0
        self._since = now() - max(0.0, waited_s)

    def why_over(self) -> str:
        """Return why the attempt must end now; empty: it goes on."""
        if self._length_s is None:
            return ""
        renewed = spool.renewed_at(self._directory)
        if renewed != self._seen:
            self._seen, self._since = renewed, now()
        if now() - self._since <= self._length_s:
            return ""
        return f"ended on its own: no engine could be reached for {self._length_s:g} s"
