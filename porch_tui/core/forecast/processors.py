"""Cores that running jobs share, in simulated time.

A job computes for a part of its time and waits for the rest. As long as the cores suffice, all go at full
speed; else each gets an equal share, which slows down a job the more the more it computes. Jobs of one kind
have one clock, so that a job's end costs the logarithm of their number.
"""

from __future__ import annotations

from heapq import heappop, heappush
from math import inf

from porch_tui.core.model.forecast import Work

_KINDS = 4
"""How many kinds of jobs there are, by the share of their time in which they compute."""
_STEPS = 24
"""Of the bisection by which the share of each job is found: more precise than any time that is known."""


class Processors:
    """Runs jobs, and says which ends next. Time is in seconds from 0."""

    def __init__(self, cores: int) -> None:
        self.now = 0.0
        self._cores = float(max(1, cores))
        self._number = 0
        self._timers: list[tuple[float, int, object]] = []
        """What needs no processor, by the time it ends."""
        self._clocks = [0.0] * (_KINDS + 1)
        self._ends: list[list[tuple[float, int, object]]] = [[] for _ in range(_KINDS + 1)]
        """Jobs of each kind, by the reading of its clock at which they end."""
        self._demands = [0.0] * (_KINDS + 1)
        """Cores that the jobs of a kind would keep busy."""
        self._demanded: dict[int, tuple[int, float]] = {}
        """The kind of each job that needs a processor, and how many cores it would keep busy."""
        self._dropped: set[int] = set()
        self._shares: dict[tuple[float, ...], float] = {}
        self._speeds: list[tuple[int, float]] = []
        """Of each kind that has jobs; empty: there are none, or others than when that was found."""

    @property
    def idle(self) -> float:
        """The share of the cores, 0 to 1, that nothing uses."""
        return max(0.0, 1 - sum(self._demands) / self._cores)

    def begin(self, work: Work, what: object) -> int:
        """Start a job that ends with `what`; return its number."""
        self._number += 1
        width = min(work.width, self._cores)
        busy_s = work.cpu_s / width
        alone_s = busy_s + work.wait_s
        kind = round(_KINDS * busy_s / alone_s) if alone_s > 0 else 0
        if kind == 0:
            heappush(self._timers, (self.now + alone_s, self._number, what))
        else:
            demand = width * kind / _KINDS
            heappush(self._ends[kind], (self._clocks[kind] + alone_s, self._number, what))
            self._demands[kind] += demand
            self._demanded[self._number] = kind, demand
            self._speeds = []
        return self._number

    def drop(self, number: int) -> None:
        """End a job now; nothing is said of it any more."""
        self._dropped.add(number)
        self._release(number)

    def next(self) -> object | None:
        """Go on to the next end of a job and return what ended; None if none runs."""
        while True:
            speeds = self._speeds or self._found_speeds()
            best, ends_at = 0, self._timers[0][0] if self._timers else inf
            for kind, speed in speeds:
                at = self.now + (self._ends[kind][0][0] - self._clocks[kind]) / speed
                if at < ends_at:
                    best, ends_at = kind, at
            if ends_at == inf:
                return None
            passed_s = max(0.0, ends_at - self.now)
            self.now += passed_s
            for kind, speed in speeds:
                self._clocks[kind] += passed_s * speed
            _, number, what = heappop(self._ends[best] if best else self._timers)
            if best:
                self._speeds = []
                self._release(number)
            if number not in self._dropped:
                return what
            self._dropped.discard(number)

    def _release(self, number: int) -> None:
        kind, demand = self._demanded.pop(number, (0, 0.0))
        if kind:
            self._speeds = []
            # an empty kind is reset, so that no error of rounding stays
            self._demands[kind] = self._demands[kind] - demand if len(self._ends[kind]) else 0.0

    def _found_speeds(self) -> list[tuple[int, float]]:
        """Return how fast the jobs of each kind go that has any; 1 is as fast as alone."""
        share = self._share()
        kinds = range(1, _KINDS + 1)
        self._speeds = [(kind, _speed(kind / _KINDS, share)) for kind in kinds if self._ends[kind]]
        return self._speeds

    def _share(self) -> float:
        """Return the share of a core that each busy process gets."""
        wanted = sum(self._demands)
        if wanted <= self._cores:
            return 1.0
        if self._demands[_KINDS] == wanted:
            return self._cores / wanted
        key = tuple(round(demand, 2) for demand in self._demands)
        if key not in self._shares:
            low, high = self._cores / wanted / 4, 1.0
            for _ in range(_STEPS):
                share = (low + high) / 2
                used = sum(demand * _speed(kind / _KINDS, share) for kind, demand in enumerate(self._demands))
                low, high = (share, high) if used < self._cores else (low, share)
            self._shares[key] = high
        return self._shares[key]


def _speed(busy: float, share: float) -> float:
    """Return the speed of a job that computes for this share of its time, with a share of a core."""
    return share / (share * (1 - busy) + busy)
