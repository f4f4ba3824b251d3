"""Which workers have left a cluster for good, by what its scheduler says of them over time. Pure.

A worker that is not there may be about to come back: it was killed and is started again, or its scheduler
was. It takes nothing with it, since a process of its own runs the attempts. So only one that the scheduler
has retired is gone at once; any other, when it has not come back for a while.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from porch_tui.places.dask.asking import DaskWorker

GONE_AFTER_S = 60.0
"""A worker that waits for a scheduler which was killed was seen to come back after 23 s."""
RETIRED = "its dask worker was retired"
LEFT = f"its scheduler has had no worker of its name for {GONE_AFTER_S:g} s"


class Roster:
    """The workers that are there, or may come back."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        """`known` are names of workers that were there before."""
        self._addresses: dict[str, str] = dict.fromkeys(known, "")
        """Where those were last that may come back."""
        self._away_since: dict[str, float] = {}
        self._retired: set[str] = set()

    def begin(self) -> None:
        """Count again from now how long each is away: the scheduler was, or there is another one."""
        self._away_since.clear()

    def retire(self, addresses: Collection[str]) -> None:
        """Note which workers the scheduler has sent away."""
        self._retired |= {name for name, address in self._addresses.items() if address in addresses}

    def look(self, workers: Iterable[DaskWorker], now: float) -> dict[str, str]:
        """Return who is gone, with the reason, each once. `now` is in seconds, by a steady clock."""
        there = {one.name: one.address for one in workers}
        self._addresses |= there
        self._retired -= there.keys()
        self._away_since = {
            name: self._away_since.get(name, now) for name in self._addresses if name not in there
        }
        gone = {
            name: RETIRED if name in self._retired else LEFT
            for name, since in self._away_since.items()
            if name in self._retired or now - since >= GONE_AFTER_S
        }
        for name in gone:
            del self._addresses[name]
        self._retired -= gone.keys()
        return gone
