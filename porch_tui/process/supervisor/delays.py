"""How long the processes of a step were ready to run and waited for a core, because others had it.

The kernel says so of living processes only, so they are asked now and then, and the first one at its end;
for the others it is assumed that they fared alike.

Stdlib only, and of porch nothing but the files beside it: the shim imports this file from its own folder.
"""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False  # importing typing takes 4 of a shim's 19 ms
if TYPE_CHECKING:
    from collections.abc import Iterable

    from porch_tui.process.supervisor import kernel
else:
    import kernel

FIRST_LOOK_S = 0.25
"""After a step began, its processes are searched for; again each time after twice as long, since that reads
all of /proc."""
ASKED_EVERY = 0.1
"""Those that were found are asked each time the step has gone on for this share of its time."""
MOST_PROCESSES = 100
"""So many are asked: more say nothing else."""
SHORTEST_S = 0.02
SECOND = 1e9


class Delays:
    """Of one step. Where there is no /proc nothing is known, and no delay is assumed."""

    def __init__(self, began: float) -> None:
        """`began` is when the step did, in seconds of a monotonic clock."""
        self._began = began
        self._seen: dict[int, tuple[int, int]] = {}
        """Nanoseconds that each process ran, and waited for a core, when it was asked last."""
        self.next_look = self._next_search = began + FIRST_LOOK_S

    def look(self, now: float) -> None:
        """Ask the processes below this one, if it is time for that."""
        if now < self.next_look:
            return
        since_s = now - self._began
        self.next_look = now + max(FIRST_LOOK_S, ASKED_EVERY * since_s)
        if now >= self._next_search:
            self._next_search = now + since_s
            self.ask(pid for pid, _ in kernel.below(os.getpid())[:MOST_PROCESSES])
        else:
            self.ask(list(self._seen))

    def is_worth_asking(self) -> bool:
        """Say whether the step has taken long enough for a delay to matter; asking takes some of that."""
        return time.monotonic() - self._began >= SHORTEST_S

    def ask(self, pids: Iterable[int]) -> None:
        """Ask processes with all their threads; a zombie still answers."""
        for pid in pids:
            times = [kernel.run_times(pid, thread) for thread in kernel.threads(pid)]
            if times:
                self._seen[pid] = sum(ran for ran, _ in times), sum(waited for _, waited in times)

    def of(self, cpu_s: float) -> float:
        """Return for how many seconds processes that used so much processor time waited for a core."""
        ran = sum(ran for ran, _ in self._seen.values())
        waited = sum(waited for _, waited in self._seen.values())
        return cpu_s * waited / ran if ran else 0.0
